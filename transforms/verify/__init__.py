"""The verify stage: runs problems and keeps those that hold (Codex section 4.3).

A problem holds if its reference passes in every run, and what is no solution fails.
"""

STAGE = "verify"
DATASETS = ("verdicts/verify", "problems", "rejects/verify")
