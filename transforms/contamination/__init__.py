"""The contamination stage: which texts hold which evaluation tasks, with the evidence."""

STAGE = "contamination"
DATASETS = ("hits", "eval_tasks", "removed", "rejects/contamination")
REPORT = "contamination.md"  # for people, under DATA
