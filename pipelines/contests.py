"""contests: problems of contests and courses, as tasks with tests; nothing is executed."""

import sys
from argparse import ArgumentParser, Namespace

from pipelines.running import launch
from transforms.contests.formats import FORMATS
from transforms.contests.stage import DATASETS, ExtractProblems
from transforms.contests.units import ContestUnit, plan_contests
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.catalog import write_catalog
from transforms.lib.skeleton.shards import VERSION, commit, committed_rows, read_manifest
from transforms.lib.skeleton.storage import Storage

HELP = "problems of contests and courses: contest_problems, contest_sources, rejects"
EPILOG = """sources (PATH is a folder, a file, a glob or an archive):
  leetcode:PATH         a tree in the shape of doocs/leetcode
  exercism:PATH         exercism/python, and exercism/problem-specifications for more cases
  apps:PATH             APPS: its folders, or JSONL or Parquet
  taco:PATH             TACO as JSONL or Parquet
  codecontests:PATH     CodeContests as Parquet or JSONL
  leetcodedataset:PATH  LeetCodeDataset as JSONL
  codeforces:PATH       open-r1/codeforces with solutions, as Parquet or JSONL
  doctest:PATH          functions with examples: a tree, or Parquet with repo, path, content
  doctest:              those of DATA's own corpus

examples:
  quire contests ./data exercism:./python exercism:./problem-specifications
  quire contests ./data leetcode:./leetcode 'apps:train/*.jsonl' doctest:
  quire sql ./data problems                  what was found, by format, kind and rule
"""
NAMES = "_work/contests/sources.txt"  # what a run was asked for: a killed one can be finished


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument(
        "source",
        nargs="*",
        metavar="SOURCE",
        help="where problems are, see below; --resume remembers them",
    )


def run(options: Namespace) -> int:
    """Run the stage; 0 when its datasets are committed."""
    launch.ready_workers("contests", options)
    data = Storage(options.data)
    sources = check_sources(options.source)
    if not sources and options.resume:
        sources = asked(data)
    if not sources:
        if options.resume and read_manifest(data, DATASETS[0]):
            return 0  # finished, and nothing more is asked for
        raise UsageError("no SOURCE is named")
    units, inputs = plan_contests(sources, data)
    units = units[: options.limit] if options.limit else units
    if options.dry_run:
        print(f"contests: {len(units)} units, into {data.path()}")
        return 0
    stage = launch.Stage("contests", data, DATASETS, _config(inputs, len(units)))
    with launch.lock(data):
        if launch.prepare(stage, options):
            data.put(NAMES, "\n".join(sources).encode())
            _build(stage, options, units)
        write_catalog(data)
    print(_summary(data), file=sys.stderr)
    return 0


def is_source(source: str) -> bool:
    """Whether an argument names a source of problems."""
    kind, colon, _ = source.partition(":")
    return bool(colon) and kind in [known.name for known in FORMATS]


def check_sources(named: list[str]) -> list[str]:
    """The sources, each once; UsageError for what is none."""
    for source in named:
        if not is_source(source):
            known = ", ".join(f"{known.name}:" for known in FORMATS)
            raise UsageError(f"{source!r} is no source; a source begins with one of {known}")
        if not source.isprintable():  # nor is a name that is no UTF-8
            raise UsageError(f"{source!a}: a source is printable text")
    return list(dict.fromkeys(named))


def asked(data: Storage) -> list[str]:
    """The sources of a run that did not finish."""
    return data.read(NAMES).decode().splitlines() if data.exists(NAMES) else []


def _build(stage: launch.Stage, options: Namespace, units: list[ContestUnit]) -> None:
    if not units:  # nothing would flow, not even to the commit
        commit(stage.data, stage.name, stage.datasets, stage.config, [])
        return
    build = ExtractProblems(stage.data, stage.config, units)
    launch.run(stage, options, lambda p: p | build, len(units), len(units))


def _config(inputs: str, units: int) -> str:
    """A digest of all that decides the bytes of this stage."""
    return launch.config_of([VERSION, inputs, units])


def _summary(data: Storage) -> str:
    rows = committed_rows(data, DATASETS)
    return (
        f"contests: {rows['contest_problems']:,} problems, "
        f"{rows['rejects/contests']:,} rejected; nothing was executed yet"
    )
