"""What an earlier crawl of DATA left to do: sources without a final row, and the shards that stay.

A source that failed for a passing reason is tried again. Its shard is then made anew as a whole;
all other shards stay.
"""

import pyarrow.parquet as pq

from transforms.crawl import DATASETS, STAGE
from transforms.crawl.distinct_names import KnownSource
from transforms.crawl.source_list import without_repeats
from transforms.crawl.sources import source_key
from transforms.lib.network.fetch import TEMPORARY_FAILURES
from transforms.lib.skeleton.requested import requested, requested_file
from transforms.lib.skeleton.shards import read_manifest, shard_paths, write_manifest
from transforms.lib.skeleton.storage import Storage

REJECTS = f"rejects/{STAGE}"
COLUMNS = ["source", "repo", "commit", "url", "status", "reason"]


def repository_rows(data: Storage) -> list[dict]:
    """source, repo, url, status and reason of the rows of `repositories`, and their shard.

    There are none before all datasets of the crawl are committed.
    """
    if not all(read_manifest(data, name) for name in DATASETS):
        return []
    rows: list[dict] = []
    for name in shard_paths(data, "repositories"):
        table = pq.read_table(data.open(name), columns=COLUMNS)
        rows += [row | {"shard": name.rpartition("/")[2]} for row in table.to_pylist()]
    return rows


def _shards_to_redo(rows: list[dict]) -> set[str]:
    """Shards with a source that failed, and that a later run may get."""
    return {row["shard"] for row in rows if _tried_again(row)}


def _tried_again(row: dict) -> bool:
    # Earlier versions called an archive rejected that took too long.
    too_long = (row["reason"] or "").startswith("archive_timeout")
    return too_long or row["status"] in TEMPORARY_FAILURES


def begun(data: Storage) -> bool:
    """Whether a crawl was begun here: then --resume knows its sources."""
    return data.exists(requested_file(STAGE)) or read_manifest(data, "repositories") is not None


def remaining_sources(data: Storage, named: list[str]) -> list[str]:
    """Sources without a final row: those named now, then those of earlier runs."""
    rows = repository_rows(data)
    redone = _shards_to_redo(rows)
    again = [row["source"] for row in rows if row["shard"] in redone]
    final = {source_key(row["source"], row["url"]) for row in rows if row["shard"] not in redone}
    sources = without_repeats([*named, *requested(data, STAGE), *again])
    return [source for source in sources if source_key(source) not in final]


def known_sources(data: Storage) -> list[KnownSource]:
    """The sources of committed rows that have a project."""
    rows = repository_rows(data)
    redone = _shards_to_redo(rows)
    return [
        KnownSource(
            source_key(row["source"], row["url"]),
            row["repo"],
            row["commit"],
            row["shard"] not in redone,
        )
        for row in rows
        if row["repo"]
    ]


def excluded_rows(data: Storage) -> list[dict]:
    """What is known of each source and file that the exclusion list has dropped."""
    columns = ["repo", "commit", "sha256", "value", "reason"]
    rows = [
        row
        for name in shard_paths(data, REJECTS)
        for row in pq.read_table(data.open(name), columns=columns).to_pylist()
    ]
    sources = [row for row in repository_rows(data) if row["status"] == "excluded"]
    return sources + [row for row in rows if row["reason"] == "excluded"]


def keep_final_shards(data: Storage, config: str) -> list[dict]:
    """Leave in the manifests only the shards that stay; returns their entries."""
    rows = repository_rows(data)
    staying = {row["shard"] for row in rows} - _shards_to_redo(rows)
    kept = []
    for dataset in DATASETS:
        manifest = read_manifest(data, dataset)
        if manifest is None:
            continue
        entries = [shard for shard in manifest["shards"] if shard["name"] in staying]
        write_manifest(data, dataset, config, entries)
        kept += entries
    return kept
