"""build: every stage in order, from sources to a corpus that answers SQL, and its report."""

import argparse
import sys
from importlib.resources import files

from pipelines import COMMANDS, ON_REQUEST, STAGES, cli, corpus, crawl, report, secrets, sql
from pipelines.running import process_costs
from pipelines.running.dry_run import lines_of_what_is_there
from pipelines.running.flags import add_opt_out
from schemas import DATASETS
from transforms.contests.units import is_source
from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.skeleton.requested import requested
from transforms.lib.skeleton.shards import read_manifest
from transforms.lib.skeleton.storage import Storage

EPILOG = """examples:
  quire build ./data                          the built-in list: about 25 releases
  quire build ./data pypi:flask dir:./mine    your own sources
  quire build ./data pypi:flask doctest:      problems, too: doctest: is a SOURCE of contests
  quire build ./data dir:./mine --ci          problems from your projects' own tests, too
  quire build ./data dir:./mine --secrets mask   <KEY> and the like in place of secrets
  quire build ./data --resume                 go on after an interruption
"""
RELEASES = "releases.txt"
REPLACED = "--overwrite: each stage replaces what is there when it has ended"
RENEWED = "--resume: a stage starts anew if what it reads has changed, and else keeps what is there"
HELP = {command.name: command.help for command in COMMANDS}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Sources, and those flags of the stages that `build` has, too."""
    parser.add_argument("source", nargs="*", metavar="SOURCE", help="as for crawl and contests")
    crawl.add_build_arguments(parser)
    corpus.add_build_arguments(parser)
    secrets.add_build_arguments(parser)
    add_opt_out(parser)
    parser.add_argument(
        "--ci",
        action="store_true",
        help="run the tests of the projects in the sandbox, and make problems of their calls",
    )


def run(options: argparse.Namespace) -> int:
    """Run the stages; returns the first exit code that is not 0, else 0."""
    _refuse_dataflow(options)
    data = Storage(options.data)
    problems = [source for source in options.source if is_source(source)]
    options.source = [source for source in options.source if source not in problems]
    if not (options.source or (options.resume and crawl.begun(data))):
        _refuse_other_files(data, options)
        options.source = built_in()
    if options.resume and not problems:
        problems = requested(data, "contests")
    stages = _stages(data, options, problems)
    if options.dry_run:
        return _say_plan(options, stages)
    for number, name in enumerate(stages):
        if number:
            process_costs.begin()  # of what this stage costs
        code: int = cli.load(name).run(_for_stage(options, name, problems))
        if code:
            return code
    sql.answer(data, "funnel", "table")
    _say_more(data, _written_page(data))
    return 0


def _refuse_other_files(data: Storage, options: argparse.Namespace) -> None:
    """Raises UsageError where there is a corpus that no crawl has led to.

    The built-in list would take the place of files that somebody has brought along.
    """
    if options.resume and read_manifest(data, "corpus"):
        raise UsageError(
            f"{data.path()}: its corpus is not of a crawl (`quire corpus --files`), which `build` "
            "would begin with; run the other stages one by one, or name a SOURCE"
        )


def _stages(data: Storage, options: argparse.Namespace, problems: list[str]) -> list[str]:
    """The stages to run: those on problems if some are asked for, or made and not yet verified."""
    wanted = set(STAGES) - set(ON_REQUEST)
    for name, asked, dataset in (
        ("contests", bool(problems), "contest_problems"),
        ("ci", options.ci, "ci_problems"),
    ):
        if asked or (options.resume and read_manifest(data, dataset)):
            wanted |= {name, "strengthen", "verify"}
    return [name for name in STAGES if name in wanted]


def _refuse_dataflow(options: argparse.Namespace) -> None:
    """Raises UsageError for Dataflow: `build` must wait for each stage, and cannot there."""
    if not options.beam_flags:
        return
    from apache_beam.options.pipeline_options import PipelineOptions  # takes a second

    from pipelines.running import dataflow

    if dataflow.chosen(PipelineOptions(options.beam_flags)):
        stages = ", then ".join(f"quire {name} {options.data} …" for name in STAGES)
        raise UsageError(
            f"build waits for each stage to end, and cannot wait for Dataflow; run {stages}"
        )


def built_in() -> list[str]:
    """The sources of the built-in list."""
    lines = files("pipelines").joinpath(RELEASES).read_text().split("\n")
    return [f"pypi:{line.split('#')[0].strip()}" for line in lines if line.split("#")[0].strip()]


def _say_plan(options: argparse.Namespace, stages: list[str]) -> int:
    """Print what would be done: later stages cannot know their input yet."""
    first, *rest = stages
    code: int = cli.load(first).run(_for_stage(options, first, []))
    data, there = Storage(options.data), False
    for name in rest:
        print(f"then {name}: {HELP[name]}")
        for line in lines_of_what_is_there(data, _committed_of(data, name)):
            print(f"  {line}")
            there = True
    print(f"then report: {HELP['report']}")
    if there and (options.overwrite or options.resume):
        print(REPLACED if options.overwrite else RENEWED)
    return code


def _committed_of(data: Storage, stage: str) -> list[str]:
    """The committed datasets of a stage."""
    return [d.name for d in DATASETS if d.stage == stage and read_manifest(data, d.name)]


def _for_stage(options: argparse.Namespace, name: str, problems: list[str]) -> argparse.Namespace:
    """The options of one stage: its own defaults, overridden by the flags of `build`.

    --limit counts sources, and a stage after the first starts anew where its input has changed.
    """
    mine = argparse.Namespace(**cli.defaults(name) | vars(options))
    if name == "contamination":  # a feed, which is last, holds no task of an evaluation set
        mine.policy = "drop"
    if name == "secrets":
        vars(mine).update(secrets.build_flags(Storage(options.data), options))
    if name != STAGES[0]:
        mine.limit, mine.renew, mine.source = None, True, problems
    known = {*cli.defaults(name), *cli.SHARED}  # flags of other stages are none of this one's
    return argparse.Namespace(**{k: value for k, value in vars(mine).items() if k in known})


def _written_page(data: Storage) -> str | None:
    """The path of the page, written; None, and a line that says why, where that is not possible.

    The datasets are committed by then, so it is no fault of the build.
    """
    import duckdb

    try:
        return report.write_page(data)
    except (UsageError, PipelineError, OSError, duckdb.Error) as error:
        fault = str(error).partition("\n")[0]
        print(f"build: no {report.PAGE} ({fault}); the datasets are complete", file=sys.stderr)
        return None


def _say_more(data: Storage, page: str | None) -> None:
    opened = f"open {page}\n      " if page else ""
    print(
        f"\nnext: {opened}quire sql {data.root} rejects | licenses | duplicates | secrets | "
        f'functions | tokens | "SELECT … FROM corpus"\n      quire check {data.root}',
        file=sys.stderr,
    )
