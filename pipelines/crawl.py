"""crawl: sources to repositories, files, CI configurations and rejects."""

import argparse
import hashlib
import os
import sys

import pyarrow.parquet as pq

from pipelines import launch
from transforms.catalog import write_catalog
from transforms.crawl import DATASETS, CrawlSources, Exclusions, Sources
from transforms.errors import UsageError
from transforms.shards import VERSION, read_manifest, shard_paths, write_manifest
from transforms.sources import SOURCES
from transforms.storage import Storage

HELP = "fetch projects: repositories, files, ci_configs, rejects"
EPILOG = """sources:
  pypi:NAME  pypi:NAME==V   a source release from the package index (newest, or pinned)
  pypi:@FILE                a list of names, one a line
  archive:PATH              a tar or zip archive
  dir:PATH                  a folder
  parquet:GLOB              Parquet with repo, path, content

examples:
  quire crawl ./data pypi:flask pypi:requests==2.32.3
  quire crawl ./data pypi:@names.txt --resume     go on, and add what is new
"""
SHARDS = 128  # aimed at in a large crawl
MOST_SOURCES = 64  # in one unit
# What a later run may change: these are tried again by --resume.
PASSING = ("deferred", "timeout", "unreachable", "server_error", "truncated")
NO_ROWS = 3  # exit code


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument("source", nargs="+", metavar="SOURCE", help="what to fetch; see below")
    parser.add_argument("--exclude", metavar="FILE", help="names and sha256 that must not be kept")
    parser.add_argument("--max-rejects", metavar="N|P%", help="exit 3 above this many rejects")


def run(options: argparse.Namespace) -> int:
    """Run the stage; 0 when its datasets are committed, 3 if no source gave a row."""
    data = Storage(options.data)
    exclusions = Exclusions(frozenset(_lines(options.exclude) if options.exclude else ()))
    sources = expand_sources(options.source)[: options.limit]
    stage = launch.Stage("crawl", data, DATASETS, _config(exclusions))
    if options.dry_run:
        print("\n".join(sources))
        return 0
    with launch.lock(data):
        done = _done(data) if options.resume else {}
        new = [source for source in sources if source not in done]
        if launch.prepare(stage, options) or new or stage.unfinished():
            units = plan(new)
            keep = _uncommit_rest(data, stage, set(done)) if options.resume else []
            build = CrawlSources(data, stage.config, units, keep, exclusions, _slots(options))
            launch.run(stage, options, lambda p: p | build, len(units), len(units))
            write_catalog(data)
    return _finish(data, options.max_rejects)


def expand_sources(named: list[str]) -> list[str]:
    """Sources one by one, in order, each once; UsageError for what is none."""
    sources: dict[str, None] = {}
    for source in named:
        kind, colon, place = source.partition(":")
        if not colon or kind not in dict(SOURCES) or not place:
            known = ", ".join(f"{name}:" for name, _ in SOURCES)
            raise UsageError(f"{source!r} is no source; a source begins with one of {known}")
        places = _lines(place[1:]) if kind == "pypi" and place.startswith("@") else [place]
        sources |= {f"{kind}:{each}": None for each in places}
    return list(sources)


def _lines(file: str) -> list[str]:
    """The lines of a list; `#` begins a comment."""
    try:
        with open(file, encoding="utf-8") as lines:
            stripped = [line.split("#")[0].strip() for line in lines]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: cannot be read as a list") from error
    return [line for line in stripped if line]


def plan(sources: list[str]) -> list[Sources]:
    """Units of sources in order, named after what is in them: the same list, the same shards."""
    size = min(MOST_SOURCES, max(1, len(sources) // SHARDS))
    groups = [tuple(sources[i : i + size]) for i in range(0, len(sources), size)]
    return [Sources(_digest("\n".join(group)), group) for group in groups]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _config(exclusions: Exclusions) -> str:
    return _digest(f"{VERSION} {sorted(exclusions.entries)}")


def _slots(options: argparse.Namespace) -> int:
    return int(options.workers or os.cpu_count() or 1)


def _rows(data: Storage) -> list[dict]:
    """Committed rows of `repositories` with the shard they stand in."""
    rows: list[dict] = []
    if read_manifest(data, "repositories") is None:
        return rows
    for name in shard_paths(data, "repositories"):
        table = pq.read_table(data.open(name), columns=["source", "status"])
        rows += [row | {"shard": name.rpartition("/")[2]} for row in table.to_pylist()]
    return rows


def _done(data: Storage) -> dict[str, str]:
    """Sources with a final row, and their shard; one that may pass takes its shard with it."""
    rows = _rows(data)
    again = {row["shard"] for row in rows if row["status"] in PASSING}
    return {row["source"]: row["shard"] for row in rows if row["shard"] not in again}


def _uncommit_rest(data: Storage, stage: launch.Stage, done: set[str]) -> list[dict]:
    """Entries of shards that stay; manifests name only these while others are made anew."""
    staying = {row["shard"] for row in _rows(data) if row["source"] in done}
    kept = []
    for dataset in stage.datasets:
        manifest = read_manifest(data, dataset) or {"shards": []}
        entries = [shard for shard in manifest["shards"] if shard["name"] in staying]
        write_manifest(data, dataset, stage.config, entries)
        kept += entries
    return kept


def _finish(data: Storage, tolerated: str | None) -> int:
    rows = _rows(data)
    failed = [row for row in rows if row["status"] != "ok"]
    counts = {name: (read_manifest(data, name) or {}).get("rows", 0) for name in DATASETS}
    print(
        f"crawl: {len(rows)} sources, {len(failed)} without files; {counts['files']:,} files, "
        f"{counts['ci_configs']} CI configurations, {counts['rejects/crawl']:,} rejects",
        file=sys.stderr,
    )
    for row in failed[:10]:
        print(f"crawl: {row['source']}: {row['status']}", file=sys.stderr)
    if not counts["files"]:
        return NO_ROWS
    return NO_ROWS if _too_many(tolerated, counts["rejects/crawl"], counts["files"]) else 0


def _too_many(tolerated: str | None, rejects: int, files: int) -> bool:
    if tolerated is None:
        return False
    try:
        if tolerated.endswith("%"):
            return rejects > float(tolerated[:-1]) / 100 * (rejects + files)
        return rejects > int(tolerated)
    except ValueError as error:
        raise UsageError(f"--max-rejects {tolerated!r}: a number or a percentage") from error
