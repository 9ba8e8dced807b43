"""crawl: sources to repositories, files, CI configurations and rejects."""

import argparse
import contextlib
import hashlib
import os
import re
import sys
from typing import TYPE_CHECKING

from pipelines.running.earlier_runs import refuse_begun
from pipelines.running.flags import add_opt_out
from pipelines.running.job import Job, Stage, limited
from pipelines.running.opting_out import asked, obeyed, say_unmatched
from pipelines.running.run_stage import lock, run_stage
from transforms.crawl import DATASETS, STAGE
from transforms.crawl.distinct_names import distinct_names
from transforms.crawl.exclusions import Exclusions, read_exclusions
from transforms.crawl.github.access import ANONYMOUS, tokens
from transforms.crawl.github.clock import SYSTEM_CLOCK
from transforms.crawl.github.found_sources import Finder, names_list, stands_for_others
from transforms.crawl.github.rate_limits import MOST_WORKERS
from transforms.crawl.remaining import (
    begun,
    excluded_rows,
    final_shards,
    known_sources,
    remaining_sources,
    repository_rows,
    unfound_sources,
)
from transforms.crawl.requests_ahead import foretold_sources
from transforms.crawl.run_flags import FLAGS, resumed_flags, schemes, write_flags
from transforms.crawl.source_list import expand_sources, with_name, without_repeats
from transforms.crawl.units import plan_sources, read_kept, write_kept
from transforms.lib import VERSION
from transforms.lib.errors import UsageError
from transforms.lib.network.fetch import Politeness
from transforms.lib.rights.left_opt_outs import leave_opt_outs
from transforms.lib.rights.opt_outs import OptOuts
from transforms.lib.rights.purged_archives import delete_opted_out
from transforms.lib.skeleton.damage import harmed_shards
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.requested import requested, write_requested
from transforms.lib.skeleton.shards import committed_rows
from transforms.lib.skeleton.storage import Storage, absolute
from transforms.lib.text.amounts import amount

if TYPE_CHECKING:
    from transforms.crawl.stage import CrawlSources

EPILOG = """sources:
  pypi:NAME  pypi:NAME==V   a source release from the package index (newest, or pinned)
  pypi:@FILE                a list of names, one a line
  git:URL  git:URL@REF      a commit of a git repository, by https (branch, tag or id; git:@FILE)
  github:OWNER/REPO[@REF]   a repository on GitHub, at its default branch or REF
  github:@FILE              a list of them, one a line
  archive:PATH              a tar or zip archive
  dir:PATH                  a folder
  parquet:GLOB              Parquet with repo, path, content
  stack:GLOB                Parquet as The Stack v1, v2, v3 and CodeParrot have it
  NAME=archive:PATH  NAME=dir:PATH  NAME=git:URL   the same, and how the project is called
  github-search:QUERY       the repositories that a search of GitHub finds, in its syntax; without
                            fork:true they are no forks, and no other qualifier is added
  github-from:pypi          what the releases of pypi: in DATA were built from (with --resume)

A source that cannot be read is a row of `repositories` that says why; the others are crawled, and
the exit code is 3 only if no source gave a file. --resume tries those again that may pass.

examples:
  quire crawl ./data pypi:flask pypi:requests==2.32.3
  quire crawl ./data git:https://github.com/pallets/click@8.1.7
  quire crawl ./data pypi:@names.txt --resume     go on, and add what is new
  quire crawl ./data --resume                     finish what was asked for, try failures again
  quire crawl ./data 'github-search:language:python stars:>=10 created:2025-08-01..2025-09-01' \\
      --names-only names.txt                      a list to look at and to cut; then:
  quire crawl ./data github:@names.txt
"""
NO_ROWS = 3  # exit code
POLITENESS = Politeness()
CLOCK = SYSTEM_CLOCK
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
    parser.add_argument(
        "--names-only",
        metavar="FILE",
        help="write the repositories that github-search: finds to FILE, and crawl nothing",
    )
    parser.add_argument("--forks", action="store_true", help="keep forks of forges, too")
    parser.add_argument(
        "--tarball", action="store_true", help="fetch archives of forges, in place of git's objects"
    )
    add_build_arguments(parser)
    add_opt_out(parser)


def run(options: argparse.Namespace) -> int:
    """Run the stage; returns 0, or 3 if no source gave a row or too many rows were rejected."""
    tolerated = _tolerated(options.max_rejects)
    if getattr(options, "names_only", None):  # `build` has no such flag
        return _write_names(Storage(options.data), options)
    opt_outs = asked(options)

    def finish(data: Storage) -> int:
        if obeyed(data, opt_outs):
            delete_opted_out(data)
        say_unmatched(STAGE, data, opt_outs)
        return _finish(data, _exclusions(options), *tolerated)

    return run_stage(STAGE, options, plan, finish)


