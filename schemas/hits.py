"""`hits`: evidence that a text holds an evaluation task."""

import pyarrow as pa

from schemas.dataset import dataset
from schemas.input_row import INPUT_ROW

HITS = dataset(
    "hits",
    "contamination",
    "one channel's evidence that one text holds one evaluation task",
    ("suite", pa.string(), "the evaluation set, as --eval names it"),
    ("task_id", pa.string(), "the task"),
    ("dataset", pa.string(), "the dataset of the text: corpus, functions, problems or files"),
    ("repo", pa.string(), "project name"),
    ("path", pa.string(), "path inside the project, or else the input file and the row's number"),
    ("commit", pa.string(), "commit or release version"),
    ("sha256", pa.string(), "hex digest of the text as UTF-8"),
    (
        "function",
        pa.string(),
        "qualified name of the function that it is in; null outside of functions",
    ),
    ("line_start", pa.int64(), "first line of the evidence, from 1"),
    ("line_end", pa.int64(), "last line of the evidence"),
    (
        "channel",
        pa.string(),
        "D documentation, T tests, C code, A tree, N name, S signature, X exact text, R repository",
    ),
    (
        "view",
        pa.string(),
        "what the text was unwrapped from to see it (string, prefix, markup …); empty: nothing",
    ),
    ("score", pa.float64(), "share of the task's n-grams that are close together in the text"),
    ("grams_hit", pa.int64(), "how many n-grams are (channel A: nodes, X: characters)"),
    ("grams_total", pa.int64(), "how many n-grams the task has"),
    ("eval_excerpt", pa.string(), "excerpt of the task"),
    ("text_excerpt", pa.string(), "excerpt of the text"),
    ("verdict", pa.string(), "hit or review, of text and task, by all channels together"),
    *INPUT_ROW,
)
