"""The evaluate stage: samples to verdicts and pass@k (Codex sections 2.1 to 2.3 and 4.5)."""

STAGE = "evaluate"
DATASETS = ("verdicts/evaluate", "scores")
