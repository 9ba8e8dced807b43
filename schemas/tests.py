"""`tests`: a test that `quire strengthen` made, with what it is for."""

import pyarrow as pa

from schemas.dataset import dataset

TESTS = dataset(
    "tests",
    "strengthen",
    "one test that was made for a problem and chosen, beside those of its source",
    ("problem_id", pa.string(), "the problem, as in `contest_problems` or `ci_problems`"),
    ("number", pa.int64(), "its place among the made tests of the problem, from 0"),
    ("input", pa.string(), "arguments as the literal of a tuple; of stdio the standard input"),
    ("output", pa.string(), "the result as a literal; of stdio the standard output"),
    ("oracle", pa.string(), "agreeing (two or more right solutions say so) or single"),
    ("why", pa.string(), "what it was chosen for: mutant, trivial, wrong, branch or large"),
    (
        "kills",
        pa.list_(pa.string()),
        "mutants and wrong programs that are known to fail it, by name",
    ),
    ("steps", pa.int64(), "loop rounds and calls of the slowest right solution"),
)
