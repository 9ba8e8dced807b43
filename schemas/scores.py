"""`scores`: pass@k of samples on an evaluation set."""

import pyarrow as pa

from schemas.dataset import dataset

SCORES = dataset(
    "scores",
    "evaluate",
    "one score: pass@k, or pass@1 of the sample that a ranking chooses",
    ("suite", pa.string(), "the evaluation set"),
    ("subset", pa.string(), "all tasks, or those that contamination found clean"),
    (
        "metric",
        pa.string(),
        "pass@k; base pass@k, by EvalPlus's base tests alone; or best by mean_logprob, …",
    ),
    ("k", pa.int64(), "k of pass@k; 1 for a chosen sample"),
    ("tasks", pa.int64(), "tasks that it is the mean of"),
    ("samples", pa.int64(), "samples of these tasks"),
    ("fewest", pa.int64(), "samples of the task that has the fewest"),
    ("value", pa.float64(), "the score"),
    ("low", pa.float64(), "lower bound of its interval (bootstrap of tasks, 95 %)"),
    ("high", pa.float64(), "upper bound"),
    ("cpu_limit", pa.float64(), "CPU seconds that a sample had"),
    ("memory_limit", pa.int64(), "bytes of memory that a sample had"),
)
