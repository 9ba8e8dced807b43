"""What an earlier crawl of DATA left to do: sources without a final row, and the shards that stay.

A source that failed for a passing reason is tried again, and so are those of a unit of which a
shard is gone or damaged. The unit's shards are then made anew as a whole; all other shards stay.
"""

from collections.abc import Collection
from dataclasses import dataclass

from transforms.crawl import DATASETS, STAGE
from transforms.crawl.distinct_names import KnownSource
from transforms.crawl.github.found_sources import stands_for_others
from transforms.crawl.source_list import without_repeats
from transforms.crawl.sources import source_key
from transforms.lib.errors import UsageError
from transforms.lib.network.fetch import TEMPORARY_FAILURES
from transforms.lib.rights.removal_commit import cut
from transforms.lib.skeleton.damage import Harm
from transforms.lib.skeleton.parquet_files import read_shard
from transforms.lib.skeleton.requested import requested, requested_file
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage

REPOSITORIES = "repositories"
REJECTS = f"rejects/{STAGE}"
COLUMNS = ["source", "repo", "commit", "url", "status", "reason"]


def repository_rows(data: Storage) -> list[dict]:
    """source, repo, url, status and reason of the rows of `repositories`, and their shard.

    There are none before all datasets of the crawl are committed.
    """
    return _rows(data, ()) if _all_committed(data) else []


def _all_committed(data: Storage) -> bool:
    return all(read_manifest(data, name) for name in DATASETS)


def _rows(data: Storage, unreadable: Collection[str]) -> list[dict]:
    """The rows, but for those in shards whose names are among `unreadable`."""
    rows: list[dict] = []
    for path in shard_paths(data, REPOSITORIES):
        name = path.rpartition("/")[2]
        if name not in unreadable:
            table = read_shard(data, path, COLUMNS)
            rows += [row | {"shard": name} for row in table.to_pylist()]
    return rows


def _tried_again(row: dict) -> bool:
    # Earlier versions called an archive rejected that took too long.
    too_long = (row["reason"] or "").startswith("archive_timeout")
    return too_long or row["status"] in TEMPORARY_FAILURES


@dataclass(frozen=True)
class Committed:
    """The rows of `repositories` that can be read, and the names of shards that are made anew.

    `nameless` are those of them of which nobody knows the sources any more.
    """

    rows: list[dict]
    redone: set[str]
    nameless: set[str]


def _committed(data: Storage, harmed: Collection[Harm]) -> Committed:
    nameless = {harm.name for harm in harmed if harm.dataset == REPOSITORIES}
    rows = _rows(data, nameless) if read_manifest(data, REPOSITORIES) else []
    redone = {harm.name for harm in harmed}
    redone |= {row["shard"] for row in rows if _tried_again(row)}
    if not _all_committed(data):  # a manifest is gone: nobody knows what it listed
        redone |= {row["shard"] for row in rows}
    return Committed(rows, redone, nameless)


def begun(data: Storage) -> bool:
    """Whether a crawl was begun here: then --resume knows its sources."""
    return data.exists(requested_file(STAGE)) or read_manifest(data, REPOSITORIES) is not None


def unfound_sources(data: Storage) -> list[str]:
    """The searches that an earlier run was asked for, and killed before it found their results."""
    return [source for source in requested(data, STAGE) if stands_for_others(source)]


def remaining_sources(data: Storage, named: list[str], harmed: Collection[Harm] = ()) -> list[str]:
    """Sources without a final row: those named now, then those of earlier runs.

    Those of `harmed` shards have none. Raises UsageError if only the user can name them.
    """
    committed = _committed(data, harmed)
    rows, redone = committed.rows, committed.redone
    again = [row["source"] for row in rows if row["shard"] in redone]
    final = {source_key(row["source"], row["url"]) for row in rows if row["shard"] not in redone}
    earlier = [source for source in requested(data, STAGE) if not stands_for_others(source)]
    if not named and not earlier:
        _require_sources(data, committed)
    sources = without_repeats([*named, *earlier, *again])
    return [source for source in sources if source_key(source) not in final]


def _require_sources(data: Storage, committed: Committed) -> None:
    """Raise UsageError if what says which sources were crawled is gone or damaged."""
    lost = [f"{REPOSITORIES}/{name}" for name in sorted(committed.nameless)]
    left = any(read_manifest(data, name) for name in DATASETS) and not cut(data, [REPOSITORIES])
    if not committed.rows and left:
        lost = lost or [REPOSITORIES]
    if lost:
        raise UsageError(
            f"{data.path(lost[0])}: gone or damaged, and with it which sources were crawled; "
            f"`quire crawl {data.root} SOURCE … --resume` with all of them gets what is missing"
        )


def known_sources(data: Storage, harmed: Collection[Harm] = ()) -> list[KnownSource]:
    """The sources of committed rows that have a project; those of `harmed` shards are redone."""
    committed = _committed(data, harmed)
    return [
        KnownSource(
            source_key(row["source"], row["url"]),
            row["repo"],
            row["commit"],
            row["shard"] not in committed.redone,
        )
        for row in committed.rows
        if row["repo"]
    ]


def excluded_rows(data: Storage) -> list[dict]:
    """What is known of each source and file that the exclusion list has dropped."""
    columns = ["repo", "commit", "sha256", "value", "reason"]
    rows = [
        row
        for name in shard_paths(data, REJECTS)
        for row in read_shard(data, name, columns).to_pylist()
    ]
    sources = [row for row in repository_rows(data) if row["status"] == "excluded"]
    return sources + [row for row in rows if row["reason"] == "excluded"]


def final_shards(data: Storage, harmed: Collection[Harm]) -> list[dict]:
    """The entries of the committed shards that stay: those of units of which none is `harmed`."""
    committed = _committed(data, harmed)
    staying = {row["shard"] for row in committed.rows} - committed.redone
    manifests = (read_manifest(data, dataset) for dataset in DATASETS)
    return [
        shard
        for manifest in manifests
        if manifest
        for shard in manifest["shards"]
        if shard["name"] in staying
    ]
