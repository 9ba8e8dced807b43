"""`hits`: evidence that a text holds an evaluation task."""

import pyarrow as pa

from schemas.dataset import dataset

HITS = dataset(
    "hits",
    "contamination",
    "one channel's evidence that one text holds one evaluation task",
    ("suite", pa.string(), "the evaluation set, as --eval names it"),
    ("task_id", pa.string(), "the task"),
    ("dataset", pa.string(), "where the text stands: corpus, functions, problems or files"),
    ("repo", pa.string(), "project name"),
    ("path", pa.string(), "path inside the project; without one the file and its row"),
    ("commit", pa.string(), "commit or release version"),
    ("sha256", pa.string(), "hex digest of the text as UTF-8"),
    ("function", pa.string(), "qualified name of the function around; null outside of functions"),
    ("line_start", pa.int64(), "first line of the evidence, from 1"),
    ("line_end", pa.int64(), "last line of the evidence"),
    ("channel", pa.string(), "D documentation, T tests, C code, A tree, N name, X exact text"),
    ("score", pa.float64(), "part of the task's n-grams that stand together in the text"),
    ("grams_hit", pa.int64(), "how many n-grams do (of A nodes, of X characters)"),
    ("grams_total", pa.int64(), "how many there are"),
    ("eval_excerpt", pa.string(), "the task's side"),
    ("text_excerpt", pa.string(), "the text's side"),
    ("verdict", pa.string(), "hit or review: of the text and the task, by all channels together"),
)
