"""ci: projects that run Travis, tox or workflows to problems with unit tests."""

import os
import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from dataclasses import asdict
from importlib.metadata import version
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from pipelines.running.job import Job, MakeTransform, config_of, limited
from pipelines.running.run_stage import run_stage
from transforms.ci import DATASETS, MADE, RECIPES_ONLY, STAGE, TRACED
from transforms.ci.interpreters import interpreters
from transforms.ci.problem_quota import OF_LIBRARIES, PER_REPOSITORY
from transforms.ci.said import forget_said, lines_said
from transforms.ci.units import ProjectUnit, plan_projects
from transforms.lib import VERSION
from transforms.lib.detection.policy import Policy, read_policy
from transforms.lib.errors import UsageError
from transforms.lib.rights.removal_commit import removed_projects
from transforms.lib.rights.taken_rows import project_digest
from transforms.lib.skeleton.inputs import read_inputs
from transforms.lib.skeleton.plan import Plan
from transforms.lib.skeleton.shards import committed_rows, read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage

if TYPE_CHECKING:
    from apache_beam import PTransform

EPILOG = """For each project: read how its CI tests it (workflows, Travis, tox, nox), make that
environment, run the tests twice, and once more while calls are recorded. Up to four attempts
and ten minutes a project. All of it in the sandbox: it reaches the package index alone.
The calls become problems whose tests are what was recorded; `quire verify` runs them.

examples:
  quire crawl ./data dir:./checkout archive:./project.tar.gz pypi:inflect
  quire ci ./data
  quire ci ./data --recipes-only           how each project wants to be tested; runs nothing
  quire ci ./data --pythons ~/pythons      where further interpreters are (3.8 and 3.12 help most)
  quire ci ./data --from-calls --overwrite --per-repository 0
                                           other problems from the calls that were recorded
  quire sql ./data ci                      what went green, and the first cause where nothing did
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument(
        "--recipes-only",
        action="store_true",
        help="stop after the recipes; a run with --resume goes on from there",
    )
    parser.add_argument(
        "--from-calls",
        action="store_true",
        help="make the problems anew from the calls that are there; test nothing",
    )
    parser.add_argument(
        "--pythons",
        metavar="FOLDER",
        action="append",
        default=[],
        help="further interpreters: FOLDER/*/bin/python3.x or FOLDER/python3.x",
    )
    parser.add_argument(
        "--per-repository",
        type=int,
        default=PER_REPOSITORY,
        metavar="N",
        help="most problems of one repository (default %(default)s; 0: all)",
    )
    parser.add_argument(
        "--of-libraries",
        type=int,
        default=OF_LIBRARIES,
        metavar="N",
        help="most problems made of functions of libraries, of all projects together "
        "(default %(default)s; 0: all)",
    )


def run(options: Namespace) -> int:
    """Run the stage; returns 0."""
    return run_stage(STAGE, options, plan, lambda data: _finish(data, options.recipes_only))


def plan(data: Storage, options: Namespace) -> Job:
    """The units of `repositories`: the projects that were fetched."""
    from transforms.lib.detection.policy_settings import policy_settings  # loads all detectors

    _check(data, options)
    pythons = tuple(map(os.path.abspath, options.pythons))
    found = interpreters(pythons)
    units = list(limited(plan_projects(data), options))
    # `repositories` holds times: what the projects are is in their units, and in what was read.
    inputs = read_inputs(data, ["files", "ci_configs", "secrets"])
    quotas = [options.per_repository, options.of_libraries]
    projects = sorted({*map(project_digest, map(asdict, units)), *removed_projects(data)})
    tested = [projects, sorted(found), version("tox"), version("uv")]
    made_of = read_inputs(data, TRACED) if options.from_calls else {}
    policy = read_policy(data)
    known: set[str] = set()
    return Job(
        _datasets(options),
        config_of([VERSION, *tested, *quotas, *policy_settings(policy)]),
        units,
        _transform(options, pythons, policy, len(units)),
        _description(data, units, found),
        rows=len(units),
        markers=len(units) if options.recipes_only or options.from_calls else 2 * len(units),
        begin=lambda stage: forget_said(stage.data),
        news=lambda: lines_said(data, known),
        inputs=inputs | made_of,
        phases={} if options.recipes_only else _phases(options),
    )


def _transform(
    options: Namespace, pythons: tuple[str, ...], policy: Policy | None, units: int
) -> MakeTransform:
    slots = max(1, min(options.workers or os.cpu_count() or 1, units))

    def transform(plan: Plan, config: str, spill: Storage | None) -> "PTransform":
        from transforms.ci.stage import CiSettings, FindRecipes, ProblemsFromCi

        quotas = options.per_repository, options.of_libraries
        settings = CiSettings(pythons, *quotas, slots, policy)
        if options.recipes_only:
            return FindRecipes(plan, config, settings)
        return ProblemsFromCi(plan, config, settings, options.from_calls)

    return transform


def _datasets(options: Namespace) -> tuple[str, ...]:
    if options.recipes_only:
        return RECIPES_ONLY
    return MADE if options.from_calls else DATASETS


def _phases(options: Namespace) -> dict[str, tuple[str, ...]]:
    return {"done": MADE} if options.from_calls else {"traced": TRACED, "done": MADE}


def _check(data: Storage, options: Namespace) -> None:
    """Raise UsageError for what cannot be run."""
    if read_manifest(data, "repositories") is None:
        raise UsageError(
            f"{data.path()}: no `repositories` here; run `quire crawl {data.root} SOURCE …` first"
        )
    if options.recipes_only and options.from_calls:
        raise UsageError("--recipes-only and --from-calls exclude one another")
    if options.from_calls and read_manifest(data, "calls") is None:
        raise UsageError(f"{data.path()}: no `calls` here; run `quire ci {data.root}` first")
    for name in ("per_repository", "of_libraries"):
        if getattr(options, name) < 0:
            raise UsageError(f"--{name.replace('_', '-')}: a number of problems, 0 for all")
    for folder in options.pythons:
        if not os.path.isdir(folder):
            raise UsageError(f"--pythons {folder}: no such folder")


def _description(data: Storage, units: list[ProjectUnit], found: dict[str, str]) -> str:
    kept = sum(unit.archive_sha256 is not None for unit in units)
    pythons = ", ".join(found)
    return (
        f"ci: {len(units)} projects, {kept} of them with an archive, into {data.path()}; "
        f"interpreters {pythons}"
    )


def _finish(data: Storage, recipes_only: bool) -> int:
    rows = committed_rows(data, DATASETS)
    if recipes_only:
        print(f"ci: {rows['recipes']:,} recipes; nothing was run", file=sys.stderr)
        return 0
    states = _states(data)
    causes = Counter(cause for state, cause in states.values() if state != "green" and cause)
    green = sum(state == "green" for state, _ in states.values())
    partly = sum(state == "partly" for state, _ in states.values())
    print(
        f"ci: {len(states):,} projects tested, {green:,} green, {partly:,} partly; "
        f"{rows['calls']:,} calls, {rows['ci_problems']:,} problems, "
        f"{rows['rejects/ci']:,} rejected",
        file=sys.stderr,
    )
    if causes:
        told = ", ".join(f"{cause} {count}" for cause, count in causes.most_common(6))
        print(f"ci: not green because of: {told}", file=sys.stderr)
    return 0


def _states(data: Storage) -> dict[tuple[str, str, str], tuple[str, str | None]]:
    """State and cause of each project: those of the chosen attempt, or else of the first one."""
    names = ["repo", "commit", "archive_sha256", "chosen", "state", "cause"]
    states: dict[tuple[str, str, str], tuple[str, str | None]] = {}
    for shard in shard_paths(data, "environments"):
        with data.open(shard) as file:
            for row in pq.read_table(file, columns=names).to_pylist():
                key = row["repo"], row["commit"], row["archive_sha256"]
                state = row["state"], row["cause"]
                if row["chosen"]:
                    states[key] = state
                states.setdefault(key, state)
    return states
