"""`strength`: what the tests of a problem tell from right, before and after more were made."""

import pyarrow as pa

from schemas.dataset import dataset

STRENGTH = dataset(
    "strength",
    "strengthen",
    "one problem: its mutants, wrong and right solutions, and what its tests make of them",
    ("problem_id", pa.string(), "the problem, as in `contest_problems` or `ci_problems`"),
    ("source", pa.string(), "as in the problem"),
    ("repo", pa.string(), "as in the problem"),
    ("path", pa.string(), "as in the problem"),
    ("kind", pa.string(), "as in the problem: function, design or stdio"),
    ("outcome", pa.string(), "strengthened, or why no test could be made"),
    ("value", pa.string(), "what there is to say of the outcome: the failure of the reference"),
    ("seeds", pa.int64(), "tests of the source"),
    ("tests", pa.int64(), "tests of the source and made ones"),
    ("inputs", pa.int64(), "inputs that were tried and found valid, those of the source included"),
    ("oracle", pa.string(), "agreeing or single, as in `tests`; null if nothing was made"),
    ("constraints", pa.list_(pa.string()), "what the statement says of inputs, as it was read"),
    ("unread", pa.list_(pa.string()), "lines of its constraints that could not be read"),
    (
        "mutants",
        pa.int64(),
        "mutants of the right solutions that were judged: few where seeds are dear",
    ),
    ("equivalent", pa.int64(), "of these, those that no input told from right: possibly the same"),
    ("killed_before", pa.int64(), "mutants that the tests of the source kill"),
    ("killed_after", pa.int64(), "mutants that all tests kill"),
    ("trivial", pa.int64(), "trivial programs that are not right on every input"),
    ("trivial_pass_before", pa.int64(), "of these, those that pass the tests of the source"),
    ("trivial_pass_after", pa.int64(), "of these, those that pass all tests"),
    ("wrong", pa.int64(), "wrong solutions of the source"),
    ("wrong_fail_before", pa.int64(), "of these, those that fail the tests of the source"),
    ("wrong_fail_after", pa.int64(), "of these, those that fail all tests together"),
    ("right", pa.int64(), "further right solutions of the source: they pass its tests"),
    ("right_pass_after", pa.int64(), "all of these: what one fails is no test (`confirmation.py`)"),
    ("survivors", pa.list_(pa.string()), "mutants that are not killed and may not be equivalent"),
    ("steps", pa.int64(), "loop rounds and calls of the slowest right solution in all tests"),
)
