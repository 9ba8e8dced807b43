"""`signals`: the measurements of each file that the corpus stage read."""

import pyarrow as pa

from schemas.dataset import dataset
from schemas.quality import QUALITY

SIGNALS = dataset(
    "signals",
    "corpus",
    "measurements of one input file, in the order of its unit",
    ("unit", pa.int32(), "the work unit that read it"),
    ("row", pa.int32(), "its place in the unit"),
    ("repo", pa.string(), "project name"),
    ("path", pa.string(), "path inside the project"),
    ("commit", pa.string(), "commit or release version"),
    ("sha256", pa.binary(32), "digest of the content as UTF-8; null if it is not UTF-8"),
    ("git_sha1", pa.string(), "git's id of the original bytes, if the input has it"),
    ("size", pa.int64(), "bytes (of the original file, if the input has its size)"),
    ("characters", pa.int64(), "characters"),
    ("lines", pa.int64(), "lines, split at \\n; an empty last line does not count"),
    ("mean_line", pa.float64(), "mean line length in characters"),
    ("max_line", pa.int64(), "longest line in characters"),
    ("alphanumeric", pa.float64(), "fraction of characters for which str.isalnum() holds"),
    ("stars", pa.int64(), "stars on the forge"),
    ("repo_id", pa.int64(), "the forge's number of the repository, if the input has it"),
    ("licence_spdx", pa.string(), "SPDX expression of the project"),
    *QUALITY,
    ("reason", pa.string(), "the filter that drops it; null if none does"),
    ("value", pa.string(), "the value behind the reason"),
    ("signature", pa.binary(1000), "MinHash: 250 little-endian uint32; null outside near mode"),
)
