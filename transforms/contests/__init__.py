"""The contests stage: published problems to tasks with tests (Codex section 4.1)."""

STAGE = "contests"
DATASETS = ("contest_problems", "rejects/contests", "contest_sources")
