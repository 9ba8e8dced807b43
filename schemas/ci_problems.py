"""`ci_problems`: a problem made of a project's function and its recorded calls."""

import pyarrow as pa

from schemas.contest_problems import PROBLEM
from schemas.dataset import dataset

CI_PROBLEMS = dataset(
    "ci_problems",
    "ci",
    "one function of a tested project as a problem, before verification",
    *PROBLEM,
    ("level", pa.string(), "standalone, third_party, or package (the project is imported)"),
    ("qualname", pa.string(), "as __qualname__: function or Class.method"),
    ("start_line", pa.int64(), "line of the first decorator or `def` in its file, from 1"),
    ("end_line", pa.int64(), "its last line"),
    ("docstring", pa.string(), "its docstring, as written; null if it has none"),
    ("context", pa.string(), "imports and definitions of the project that the prompt begins with"),
    ("traced_tests", pa.list_(pa.string()), "the tests of the project that made the calls"),
    ("outputs", pa.int64(), "how many different outcomes the tests have"),
    (
        "environment",
        pa.string(),
        "`modules_sha256` of the environment that it is lent; null if it stands alone",
    ),
    ("attempt", pa.int64(), "the attempt in `environments` whose tests made the calls"),
    ("is_library", pa.bool_(), "whether the function is no part of the project itself"),
)