def plan(data: Storage, options: argparse.Namespace) -> Job:
    """What is to be crawled: sources that are named, and those that --resume remembers."""
    exclusions = _exclusions(options)
    own = asked(options)
    opt_outs = obeyed(data, own)
    flags = _flags(data, options)
    sources = list(limited(_named_sources(data, options, flags), options))
    if name := getattr(options, "name", None):  # `build` has no such flag
        sources = with_name(sources, name)
    if not sources and not options.resume:
        raise UsageError("no SOURCE is named")
    harmed = harmed_shards(data, DATASETS) if options.resume else []
    sources = remaining_sources(data, sources, harmed) if options.resume else sources
    if any(source.startswith("github") for source in sources) and not tokens():
        print(f"crawl: {ANONYMOUS}", file=sys.stderr)
    known = known_sources(data, harmed) if options.resume else []
    names = [] if options.dry_run else distinct_names(sources, known)
    units = plan_sources(sources, names)
    workers = min(options.workers or os.cpu_count() or 1, MOST_WORKERS)
    slots = max(1, min(workers, len(units)))

    def begin(stage: Stage) -> None:
        write_requested(data, STAGE, sources)
        write_flags(data, flags)
        leave_opt_outs(data, STAGE, opt_outs)
        write_kept(data, final_shards(data, harmed) if options.resume else [])

    def transform(plan: Plan, config: str, spill: Storage | None) -> "CrawlSources":
        from transforms.crawl.stage import CrawlSources

        return CrawlSources(plan, config, exclusions, POLITENESS, slots, flags)

    return Job(
        DATASETS,
        _config(exclusions, own, flags),
        units,
        transform,
        f"crawl: {amount(len(sources), 'source')}, into {data.path()}",
        foretold=lambda: foretold_sources(sources, flags),
        markers=len(units),
        more=bool(sources or harmed),
        mends=harmed,
        folders=("archives", "pages", "searches"),
        begin=begin,
        schemes=schemes(flags),
        without_units=lambda stage: read_kept(data),
    )


def _flags(data: Storage, options: argparse.Namespace) -> frozenset[str]:
    """The flags that sources ask for; with --resume those that the run was begun with."""
    given = frozenset(name for name in FLAGS if getattr(options, name, False))
    return resumed_flags(data, given) if options.resume else given


def _named_sources(data: Storage, options: argparse.Namespace, flags: frozenset[str]) -> list[str]:
    """The sources that are named, with the results of searches in place of these.

    The searches of a run that was killed go on; each is remembered from its beginning on.
    """
    named = [*options.source, *(unfound_sources(data) if options.resume else ())]
    sources = expand_sources(named)
    if not any(map(stands_for_others, sources)):
        return sources
    finder = _finder(data, options)

    def find(source: str) -> list[str]:
        return [found.source for found in finder.find(source)]

    if options.dry_run:
        return expand_sources(named, find)
    with lock(data):
        if options.overwrite:
            return expand_sources(named, find)
        if not options.resume:
            refuse_begun(Stage(STAGE, data, DATASETS, ""))
        earlier = requested(data, STAGE)
        write_requested(data, STAGE, without_repeats([*earlier, *sources]))
        write_flags(data, flags)
        try:
            return expand_sources(named, find)
        except UsageError:  # what is no search today is none at the next --resume
            known = [source for source in earlier if not stands_for_others(source)]
            write_requested(data, STAGE, known)
            raise


def _finder(data: Storage, options: argparse.Namespace) -> Finder:
    def say(line: str) -> None:
        print(f"crawl: {line}", file=sys.stderr)

    keep = not options.dry_run
    return Finder(data, CLOCK, say, keep, options.overwrite, options.limit, politeness=POLITENESS)


def _write_names(data: Storage, options: argparse.Namespace) -> int:
    """Write what searches find to the file of --names-only, or print it with --dry-run."""
    for source in expand_sources(options.source):
        if not stands_for_others(source):
            raise UsageError(f"--names-only lists what github-search: finds, and not {source}")
    folder, _, name = absolute(options.names_only).rpartition("/")
    place = Storage(folder or "/")
    if place.exists(name) and not options.overwrite:
        raise UsageError(f"{place.path(name)}: exists already; --overwrite replaces it")
    finder = _finder(data, options)
    with contextlib.nullcontext() if options.dry_run else lock(data):
        found = [each for source in options.source for each in finder.find(source)]
    content = names_list(list(limited(found, options)))
    if options.dry_run:
        print(content, end="")
        return 0
    place.put(name, content.encode())
    print(f"crawl: {len(found):,} repositories in {place.path(name)}", file=sys.stderr)
    return 0


def _exclusions(options: argparse.Namespace) -> Exclusions:
    return read_exclusions(options.exclude) if options.exclude else Exclusions()


def _config(exclusions: Exclusions, opt_outs: OptOuts, flags: frozenset[str]) -> str:
    """A digest of all that decides the bytes of this stage."""
    settings = f"{VERSION} {sorted(exclusions.entries)} {sorted(opt_outs.entries)} {sorted(flags)}"
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
