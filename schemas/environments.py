"""`environments`: one attempt to make a project's environment and to run its tests in it."""

import pyarrow as pa

from schemas.dataset import dataset

TEXTS = pa.list_(pa.string())
LOCKED = pa.struct(
    [
        ("name", pa.string()),
        ("version", pa.string()),
        ("file", pa.string()),
        ("sha256", pa.string()),
        ("installed", pa.bool_()),
    ]
)
ENVIRONMENTS = dataset(
    "environments",
    "ci",
    "one attempt to make a project's environment and to run its tests in it",
    ("repo", pa.string(), "project name, without its version"),
    ("commit", pa.string(), "commit or release version; null where there is none"),
    ("archive_sha256", pa.string(), "the archive in DATA/archives that holds the project"),
    ("attempt", pa.int64(), "its number among the project's attempts, from 1"),
    ("chosen", pa.bool_(), "whether the project's calls were recorded in it"),
    ("rank", pa.int64(), "the recipe's rank in `recipes`"),
    ("source", pa.string(), "the recipe's source"),
    ("rung", pa.string(), "today, hygiene, named or dated: how interpreter and index were chosen"),
    ("python", pa.string(), "the interpreter's version"),
    ("before", pa.date32(), "the index as of this day; null for all of it"),
    ("installed", pa.string(), "as asked, not editable, or from its tree; null if it was not"),
    ("repairs", TEXTS, "what a failed run was found to lack, and was given"),
    ("state", pa.string(), "green, partly, failed or not_built"),
    ("cause", pa.string(), "the first cause why it is not green, from a closed list"),
    ("cause_line", pa.string(), "the line of a log that shows the cause"),
    ("passed", pa.int64(), "tests that passed"),
    ("failed", pa.int64(), "tests that failed"),
    ("skipped", pa.int64(), "tests that were skipped"),
    ("tests_failed", TEXTS, "the names of the tests that failed, or not every time"),
    ("lock", pa.list_(LOCKED), "every distribution that it was made of, in order of files"),
    ("traces", pa.int64(), "files of recorded calls"),
    (
        "lines_dropped",
        pa.map_(pa.string(), pa.int64()),
        "lines of these files that are no calls, by reason",
    ),
    (
        "modules_sha256",
        pa.string(),
        "the zip in DATA/archives of its modules, which problems above standalone are lent",
    ),
    ("log", pa.string(), "the end of what the last step printed"),
    ("seconds", pa.float64(), "how long it took"),
    ("cpu", pa.float64(), "CPU seconds besides the tests"),
    ("tests_cpu", pa.float64(), "CPU seconds of the tests"),
)
