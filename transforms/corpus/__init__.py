"""The corpus stage: signals, Codex filters, duplicates and splits (Codex section 3.1)."""

STAGE = "corpus"
DATASETS = ("signals", "corpus", "clusters", "rejects/corpus")
SCOPES = ("corpus", "repo")  # which files are compared: all, or those of one project
