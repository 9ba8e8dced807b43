"""`removed`: the rows that a training feed must leave out under --policy drop."""

import pyarrow as pa

from schemas.dataset import dataset
from schemas.input_row import INPUT_ROW

REMOVED = dataset(
    "removed",
    "contamination",
    "a row, or a function of a file, to be left out of training; none under --policy report",
    ("dataset", pa.string(), "the dataset of the row: corpus, functions, problems or files"),
    ("granularity", pa.string(), "what is left out: file, function, problem, row or repository"),
    ("repo", pa.string(), "project name"),
    ("path", pa.string(), "path inside the project, or else the input file and the row's number"),
    ("commit", pa.string(), "commit or release version"),
    ("sha256", pa.string(), "hex digest of the text as UTF-8"),
    ("function", pa.string(), "qualified name of the function; null for a whole file"),
    ("line_start", pa.int64(), "first line of the evidence, from 1"),
    ("line_end", pa.int64(), "last line of the evidence"),
    ("tasks", pa.string(), "the tasks that it holds, separated by spaces"),
    *INPUT_ROW,
)
