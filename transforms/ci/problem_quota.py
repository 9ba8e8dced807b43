"""How many problems one repository may give, and all libraries together.

One repository of tutorials gave 412 of the 511 problems of twelve repositories, and nearly the same
functions of the standard library are called in every project.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from transforms.ci.traced_problems import reject_row

PER_REPOSITORY = 100  # 0: all
OF_LIBRARIES = 1000  # of all projects together; 0: all
LEVELS = ("standalone", "third_party", "package")
ENOUGH_TESTS = 3

Rows = list[dict[str, Any]]


def within_quota(rows: Sequence[dict[str, Any]], most: int = PER_REPOSITORY) -> tuple[Rows, Rows]:
    """The best of a repository's rows of `ci_problems`, in their order, and rejects of the rest.

    Functions of libraries do not count, and are all kept.
    """
    own = [row for row in rows if not row["is_library"]]
    chosen = {row["problem_id"] for row in (sorted(own, key=_rank)[:most] if most else own)}
    kept = [row for row in rows if row["is_library"] or row["problem_id"] in chosen]
    over = [row for row in own if row["problem_id"] not in chosen]
    return kept, [reject_row(row, "over_quota", str(most)) for row in over]


def _rank(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What is wanted most first: enough tests, a docstring, few needs."""
    return (
        row["n_tests"] < ENOUGH_TESTS,
        row["outputs"] < 2,
        not row["docstring"],
        LEVELS.index(row["level"]),
        row["path"],
        row["start_line"],
        row["problem_id"],
    )


def libraries_within_quota(
    rows: Iterable[dict[str, Any]], most: int = OF_LIBRARIES
) -> tuple[Rows, Rows]:
    """Problems made of library functions of all projects: one for each function, and rejects.

    The row with the most tests stands for a function; the first in the order of repositories of
    those that have as many.
    """
    best: dict[str, dict[str, Any]] = {}
    ordered = sorted(rows, key=lambda row: (-row["n_tests"], row["repo"], row["problem_id"]))
    rejects: Rows = []
    for row in ordered:
        if best.setdefault(row["slug"], row) is not row:
            rejects.append(reject_row(row, "library_duplicate", best[row["slug"]]["problem_id"]))
    ranked = sorted(best.values(), key=lambda row: (*_rank(row)[:4], row["slug"]))
    limit = most or len(ranked)
    rejects += [reject_row(row, "over_quota", str(most)) for row in ranked[limit:]]
    return ranked[:limit], rejects
