"""`problems`: a problem whose reference solution, tests and compare rule were verified."""

import pyarrow as pa

from schemas.contest_problems import PROBLEM
from schemas.dataset import dataset

PROBLEMS = dataset(
    "problems",
    "verify",
    "one verified problem: its reference passes its tests in every run, an empty solution fails",
    *PROBLEM,
    ("agreeing", pa.int64(), "further solutions that agree with the reference"),
    ("duplicates", pa.int64(), "near duplicates dropped in its favour"),
    ("samples", pa.int64(), "samples that were run; null without --samples"),
    ("samples_passed", pa.int64(), "samples that passed"),
    (
        "made_tests",
        pa.int64(),
        "how many of its tests, the last ones, were made; null without `strength`",
    ),
    ("unstable_tests", pa.int64(), "made tests that some run failed, and that are left out"),
    ("oracle", pa.string(), "of made tests: agreeing or single, as in `strength`"),
    ("strength", pa.string(), "the outcome in `strength`: strengthened, or why nothing was made"),
    ("mutants", pa.int64(), "wrong programs made of right ones, without possibly equivalent ones"),
    ("killed", pa.float64(), "the share of these mutants that its tests tell from right; or null"),
    ("level", pa.string(), "as in `ci_problems`: what its programs need; null for a contest's"),
    (
        "environment",
        pa.string(),
        "sha256 of the zip in DATA/archives that its programs are lent to import from",
    ),
)
