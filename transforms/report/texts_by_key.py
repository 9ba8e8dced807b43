"""Texts of DATA by key: files by their sha256, functions and problems by their ids.

Only the few that are asked for are read, by the row groups that hold them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.input_names import is_parquet, matching_files
from transforms.lib.skeleton.storage import is_url
from transforms.report.facts import Facts
from transforms.report.found_rows import found_rows

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
READ_IN_PLACE = """
SELECT sha256(content), concat_ws('/', repo, path), content
FROM read_parquet(?, hive_partitioning = false)
WHERE (repo, path) IN (
    SELECT (repo, path) FROM rejects_corpus WHERE sha256 IN (SELECT unnest(?)))
"""
EMPTY = hashlib.sha256(b"").hexdigest()  # of very many files, whose text need not be looked for


class Source(NamedTuple):
    """A dataset with texts of one kind: the column of their ids, and what a text is made of."""

    dataset: str
    id: str
    text: tuple[str, ...]
    name: tuple[str, ...]  # after the place of its file, the first that there is


FUNCTIONS = Source("functions", "function_id", ("prompt", "body"), ("qualname",))
PROBLEM_TEXT = ("prompt", "canonical_solution")
# For each kind, what has it; the first that has an id wins.
SOURCES = {
    FILE: tuple(Source(name, "sha256", ("content",), ()) for name in ("corpus", "files")),
    FUNCTION: (FUNCTIONS,),
    PROBLEM: tuple(
        Source(name, "problem_id", PROBLEM_TEXT, ("title", "entry_point"))
        for name in ("problems", "contest_problems", "ci_problems")
    ),
}
PLACE = ("repo", "commit", "path")
STANDS_FOR_IT = ("exact_duplicate_of", "near_duplicate_of")  # of functions


def texts_of(facts: Facts, keys: Iterable[Key]) -> dict[Key, Text]:
    """The texts that DATA has of the keys."""
    wanted = set(keys)
    found = {key: Text("", "") for key in wanted if key.id == EMPTY}
    for kind, sources in SOURCES.items():
        for source in sources:
            left = {key.id for key in wanted - set(found) if key.kind == kind}
            if left and facts.has(source.dataset):
                found |= _texts(facts, kind, source, left)
    left = {key.id for key in wanted - set(found) if key.kind == FILE}
    return found | (_read_in_place(facts, left) if left else {})


def _texts(facts: Facts, kind: str, source: Source, ids: Collection[str]) -> dict[Key, Text]:
    further = STANDS_FOR_IT if kind == FUNCTION else ()
    columns = [*PLACE, *source.text, *source.name, *further]
    rows = found_rows(facts.data, source.dataset, source.id, ids, columns)
    return {Key(kind, row[source.id]): _text(source, row, further) for row in rows}


def _text(source: Source, row: Mapping[str, Any], further: Sequence[str]) -> Text:
    place = "/".join(row[name] for name in PLACE if row[name])
    name = next((row[column] for column in source.name if row[column]), None)
    stands_for_it = next((row[column] for column in further if row[column]), None)
    content = "".join(row[column] or "" for column in source.text)
    return Text(f"{place}: {name}" if name else place, content, stands_for_it)


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
        rows = facts.rows(READ_IN_PLACE, [names, sorted(ids)])
    except (UsageError, duckdb.Error):
        return {}
    return {Key(FILE, row[0]): Text(*row[1:]) for row in rows if row[0] in ids}
