"""`corpus`: a file that passed the filters; of duplicates the representative, or all, marked."""

import pyarrow as pa

from schemas.dataset import dataset
from schemas.quality import QUALITY

CORPUS = dataset(
    "corpus",
    "corpus",
    "one kept file, with its signals, the duplicates it stands for, its split, and marks",
    ("repo", pa.string(), "project name"),
    ("path", pa.string(), "path inside the project"),
    ("commit", pa.string(), "commit or release version"),
    ("content", pa.string(), "the file's text"),
    ("sha256", pa.string(), "hex digest of the content as UTF-8"),
    ("git_sha1", pa.string(), "git's id of the original bytes, if the input has it"),
    ("size", pa.int64(), "bytes (of the original file, if the input has its size)"),
    ("licence_spdx", pa.string(), "SPDX expression of the project"),
    ("stars", pa.int64(), "stars on the forge"),
    ("repo_id", pa.int64(), "the forge's number of the repository, if the input has it"),
    ("lines", pa.int64(), "lines"),
    ("mean_line", pa.float64(), "mean line length in characters"),
    ("max_line", pa.int64(), "longest line in characters"),
    ("alphanumeric", pa.float64(), "fraction of alphanumeric characters"),
    ("exact_copies", pa.int64(), "identical files dropped in its favour"),
    ("near_copies", pa.int64(), "near duplicates dropped in its favour"),
    *QUALITY,
    ("split", pa.string(), "train or validation, by repository"),
    ("duplicate_of", pa.string(), "sha256 of the file that represents it; null if none does"),
    ("similarity", pa.float64(), "Jaccard with that file, 1 if the content is the same"),
)
