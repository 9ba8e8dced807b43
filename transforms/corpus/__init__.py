"""The corpus stage: signals, Codex filters, duplicates and splits (Codex section 3.1)."""

STAGE = "corpus"
DATASETS = ("signals", "corpus", "rejects/corpus")
