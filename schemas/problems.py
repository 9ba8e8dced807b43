"""`problems`: a problem whose reference, tests and rule have been tried."""

import pyarrow as pa

from schemas.contest_problems import PROBLEM
from schemas.dataset import dataset

PROBLEMS = dataset(
    "problems",
    "verify",
    "one verified problem: its reference passes its tests in every run, what does nothing fails",
    *PROBLEM,
    ("agreeing", pa.int64(), "further solutions that agree with the reference"),
    ("duplicates", pa.int64(), "near-duplicate problems that it stands for"),
    ("samples", pa.int64(), "samples that were tried; null if none were given"),
    ("samples_passed", pa.int64(), "samples that passed"),
)
