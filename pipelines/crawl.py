"""crawl: sources to repositories, files, CI configurations and rejects."""

import argparse
import hashlib
import os
import re
import sys

import pyarrow.parquet as pq

from pipelines.running import launch
from transforms.crawl.sources import SOURCES, source_key
from transforms.crawl.stage import DATASETS, CrawlSources, Exclusions, Sources
from transforms.lib.errors import UsageError
from transforms.lib.network.fetch import PASSING, Politeness
from transforms.lib.skeleton.catalog import write_catalog
from transforms.lib.skeleton.shards import (
    VERSION,
    committed_rows,
    read_manifest,
    shard_paths,
    write_manifest,
)
from transforms.lib.skeleton.storage import Storage

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
  quire crawl ./data --resume                     finish what was asked for, try failures again
"""
SHARDS = 128  # aimed at in a large crawl
MOST_SOURCES = 64  # in one unit
NO_ROWS = 3  # exit code
POLITENESS = Politeness()
SHOWN = 10  # failed sources on the screen
NAMES = "_work/crawl/sources.txt"  # what a run was asked for: a killed one can be finished


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument(
        "source",
        nargs="*",
        metavar="SOURCE",
        help="what to fetch, see below; --resume remembers them",
    )
    parser.add_argument("--exclude", metavar="FILE", help="names and sha256 that must not be kept")
    parser.add_argument("--max-rejects", metavar="N|P%", help="exit 3 above this many rejects")


def run(options: argparse.Namespace) -> int:
    """Run the stage; 0 when its datasets are committed, 3 if no source gave a row."""
    launch.ready_workers("crawl", options)
    data = Storage(options.data)
    exclusions = Exclusions.of(_lines(options.exclude) if options.exclude else ())
    tolerated = _tolerated(options.max_rejects)
    sources = expand_sources(options.source)[: options.limit]
    if not sources and not options.resume:
        raise UsageError("no SOURCE is named")
    if options.dry_run:
        print("\n".join(_left(data, sources) if options.resume else sources))
        return 0
    with launch.lock(data):
        _crawl(data, sources, exclusions, options)
        write_catalog(data)
    return _finish(data, *tolerated)


def _crawl(
    data: Storage, sources: list[str], exclusions: Exclusions, options: argparse.Namespace
) -> None:
    stage = launch.Stage("crawl", data, DATASETS, _config(exclusions))
    left = _left(data, sources) if options.resume else sources
    if not launch.prepare(stage, options) and not left:
        return
    data.put(NAMES, "\n".join(left).encode())
    units = plan(left)
    kept = _uncommit_rest(data, stage) if options.resume else []
    slots = max(1, min(options.workers or os.cpu_count() or 1, len(units)))
    build = CrawlSources(data, stage.config, units, kept, exclusions, POLITENESS, slots)
    launch.run(stage, options, lambda p: p | build, len(units), len(units))


def expand_sources(named: list[str]) -> list[str]:
    """Sources one by one, in order, each once as it is first spelt; UsageError for what is none."""
    sources: list[str] = []
    for source in named:
        kind, colon, place = source.partition(":")
        if not colon or kind not in dict(SOURCES) or not place:
            known = ", ".join(f"{name}:" for name, _ in SOURCES)
            raise UsageError(f"{source!r} is no source; a source begins with one of {known}")
        if not source.isprintable():  # nor is a name that is no UTF-8
            raise UsageError(f"{source!a}: a source is printable text")
        places = _lines(place[1:]) if kind == "pypi" and place.startswith("@") else [place]
        sources += [f"{kind}:{each}" for each in places]
    return list(_once(sources).values())


def _once(sources: list[str]) -> dict[tuple[str, ...], str]:
    """Sources by what equal ones have in common, as each is first spelt."""
    first: dict[tuple[str, ...], str] = {}
    for source in sources:
        first.setdefault(source_key(source), source)
    return first


def _lines(file: str) -> list[str]:
    """The lines of a list, at a path or a URL; `#` begins a comment."""
    folder, _, name = (file if "://" in file else os.path.abspath(file)).rpartition("/")
    try:
        text = Storage(folder or "/").read(name).decode()
    except (OSError, ValueError) as error:  # not there, not UTF-8, not a URL that is known
        raise UsageError(f"{file}: cannot be read as a list") from error
    stripped = [line.split("#")[0].strip() for line in text.splitlines()]
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


def _rows(data: Storage) -> list[dict]:
    """Committed rows of `repositories` with the shard they stand in; none before all is there."""
    if not all(read_manifest(data, name) for name in DATASETS):
        return []
    rows: list[dict] = []
    for name in shard_paths(data, "repositories"):
        table = pq.read_table(data.open(name), columns=["source", "status", "reason"])
        rows += [row | {"shard": name.rpartition("/")[2]} for row in table.to_pylist()]
    return rows


def _passing(rows: list[dict]) -> set[str]:
    """Shards with a source that a later run may have; they are made anew as a whole."""
    return {row["shard"] for row in rows if row["status"] in PASSING}


def begun(data: Storage) -> bool:
    """Whether a crawl was begun here: then --resume knows its sources."""
    return data.exists(NAMES) or read_manifest(data, "repositories") is not None


def _left(data: Storage, named: list[str]) -> list[str]:
    """Sources without a final row: those named now, then those of earlier runs."""
    rows = _rows(data)
    passing = _passing(rows)
    asked = data.read(NAMES).decode().splitlines() if data.exists(NAMES) else []
    again = [row["source"] for row in rows if row["shard"] in passing]
    done = {source_key(row["source"]) for row in rows if row["shard"] not in passing}
    left = _once([*named, *asked, *again])
    return [source for key, source in left.items() if key not in done]


def _uncommit_rest(data: Storage, stage: launch.Stage) -> list[dict]:
    """Entries of shards that stay; manifests name only these while others are made anew."""
    rows = _rows(data)
    staying = {row["shard"] for row in rows} - _passing(rows)
    kept = []
    for dataset in stage.datasets:
        manifest = read_manifest(data, dataset)
        if manifest is None:
            continue
        entries = [shard for shard in manifest["shards"] if shard["name"] in staying]
        write_manifest(data, dataset, stage.config, entries)
        kept += entries
    return kept


def _finish(data: Storage, most: float, share: float) -> int:
    rows = _rows(data)
    failed = [row for row in rows if row["status"] != "ok"]
    counts = committed_rows(data, DATASETS)
    files, rejects = counts["files"], counts["rejects/crawl"]
    print(
        f"crawl: {len(rows)} sources, {len(failed)} without files; {files:,} files, "
        f"{counts['ci_configs']} CI configurations, {rejects:,} rejects",
        file=sys.stderr,
    )
    for row in failed[:SHOWN]:
        print(f"crawl: {row['source']}: {row['status']}: {row['reason']}", file=sys.stderr)
    if len(failed) > SHOWN:
        print(f"crawl: and {len(failed) - SHOWN} more, see rejects/crawl", file=sys.stderr)
    too_many = rejects > most or rejects > share * (rejects + files)
    return NO_ROWS if too_many or not files else 0


def _tolerated(text: str | None) -> tuple[float, float]:
    """How many rejects, and which share of all rows, are no failure."""
    number = re.fullmatch(r"(\d+)|(\d+(?:\.\d+)?)%", text or "100%")
    if number is None:
        raise UsageError(f"--max-rejects {text!r}: a number or a percentage")
    most, percent = number.groups()
    return float(most or "inf"), float(percent or 100) / 100
