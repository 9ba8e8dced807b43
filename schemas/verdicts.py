"""`verdicts/<stage>`: one run of untrusted code in the sandbox, and its outcome."""

import pyarrow as pa

from schemas.dataset import dataset

# Columns of every run. The last two are the only ones that differ when a run is repeated.
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
    ("base_passed", pa.bool_(), "whether it passed EvalPlus's base tests; null in other sets"),
    ("plus_passed", pa.bool_(), "whether it passed EvalPlus's plus tests; null in other sets"),
    (
        "failure",
        pa.string(),
        "the kind of failure: empty, syntax, wrong_answer, exception, time, limit, lost; null if it"
        " passed",
    ),
    ("tests", pa.int64(), "tests of the check (assertions); null if it ended before all were met"),
    ("tests_passed", pa.int64(), "tests that passed; those after a failed one are run, too"),
    ("failed_test", pa.string(), "the first test that failed; null if no single one did"),
    ("truncated", pa.bool_(), "whether the sample says that its end was cut off by the server"),
    (
        "mean_logprob",
        pa.float64(),
        "mean log-probability of its tokens; null if the samples have none",
    ),
    (
        "sum_logprob",
        pa.float64(),
        "log-probability of all its tokens; null if the samples have none",
    ),
    *RUN,
)
VERDICTS_VERIFY = dataset(
    "verdicts/verify",
    "verify",
    "one run of a program on the tests of a problem",
    ("problem_id", pa.string(), "the problem"),
    (
        "program",
        pa.string(),
        "reference, pass, stub, solution, wrong or sample; or test or test_pass: the text `test` "
        "on the reference, and on a program that does nothing",
    ),
    (
        "number",
        pa.int64(),
        "its number among the problem's programs of its kind; of reference the attempt",
    ),
    ("run", pa.int64(), "the environment: hash seed, time zone, folder, order of tests"),
    ("tests", pa.int64(), "tests of the problem"),
    ("tests_passed", pa.int64(), "tests with the expected result"),
    ("passed", pa.bool_(), "whether all tests passed, within the limits"),
    *RUN,
)
