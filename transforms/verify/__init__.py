"""The verify stage: problems are run, and those that hold are kept (Codex section 4.3)."""

STAGE = "verify"
DATASETS = ("verdicts/verify", "problems", "rejects/verify")
