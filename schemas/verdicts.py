"""`verdicts/<stage>`: one run of code that nobody trusts, and what came of it."""

import pyarrow as pa

from schemas.dataset import dataset

# What every run tells. The last two are the only columns that differ from run to run.
RUN = (
    ("outcome", pa.string(), "passed, failed, timed_out, limit, or lost (the sandbox failed)"),
    ("why", pa.string(), "what was raised, or what ended it; null if it passed"),
    ("limit_hit", pa.string(), "the limit that was hit: wall, cpu, memory, …"),
    ("tier", pa.string(), "the sandbox that ran it"),
    ("cpu", pa.float64(), "CPU seconds"),
    ("seconds", pa.float64(), "how long it took"),
)
VERDICTS_EVALUATE = dataset(
    "verdicts/evaluate",
    "evaluate",
    "one sample of an evaluation task, as it ran, in the order of the samples",
    ("suite", pa.string(), "the evaluation set"),
    ("task_id", pa.string(), "the task"),
    ("sample", pa.int64(), "its number among the samples of the task, from 0"),
    ("line", pa.int64(), "its number among all samples, from 1"),
    ("passed", pa.bool_(), "whether it passed"),
    ("mean_logprob", pa.float64(), "mean log-probability of its tokens; null if not told"),
    ("sum_logprob", pa.float64(), "log-probability of the whole; null if not told"),
    *RUN,
)
