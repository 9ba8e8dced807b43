"""By which columns a row of each dataset is the same row in two runs, and which are compared."""

# The columns that name a row.
KEYS: dict[str, tuple[str, ...]] = {
    "repositories": ("source",),
    "files": ("repo", "path", "commit"),
    "ci_configs": ("repo", "commit", "path"),
    "signals": ("repo", "path", "commit"),
    "corpus": ("repo", "path", "commit"),
    "clusters": ("repo", "path", "commit"),
    "secrets": ("repo", "path", "commit", "sha256", "rule", "start_byte", "end_byte"),
    "functions": ("repo", "path", "commit", "qualname"),
    "hits": (
        *("suite", "task_id", "dataset", "repo", "path", "commit", "sha256", "function"),
        *("channel", "view", "line_start", "filename", "file_row_number"),
    ),
    "eval_tasks": ("suite", "split", "task_id"),
    "removed": (
        *("dataset", "granularity", "repo", "path", "commit", "sha256", "function"),
        *("filename", "file_row_number"),
    ),
    "contest_problems": ("problem_id",),
    "contest_sources": ("source", "repo", "commit", "unit"),
    "recipes": ("repo", "commit", "archive_sha256", "rank"),
    "environments": ("repo", "commit", "archive_sha256", "attempt"),
    "calls": ("repo", "commit", "path", "line", "qualname", "form", "is_library", "number"),
    "ci_problems": ("problem_id",),
    "tests": ("problem_id", "number"),
    "strength": ("problem_id",),
    "problems": ("problem_id",),
    "verdicts/verify": ("problem_id", "program", "number", "run"),
    "verdicts/evaluate": ("suite", "task_id", "sample"),
    "examples": ("example_id", "copy"),
    "tokens": ("split", "source", "shard"),
    "exports/text": ("id",),
    "exports/sft": ("id",),
    "exports/harbor": ("task",),
    "scores": ("suite", "subset", "metric", "k"),
    "rejects/crawl": ("repo", "path", "commit", "reason"),
    "rejects/corpus": ("repo", "path", "commit", "reason"),
    "rejects/functions": ("repo", "path", "commit", "reason"),
    "rejects/contamination": ("repo", "path", "commit", "reason", "value"),
    # A path may hold several problems: the value says which.
    "rejects/contests": ("repo", "path", "commit", "reason", "value"),
    "rejects/ci": ("repo", "path", "commit", "reason", "value"),
    "rejects/verify": ("repo", "path", "commit", "reason", "value"),
    "rejects/feed": ("repo", "path", "commit", "reason", "value"),
}
# Where several rows have the same key, the column by whose order they are told apart.
ORDERED_BY = {"functions": "start_line"}
# The datasets that are not compared, and why.
WITHOUT_KEYS = {
    "runs": "each run of a stage has its own times; its settings are compared in their place",
    "exports/rl": "its rows are those of `problems`, in the columns of a trainer",
}
# Columns that are not compared, of every dataset that has them: times, and the text of a file, for
# which its digest stands.
UNCOMPARED = frozenset(("fetched_at", "seconds", "cpu", "tests_cpu", "content"))
# Of one dataset: texts for which digests stand, and what a run numbers or draws for itself alone.
UNCOMPARED_OF = {
    "signals": frozenset(("unit", "row", "signature")),
    "secrets": frozenset(("fingerprint",)),
    "environments": frozenset(("log",)),
    "examples": frozenset(("prompt", "completion")),
    "exports/text": frozenset(("text",)),
    "exports/sft": frozenset(("prompt", "completion", "messages")),
}


def compared_columns(dataset: str, columns: list[str]) -> list[str]:
    """Those of the columns whose values are compared for rows of the same key, in their order.

    >>> compared_columns("files", ["repo", "path", "commit", "content", "sha256"])
    ['sha256']
    """
    left_out = UNCOMPARED | UNCOMPARED_OF.get(dataset, frozenset()) | frozenset(KEYS[dataset])
    return [name for name in columns if name not in left_out]
