"""The counts in rows of sources, `repositories` and `contest_sources`, less what was removed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from transforms.lib.rights.taken_rows import Project, TakenRows
from transforms.lib.skeleton.parquet_files import read_shard
from transforms.lib.skeleton.shards import read_manifest
from transforms.lib.skeleton.storage import Storage


@dataclass(frozen=True)
class CountedSource:
    """A dataset of sources: which column counts the rows of `kept`, and which also `dropped`."""

    dataset: str
    kept: str
    dropped: str
    kept_column: str
    seen_column: str


COUNTED_SOURCES = (
    CountedSource("repositories", "files", "rejects/crawl", "kept_files", "python_files"),
    CountedSource("contest_sources", "contest_problems", "rejects/contests", "kept", "problems"),
)
Changes = dict[str, list[Any]]  # columns of a shard with other values


def changed_counts(
    data: Storage, source: CountedSource, taken: TakenRows, number: int
) -> dict[str, Changes]:
    """The columns of the shards of a dataset of sources whose counts a removal changes.

    Rows of a source are in shards of one name. Of the sources of a shard that of the same project
    is meant, else one that has several.
    """
    counts = [taken.counted.get(name, Counter()) for name in (source.kept, source.dropped)]
    shards = {shard for each in counts for shard, _ in each}
    there = {entry["name"] for entry in (read_manifest(data, source.dataset) or _NONE)["shards"]}
    changes = {}
    for shard in sorted(shards & there):
        table = read_shard(data, f"{source.dataset}/{shard}")
        kept, dropped = ({p: n for (s, p), n in each.items() if s == shard} for each in counts)
        changes[shard] = _less(table, source, kept, dropped, number)
    return changes


_NONE: dict[str, Any] = {"shards": []}


def _less(
    table: pa.Table,
    source: CountedSource,
    kept: dict[Project, int],
    dropped: dict[Project, int],
    number: int,
) -> Changes:
    """The columns of a shard less the rows that go."""
    projects = list(zip(table["repo"].to_pylist(), table["commit"].to_pylist(), strict=True))
    kept_before = [count or 0 for count in table[source.kept_column].to_pylist()]
    seen_before = [count or 0 for count in table[source.seen_column].to_pylist()]
    less_kept = spread(projects, kept_before, kept)
    drops_before = [s - k for s, k in zip(seen_before, kept_before, strict=True)]
    less_dropped = spread(projects, drops_before, dropped)
    changed: Changes = {
        source.kept_column: _minus(kept_before, less_kept),
        source.seen_column: _minus(_minus(seen_before, less_kept), less_dropped),
    }
    if "reason" in table.column_names:
        less = [k + d for k, d in zip(less_kept, less_dropped, strict=True)]
        rows = zip(table.select(["reason", "archive_sha256"]).to_pylist(), less, strict=True)
        changed["reason"] = [_said(row, files, number) for row, files in rows]
    return changed


def _said(row: dict[str, Any], files: int, number: int) -> str | None:
    """The reason in the row of a source of which so many files go."""
    if not files:
        return str(row["reason"]) if row["reason"] else None
    archive = " and the archive" if row["archive_sha256"] else ""
    return f"removal {number} took some files ({files}){archive}"


def spread(
    projects: Sequence[Project], counts: Sequence[int], taken: dict[Project, int]
) -> list[int]:
    """How many of the rows that go, by project, each source had, which has no more than it counts.

    >>> spread([("a", "1"), (None, None)], [2, 5], {("a", "1"): 2, ("b", None): 3})
    [2, 3]
    """
    less = [0] * len(projects)
    # Those of a project that a source names first: one with several projects gets the rest.
    for project, number in sorted(taken.items(), key=lambda each: each[0] not in projects):
        rest = number
        for place in sorted(range(len(projects)), key=lambda i: _distance(projects[i], project)):
            part = min(rest, counts[place] - less[place])
            less[place], rest = less[place] + part, rest - part
    return less


def _distance(source: Project, project: Project) -> int:
    """How unlikely it is that a source has brought a row of a project."""
    return (source[0] != project[0]) * 2 + (source[1] != project[1])


def _minus(counts: list[int], less: list[int]) -> list[int]:
    return [count - each for count, each in zip(counts, less, strict=True)]
