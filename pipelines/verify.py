"""verify: problems tried in the sandbox; those that hold, verdicts of every run, rejects."""

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from pipelines.running.flags import add_libraries
from pipelines.running.job import Job, Stage, config_of, limited
from pipelines.running.run_stage import run_stage
from transforms.lib import VERSION
from transforms.lib.problems.problem_units import committed_problems, plan_problems
from transforms.lib.records.input_files import digest
from transforms.lib.skeleton.inputs import read_inputs
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.shards import committed_rows
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.versions import folder_version
from transforms.lib.trials.library_folders import library_folders
from transforms.verify import DATASETS, STAGE
from transforms.verify.made_tests import (
    committed_made_tests,
    require_same_problems,
    write_places,
)
from transforms.verify.units import samples_of_problems, write_samples

if TYPE_CHECKING:
    from transforms.verify.stage import VerifyProblems

EPILOG = """A reference runs five times in fresh processes: three hash seeds, two time zones, two
working directories, tests in other orders. Then programs that do nothing must fail,
further solutions must agree, wrong ones must fail; of near-duplicate problems one stays.
Tried are the problems that contests and ci have made, these in the environment that they need.

examples:
  quire verify ./data
  quire verify ./data --samples samples.jsonl     drop what no sample passes (Codex section 4.3)
  quire evaluate samples.jsonl --eval ./data      pass@k of samples; drops nothing
  quire verify ./data --libraries ./site          where solutions import sortedcontainers from
  quire sql ./data verification                   the funnel by source and reason
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument(
        "--samples",
        metavar="FILE",
        help="samples of problems, as `quire sample DATA` draws them",
    )
    add_libraries(parser)


def run(options: Namespace) -> int:
    """Run the stage; returns 0."""
    return run_stage(STAGE, options, plan, _finish)


def plan(data: Storage, options: Namespace) -> Job:
    """The units of `contest_problems` and `ci_problems`, or of the one that is there."""
    datasets = committed_problems(data)
    made = committed_made_tests(data)
    inputs = read_inputs(data, [*datasets, *made])
    if made:
        require_same_problems(data, inputs)
    libraries = library_folders(options.libraries)
    units = list(limited(plan_problems(data, datasets), options))
    samples = samples_of_problems(data, units, options.samples) if options.samples else None

    def begin(stage: Stage) -> None:
        write_places(data, units)
        if samples is not None:
            _warn_of_drops(samples, options)
            write_samples(data, units, samples)

    def transform(plan: Plan, config: str, spill: Storage | None) -> "VerifyProblems":
        from transforms.verify.stage import VerifyProblems

        return VerifyProblems(plan, config, libraries, samples is not None)

    rows = sum(unit.rows for unit in units)
    sampled = digest(options.samples) if options.samples else None
    return Job(
        DATASETS,
        config_of([VERSION, inputs, options.limit, sampled, list(map(folder_version, libraries))]),
        units,
        transform,
        f"verify: {rows} problems, into {data.path()}",
        rows=rows,
        markers=2 * len(units),
        begin=begin,
        inputs=inputs,
    )


def _warn_of_drops(samples: dict[str, list[str]], options: Namespace) -> None:
    """Say how many problems go because they were not sampled, before any work is done."""
    missing = sum(not completions for completions in samples.values())
    if missing:
        print(
            f"verify: {missing:,} of {len(samples):,} problems have no sample and will be dropped "
            f"(no_samples); `quire evaluate {options.samples} --eval {options.data}` scores "
            "samples and drops nothing",
            file=sys.stderr,
        )


def _finish(data: Storage) -> int:
    rows = committed_rows(data, DATASETS)
    print(
        f"verify: {rows['problems']:,} problems hold, {rows['rejects/verify']:,} rejected, "
        f"{rows['verdicts/verify']:,} runs",
        file=sys.stderr,
    )
    return 0
