"""`contest_sources`: what a work unit of the contests stage read, and what it kept of it."""

import pyarrow as pa

from schemas.dataset import dataset

CONTEST_SOURCES = dataset(
    "contest_sources",
    "contests",
    "some entries of one SOURCE: how many were read, and what came of them",
    ("source", pa.string(), "the format: leetcode, exercism, apps, …"),
    ("unit", pa.int32(), "the work unit that read them"),
    ("repo", pa.string(), "the project, tree or collection that holds them"),
    ("commit", pa.string(), "commit or release version; null where there is none"),
    ("licence_spdx", pa.string(), "SPDX expression of what was read, or NOASSERTION"),
    ("entries", pa.int64(), "folders, records or files read"),
    ("problems", pa.int64(), "problems seen: kept + rejected"),
    ("kept", pa.int64(), "problems kept as rows of `contest_problems`"),
)
