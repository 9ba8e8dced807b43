"""The verify stage: runs problems and keeps those that hold (Codex section 4.3).

A problem holds if its reference passes in every run, and trivial or wrong programs fail.
"""

STAGE = "verify"
DATASETS = ("verdicts/verify", "problems", "rejects/verify")
