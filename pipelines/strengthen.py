"""strengthen: more tests for problems, judged by mutants and by wrong programs."""

import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from pipelines.running.flags import add_libraries
from pipelines.running.job import Job, config_of, limited
from pipelines.running.run_stage import run_stage
from transforms.lib import VERSION
from transforms.lib.problems.problem_units import committed_problems, plan_problems
from transforms.lib.skeleton.inputs import read_inputs
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.shards import committed_rows
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.versions import folder_version
from transforms.lib.trials.library_folders import library_folders
from transforms.strengthen import DATASETS, STAGE

if TYPE_CHECKING:
    from transforms.strengthen.stage import StrengthenProblems

EPILOG = """Inputs are made of those that a problem has, within the constraints of its statement.
An input becomes a test if right solutions agree on it and if it fails a wrong program: a
mutant of a right solution, a trivial program, or a solution that the source marks as wrong.
Run it between `quire contests` (or `quire ci`) and `quire verify`, which takes the tests.

examples:
  quire strengthen ./data
  quire strengthen ./data --libraries ./site      where solutions import sortedcontainers from
  quire sql ./data strength                       what the tests kill, before and after
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    add_libraries(parser)


def run(options: Namespace) -> int:
    """Run the stage; returns 0."""
    return run_stage(STAGE, options, plan, _finish)


def plan(data: Storage, options: Namespace) -> Job:
    """The units of `contest_problems` and `ci_problems`, or of the one that is there."""
    datasets = committed_problems(data)
    inputs = read_inputs(data, datasets)
    libraries = library_folders(options.libraries)
    units = list(limited(plan_problems(data, datasets), options))
    rows = sum(unit.rows for unit in units)

    def transform(plan: Plan, config: str, spill: Storage | None) -> "StrengthenProblems":
        from transforms.strengthen.stage import StrengthenProblems

        return StrengthenProblems(plan, config, libraries)

    return Job(
        DATASETS,
        config_of([VERSION, inputs, options.limit, list(map(folder_version, libraries))]),
        units,
        transform,
        f"strengthen: {rows} problems, into {data.path()}",
        rows=rows,
        markers=len(units),
        inputs=inputs,
    )


def _finish(data: Storage) -> int:
    rows = committed_rows(data, DATASETS)
    print(
        f"strengthen: {rows['tests']:,} tests made for {rows['strength']:,} problems",
        file=sys.stderr,
    )
    return 0
