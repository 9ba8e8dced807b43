"""The corpus stage: signals, Codex filters, duplicates and splits (Codex section 3.1)."""

STAGE = "corpus"
DATASETS = ("signals", "corpus", "clusters", "rejects/corpus")
SCOPES = ("corpus", "repo")  # which files are compared: all, or those of one project
# How much is told of a file, from nothing on; each level has the signals of those before it.
LEVELS = NONE, LEXICAL, PARSED, RUFF = "none", "lexical", "parsed", "ruff"
# The presets of filters, and the level of the signals that each needs.
PRESET_LEVELS = {"codex": NONE, "opencoder": PARSED, "swallow": RUFF}
