"""Texts of DATA by key: files by their sha256, functions and problems by their ids.

Only the few that are asked for are read, by the row groups that hold them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import NamedTuple

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.input_names import is_parquet, matching_files
from transforms.lib.skeleton.storage import is_url
from transforms.report.facts import Facts

FILE, FUNCTION, PROBLEM = "file", "function", "problem"


class Key(NamedTuple):
    """What names a text: its kind, and its id among those of its kind."""

    kind: str
    id: str


class Text(NamedTuple):
    """A text, where it is from, and the key of what stands for it, if it is a duplicate."""

    place: str
    content: str
    stands_for_it: str | None = None


# Of the last run of `corpus`, and the rows of what it read with these rejects' addresses.
SETTINGS = """
SELECT settings FROM runs WHERE stage = 'corpus' ORDER BY run DESC LIMIT 1
"""
IN_PLACE = """
SELECT sha256(content), concat_ws('/', repo, path), content, NULL
FROM read_parquet(?, hive_partitioning = false)
WHERE (repo, path) IN (
    SELECT (repo, path) FROM rejects_corpus WHERE sha256 IN (SELECT unnest(?)))
"""
PLACE = """concat_ws('/', repo, "commit", path)"""
# For each kind the datasets that have it, the first that has a key wins: (dataset, query).
QUERIES = {
    FILE: tuple(
        (
            name,
            f"SELECT sha256, {PLACE}, content, NULL FROM {name} "
            "WHERE sha256 IN (SELECT unnest(?))",
        )
        for name in ("corpus", "files")
    ),
    FUNCTION: (
        (
            "functions",
            f"SELECT function_id, {PLACE} || ': ' || qualname, prompt || body, "
            "coalesce(exact_duplicate_of, near_duplicate_of) FROM functions "
            "WHERE function_id IN (SELECT unnest(?))",
        ),
    ),
    PROBLEM: tuple(
        (
            name,
            "SELECT problem_id, concat_ws(': ', source, coalesce(title, entry_point)), "
            f"concat(prompt, canonical_solution), NULL FROM {name} "
            "WHERE problem_id IN (SELECT unnest(?))",
        )
        for name in ("problems", "contest_problems", "ci_problems")
    ),
}  # fmt: skip


def texts_of(facts: Facts, keys: Iterable[Key]) -> dict[Key, Text]:
    """The texts that DATA has of the keys."""
    wanted = set(keys)
    found: dict[Key, Text] = {}
    for kind, queries in QUERIES.items():
        left = {key.id for key in wanted if key.kind == kind}
        for dataset, query in queries:
            if left and facts.has(dataset):
                found |= _answers(facts, kind, query, left)
                left -= {key.id for key in found if key.kind == kind}
    left = {key.id for key in wanted - set(found) if key.kind == FILE}
    return found | (_read_in_place(facts, left) if left else {})


def _read_in_place(facts: Facts, ids: Collection[str]) -> dict[Key, Text]:
    """The texts of files that `corpus --files` read from others' Parquet, if it is still there.

    Nothing of what is not on this machine, or does not have the columns repo, path and content.
    """
    import duckdb

    settings = [json.loads(row[0]) for row in facts.rows(SETTINGS)] if facts.has("runs") else []
    pattern = settings[0].get("files") if settings else None
    if not pattern or is_url(pattern):
        return {}
    try:
        names = matching_files(pattern, is_parquet)
        rows = facts.rows(IN_PLACE, [names, sorted(ids)])
    except (UsageError, duckdb.Error):
        return {}
    return {Key(FILE, row[0]): Text(*row[1:]) for row in rows if row[0] in ids}


def _answers(facts: Facts, kind: str, query: str, ids: Collection[str]) -> dict[Key, Text]:
    rows = sorted(facts.rows(query, [sorted(ids)]), key=lambda row: (row[0], row[1]), reverse=True)
    return {Key(kind, row[0]): Text(*row[1:]) for row in rows if row[2] is not None}
