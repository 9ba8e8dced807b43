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
    ("level", pa.string(), "as in `ci_problems`: what its programs need; null for a contest's"),
    (
        "environment",
        pa.string(),
        "sha256 of the zip in DATA/archives that its programs are lent to import from",
    ),
)
