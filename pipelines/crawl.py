"""crawl: sources to repositories, files, CI configurations and rejects."""

import argparse
import hashlib
import os
import re
import sys
from typing import TYPE_CHECKING

from pipelines.running.flags import add_opt_out
from pipelines.running.job import Job, Stage, limited
from pipelines.running.opting_out import asked, obeyed, say_unmatched
from pipelines.running.run_stage import run_stage
from transforms.crawl import DATASETS, STAGE
from transforms.crawl.distinct_names import distinct_names
from transforms.crawl.exclusions import Exclusions, read_exclusions
from transforms.crawl.remaining import (
    begun,
    excluded_rows,
    final_shards,
    known_sources,
    remaining_sources,
    repository_rows,
)
from transforms.crawl.source_list import expand_sources, with_name
from transforms.crawl.units import plan_sources, read_kept, write_kept
from transforms.lib import VERSION
from transforms.lib.errors import UsageError
from transforms.lib.network.fetch import Politeness
from transforms.lib.rights.left_opt_outs import leave_opt_outs
from transforms.lib.rights.opt_outs import OptOuts
from transforms.lib.rights.purged_archives import delete_opted_out
from transforms.lib.skeleton.damage import harmed_shards
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.requested import write_requested
from transforms.lib.skeleton.shards import committed_rows
from transforms.lib.skeleton.storage import Storage

if TYPE_CHECKING:
    from transforms.crawl.stage import CrawlSources

EPILOG = """sources:
  pypi:NAME  pypi:NAME==V   a source release from the package index (newest, or pinned)
  pypi:@FILE                a list of names, one a line
  archive:PATH              a tar or zip archive
  dir:PATH                  a folder
  parquet:GLOB              Parquet with repo, path, content
  NAME=archive:PATH  NAME=dir:PATH   the same, and how the project is called

A source that cannot be read is a row of `repositories` that says why; the others are crawled, and
the exit code is 3 only if no source gave a file. --resume tries those again that may pass.

examples:
  quire crawl ./data pypi:flask pypi:requests==2.32.3
  quire crawl ./data pypi:@names.txt --resume     go on, and add what is new
  quire crawl ./data --resume                     finish what was asked for, try failures again
"""
NO_ROWS = 3  # exit code
POLITENESS = Politeness()
SHOWN_FAILURES = 10
SHOWN_EXCLUSIONS = 5

__all__ = ["add_arguments", "begun", "run"]


def add_build_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags that `build` has, too."""
    parser.add_argument("--exclude", metavar="FILE", help="names and sha256 that must not be kept")
    parser.add_argument("--max-rejects", metavar="N|P%", help="exit 3 above this many rejects")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument(
        "source",
        nargs="*",
        metavar="SOURCE",
        help="what to fetch, see below; --resume remembers them",
    )
    parser.add_argument("--name", help="how the project of the only SOURCE is called")
    add_build_arguments(parser)
    add_opt_out(parser)


def run(options: argparse.Namespace) -> int:
    """Run the stage; returns 0, or 3 if no source gave a row or too many rows were rejected."""
    tolerated = _tolerated(options.max_rejects)
    opt_outs = asked(options)

    def finish(data: Storage) -> int:
        if obeyed(data, options):
            delete_opted_out(data)
        say_unmatched(STAGE, data, opt_outs)
        return _finish(data, _exclusions(options), *tolerated)

    return run_stage(STAGE, options, plan, finish)


def plan(data: Storage, options: argparse.Namespace) -> Job:
    """What is to be crawled: sources that are named, and those that --resume remembers."""
    exclusions = _exclusions(options)
    opt_outs = obeyed(data, options)
    sources = list(limited(expand_sources(options.source), options))
    if name := getattr(options, "name", None):  # `build` has no such flag
        sources = with_name(sources, name)
    if not sources and not options.resume:
        raise UsageError("no SOURCE is named")
    harmed = harmed_shards(data, DATASETS) if options.resume else []
    sources = remaining_sources(data, sources, harmed) if options.resume else sources
    known = known_sources(data, harmed) if options.resume else []
    names = [] if options.dry_run else distinct_names(sources, known)
    units = plan_sources(sources, names)
    slots = max(1, min(options.workers or os.cpu_count() or 1, len(units)))

    def begin(stage: Stage) -> None:
        write_requested(data, STAGE, sources)
        leave_opt_outs(data, STAGE, opt_outs)
        write_kept(data, final_shards(data, harmed) if options.resume else [])

    def transform(plan: Plan, config: str, spill: Storage | None) -> "CrawlSources":
        from transforms.crawl.stage import CrawlSources

        return CrawlSources(plan, config, exclusions, POLITENESS, slots)

    return Job(
        DATASETS,
        _config(exclusions, asked(options)),
        units,
        transform,
        "\n".join(sources),
        markers=len(units),
        more=bool(sources or harmed),
        mends=harmed,
        folders=("archives", "pages"),
        begin=begin,
        without_units=lambda stage: read_kept(data),
    )


def _exclusions(options: argparse.Namespace) -> Exclusions:
    return read_exclusions(options.exclude) if options.exclude else Exclusions()


def _config(exclusions: Exclusions, opt_outs: OptOuts) -> str:
    """A digest of all that decides the bytes of this stage."""
    settings = f"{VERSION} {sorted(exclusions.entries)} {sorted(opt_outs.entries)}"
    return hashlib.sha256(settings.encode()).hexdigest()[:16]


def _finish(data: Storage, exclusions: Exclusions, most: float, share: float) -> int:
    rows = repository_rows(data)
    failed = [row for row in rows if row["status"] != "ok"]
    counts = committed_rows(data, DATASETS)
    files, rejects = counts["files"], counts["rejects/crawl"]
    print(
        f"crawl: {len(rows)} sources, {len(failed)} without files; {files:,} files, "
        f"{counts['ci_configs']} CI configurations, {rejects:,} rejects",
        file=sys.stderr,
    )
    for row in failed[:SHOWN_FAILURES]:
        print(f"crawl: {row['source']}: {row['status']}: {row['reason']}", file=sys.stderr)
    if len(failed) > SHOWN_FAILURES:
        print(f"crawl: and {len(failed) - SHOWN_FAILURES} more, see rejects/crawl", file=sys.stderr)
    if unused := exclusions.without_effect(excluded_rows(data)) if exclusions.entries else []:
        shown = ", ".join(unused[:SHOWN_EXCLUSIONS])
        more = f" and {rest} more" if (rest := len(unused) - SHOWN_EXCLUSIONS) > 0 else ""
        print(f"crawl: --exclude: nothing here is excluded by {shown}{more}", file=sys.stderr)
    too_many = rejects > most or rejects > share * (rejects + files)
    return NO_ROWS if too_many or not files else 0


def _tolerated(text: str | None) -> tuple[float, float]:
    """How many rejects, and which share of all rows, are no failure."""
    number = re.fullmatch(r"(\d+)|(\d+(?:\.\d+)?)%", text or "100%")
    if number is None:
        raise UsageError(f"--max-rejects {text!r}: a number or a percentage")
    most, percent = number.groups()
    return float(most or "inf"), float(percent or 100) / 100
