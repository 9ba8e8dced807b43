"""build: every stage in order, from sources to a corpus that answers SQL."""

import argparse
import importlib
import sys
from importlib.resources import files
from typing import Any

from apache_beam.options.pipeline_options import PipelineOptions

from pipelines import ASKED, STAGES, contests, crawl, sql
from pipelines.running import dataflow
from transforms.lib.duplicates.candidates import ROUNDS
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.shards import read_manifest
from transforms.lib.skeleton.storage import Storage

HELP = "every stage in order; without SOURCE a built-in small list of releases"
EPILOG = """examples:
  quire build ./data                          the built-in list: about 25 releases
  quire build ./data pypi:flask dir:./mine    your own sources
  quire build ./data pypi:flask doctest:      problems, too: a SOURCE of contests asks for them
  quire build ./data --resume                 go on after an interruption
"""
RELEASES = "releases.txt"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of all stages."""
    parser.add_argument("source", nargs="*", metavar="SOURCE", help="as for crawl and contests")
    parser.add_argument("--exclude", metavar="FILE", help="names and sha256 that must not be kept")
    parser.add_argument("--max-rejects", metavar="N|P%", help="exit 3 above this many rejects")
    parser.add_argument(
        "--dedup",
        choices=("near", "exact"),
        default="near",
        help="near duplicates too (default), or exact ones alone",
    )
    parser.set_defaults(
        files=None,
        rounds=ROUNDS,
        evals=None,
        fields="",
        policy="report",
        fail_on_hit=False,
        stoplist=None,
        samples=None,
        libraries=[],
    )


def run(options: argparse.Namespace) -> int:
    """Run the stages; the first exit code that is not 0, else 0."""
    _refuse_dataflow(options)
    problems = list(filter(contests.is_source, options.source))
    options.source = [source for source in options.source if source not in problems]
    if not (options.source or (options.resume and crawl.begun(Storage(options.data)))):
        options.source = built_in()
    problems = problems or contests.asked(Storage(options.data)) if options.resume else problems
    if options.dry_run:
        return _plan(options, problems)
    for name in _stages(options, problems):
        code: int = _module(name).run(_for_stage(options, name, problems))
        if code:
            return code
    _say_more(options.data)
    return 0


def _stages(options: argparse.Namespace, problems: list[str]) -> list[str]:
    """Those to run: of problems if there are any to be found, or found and not yet verified."""
    found = options.resume and read_manifest(Storage(options.data), "contest_problems")
    return [name for name in STAGES if problems or found or name not in ASKED]


def _refuse_dataflow(options: argparse.Namespace) -> None:
    """UsageError for a runner whose jobs nobody waits for."""
    if options.beam_flags and dataflow.chosen(PipelineOptions(options.beam_flags)):
        stages = ", then ".join(f"quire {name} {options.data} …" for name in STAGES)
        raise UsageError(f"build waits for each stage, and nobody waits for Dataflow; run {stages}")


def built_in() -> list[str]:
    """The sources of the built-in list."""
    lines = files("pipelines").joinpath(RELEASES).read_text().split("\n")
    return [f"pypi:{line.split('#')[0].strip()}" for line in lines if line.split("#")[0].strip()]


def _module(name: str) -> Any:
    return importlib.import_module(f"pipelines.{name}")


def _plan(options: argparse.Namespace, problems: list[str]) -> int:
    """Say what would be done: later stages cannot know their input yet."""
    first, *rest = _stages(options, problems)
    code: int = _module(first).run(options)
    for name in rest:
        print(f"then {name}: {_module(name).HELP}")
    return code


def _for_stage(options: argparse.Namespace, name: str, problems: list[str]) -> argparse.Namespace:
    """The options of one stage: --limit counts sources, --resume renews what they changed."""
    mine = argparse.Namespace(**vars(options))
    if name != STAGES[0]:
        mine.limit, mine.renew, mine.source = None, True, problems
    return mine


def _say_more(data: str) -> None:
    sql.answer(Storage(data), "funnel", "table")
    print(
        f"\nnext: quire sql {data} rejects | licenses | duplicates | functions | sizes | "
        f'"SELECT … FROM corpus"\n      quire check {data}',
        file=sys.stderr,
    )
