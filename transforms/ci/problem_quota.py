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

# What decides on a row, but for its docstring, of which only counts whether there is one.
DIGESTED = ("problem_id", "slug", "repo", "n_tests", "outputs", "level", "path", "start_line")

Row = dict[str, Any]
Rows = list[Row]
Over = tuple[Row, str, str]  # a row that is dropped, the reason and the value of its reject


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


def best_of_functions(rows: Iterable[Row]) -> tuple[Rows, list[Over]]:
    """One row for each library function of those that several projects called, and the others.

    The row with the most tests stands for a function; the first in the order of repositories of
    those that have as many.
    """
    best: dict[str, Row] = {}
    over: list[Over] = []
    for row in sorted(rows, key=lambda row: (-row["n_tests"], row["repo"], row["problem_id"])):
        if best.setdefault(row["slug"], row) is not row:
            over.append((row, "library_duplicate", best[row["slug"]]["problem_id"]))
    return list(best.values()), over


def over_quota(rows: Iterable[Row], most: int = OF_LIBRARIES) -> list[Over]:
    """The rows of library functions, one for each, that are beyond the quota of all projects."""
    ranked = sorted(rows, key=lambda row: (*_rank(row)[:4], row["slug"]))
    return [(row, "over_quota", str(most)) for row in ranked[most or len(ranked) :]]


def digest_of_library(row: Row) -> Row:
    """What of a row the quota of library functions goes by."""
    return {name: row[name] for name in DIGESTED} | {"docstring": bool(row["docstring"])}
