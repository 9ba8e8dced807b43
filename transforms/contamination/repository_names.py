"""What a repository holds as a whole: most of the names that a set asks for, each in some file.

Solutions written anew match no text of a set, and one name says little; but nobody defines most of
a set's functions by chance.
"""

from collections import defaultdict
from collections.abc import Sequence

import pyarrow as pa

from schemas import REMOVED
from transforms.contamination.patterns.task_index import CHECKED, TaskIndex
from transforms.contamination.patterns.task_patterns import NAME
from transforms.contamination.tally import Tally
from transforms.contamination.verdict import HIT, REVIEW

REPOSITORY = "R"  # the channel, as `hits` names it
# The fewest names and the least share of those of a set that are no common names.
HIT_NAMES, HIT_SHARE = 10, 0.5
REVIEW_NAMES, REVIEW_SHARE = 10, 0.25
SHOWN_NAMES = 20


def repository_rows(index: TaskIndex, tally: Tally) -> list[dict]:
    """The rows of `hits` for the repositories that define many names of a set; path is null."""
    names_of: dict[str, set[str]] = defaultdict(set)
    for task in index.tasks:
        if task.states[NAME] == CHECKED:
            names_of[task.suite].add(task.entry_point)
    rows = []
    for (dataset, repo), tasks in sorted(tally.repositories.items()):
        defined: dict[str, set[str]] = defaultdict(set)
        for number in tasks:
            task = index.tasks[number]
            if task.states[NAME] == CHECKED:
                defined[task.suite].add(task.entry_point)
        for suite, names in sorted(defined.items()):
            row = _row(suite, sorted(names), len(names_of[suite]))
            if row:
                rows.append(row | {"dataset": dataset, "repo": repo})
    return rows


def _row(suite: str, names: Sequence[str], total: int) -> dict | None:
    share = len(names) / max(1, total)
    if len(names) >= HIT_NAMES and share >= HIT_SHARE:
        verdict = HIT
    elif len(names) >= REVIEW_NAMES and share >= REVIEW_SHARE:
        verdict = REVIEW
    else:
        return None
    return {
        "suite": suite,
        "channel": REPOSITORY,
        "view": "",
        "score": round(share, 6),
        "grams_hit": len(names),
        "grams_total": total,
        "text_excerpt": " ".join(names[:SHOWN_NAMES]),
        "verdict": verdict,
    }


def removed_repositories(rows: Sequence[dict]) -> pa.Table:
    """The rows of `removed` for what `repository_rows` returns."""
    removed = [
        {
            "dataset": row["dataset"],
            "granularity": "repository",
            "repo": row["repo"],
            "tasks": f"{row['suite']}: {row['grams_hit']} names",
        }
        for row in rows
        if row["verdict"] == HIT
    ]
    return pa.Table.from_pylist(removed, schema=REMOVED.schema)
