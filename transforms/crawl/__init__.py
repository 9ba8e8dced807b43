"""The crawl stage: sources to repositories, files and CI configurations (Codex section 3.1)."""

STAGE = "crawl"
# In the order in which they are committed: what `repositories` lists, the others have already.
DATASETS = ("files", "ci_configs", "rejects/crawl", "repositories")
