"""contests: problems of contests and courses, as tasks with tests; nothing is executed."""

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from pipelines.running.dry_run import counted_kinds
from pipelines.running.job import Job, Stage, config_of, limited
from pipelines.running.run_stage import run_stage
from transforms.contests import DATASETS, STAGE
from transforms.contests.units import check_sources, plan_contests
from transforms.lib import VERSION
from transforms.lib.detection.policy import read_policy
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.damage import harmed_shards, resume
from transforms.lib.skeleton.inputs import read_inputs
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.requested import requested, write_requested
from transforms.lib.skeleton.shards import committed_rows, read_manifest
from transforms.lib.skeleton.storage import Storage

if TYPE_CHECKING:
    from transforms.contests.stage import ExtractProblems

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


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument(
        "source",
        nargs="*",
        metavar="SOURCE",
        help="where problems are, see below; --resume remembers them",
    )


def run(options: Namespace) -> int:
    """Run the stage; returns 0."""
    if options.resume and not options.source and _finished(Storage(options.data)):
        return 0
    return run_stage(STAGE, options, plan, _finish)


def _finished(data: Storage) -> bool:
    """Whether a run is committed and none is left to finish."""
    committed = read_manifest(data, DATASETS[0]) is not None
    return committed and not requested(data, STAGE) and not harmed_shards(data, DATASETS)


def plan(data: Storage, options: Namespace) -> Job:
    """The units of the sources that are named, or else that --resume remembers."""
    from transforms.lib.detection.policy_settings import policy_settings  # loads all detectors

    sources = check_sources(options.source)
    if not sources and options.resume:
        sources = requested(data, STAGE)
    if not sources:
        _refuse_harmed(data)
        raise UsageError("no SOURCE is named")
    units, inputs = plan_contests(sources, data)
    units = list(limited(units, options))
    policy = read_policy(data)

    def transform(plan: Plan, config: str, spill: Storage | None) -> "ExtractProblems":
        from transforms.contests.stage import ExtractProblems

        return ExtractProblems(plan, config, policy)

    def begin(stage: Stage) -> None:
        write_requested(data, STAGE, sources)

    return Job(
        DATASETS,
        config_of([VERSION, inputs, options.limit, *policy_settings(policy)]),
        units,
        transform,
        f"contests: {len(units)} units, into {data.path()}",
        foretold=lambda: counted_kinds(sources),
        markers=len(units),
        begin=begin,
        inputs=read_inputs(data, ["secrets", *(["corpus"] if "doctest:" in sources else [])]),
        phases={"done": DATASETS},
    )


def _refuse_harmed(data: Storage) -> None:
    """Raise UsageError if a shard is gone or damaged: only SOURCE says what it is made of."""
    for dataset, name, fault in harmed_shards(data, DATASETS):
        raise UsageError(f"{data.path(dataset)}/{name}: {fault}; {resume(data.root, dataset)}")


def _finish(data: Storage) -> int:
    rows = committed_rows(data, DATASETS)
    print(
        f"contests: {rows['contest_problems']:,} problems, "
        f"{rows['rejects/contests']:,} rejected; nothing was executed yet",
        file=sys.stderr,
    )
    return 0
