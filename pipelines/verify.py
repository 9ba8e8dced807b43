"""verify: problems tried in the sandbox; those that hold, verdicts of every run, rejects."""

import os
import sys
from argparse import ArgumentParser, Namespace

from apache_beam import Pipeline

from pipelines.running import launch
from transforms.lib.completions.samples import read_samples
from transforms.lib.errors import UsageError
from transforms.lib.records.input_files import digest
from transforms.lib.skeleton.catalog import write_catalog
from transforms.lib.skeleton.shards import VERSION, commit, committed_rows, read_manifest
from transforms.lib.skeleton.storage import Storage
from transforms.verify.stage import DATASETS, VerifyProblems
from transforms.verify.units import ProblemUnit, leave_samples, plan_problems, read_problems

HELP = "run problems and keep what holds: problems, verdicts/verify, rejects"
EPILOG = """A reference runs five times in fresh processes: three hash seeds, two time zones, two
working directories, tests in other orders. Then programs that do nothing must fail,
further solutions must agree, wrong ones must fail; of near-duplicate problems one stays.

examples:
  quire verify ./data
  quire verify ./data --samples samples.jsonl     drop what no sample passes (Codex section 4.3)
  quire verify ./data --libraries ./site          where solutions import sortedcontainers from
  quire sql ./data verification                   the funnel by source and reason
"""


def add_arguments(parser: ArgumentParser) -> None:
    """The flags of this stage."""
    parser.add_argument(
        "--samples", metavar="FILE", help="samples of problems, as `quire sample DATA` draws them"
    )
    parser.add_argument(
        "--libraries",
        metavar="FOLDER",
        action="append",
        default=[],
        help="what programs may import (pip install --target)",
    )


def run(options: Namespace) -> int:
    """Run the stage; 0 when its datasets are committed."""
    launch.ready_workers("verify", options)
    data = Storage(options.data)
    manifest = read_manifest(data, "contest_problems")
    if manifest is None:
        raise UsageError(f"{data.path()}: no `contest_problems` here; run `quire contests` first")
    libraries = _libraries(options.libraries)
    units = plan_problems(data)
    units = units[: options.limit] if options.limit else units
    if options.dry_run:
        print(f"verify: {sum(unit.rows for unit in units)} problems, into {data.path()}")
        return 0
    shards = [shard["sha256"] for shard in manifest["shards"]]
    stage = launch.Stage("verify", data, DATASETS, _config(shards, len(units), options))
    with launch.lock(data):
        if launch.prepare(stage, options):
            _build(stage, options, units, libraries)
        write_catalog(data)
    print(_summary(data), file=sys.stderr)
    return 0


def _libraries(folders: list[str]) -> tuple[str, ...]:
    for folder in folders:
        if not os.path.isdir(folder):
            raise UsageError(f"--libraries {folder}: no such folder")
    return tuple(map(os.path.abspath, folders))


def _build(
    stage: launch.Stage, options: Namespace, units: list[ProblemUnit], libraries: tuple[str, ...]
) -> None:
    if not units:  # nothing would flow, not even to the commit
        commit(stage.data, stage.name, stage.datasets, stage.config, [])
        return
    samples = _samples(stage.data, units, options.samples) if options.samples else None

    def build(pipeline: Pipeline) -> object:
        if samples is not None:
            leave_samples(stage.data, units, samples)
        return pipeline | VerifyProblems(
            stage.data, stage.config, units, libraries, samples is not None
        )

    launch.run(stage, options, build, len(units), 2 * len(units))


def _samples(data: Storage, units: list[ProblemUnit], file: str) -> dict[str, list[str]]:
    """Completions by problem."""
    tables = [read_problems(data, unit, ["problem_id"]) for unit in units]
    ids = {each for table in tables for each in table["problem_id"].to_pylist()}
    found: dict[str, list[str]] = {}
    for sample in read_samples(file, ids, f"in contest_problems of {data.path()}"):
        found.setdefault(sample.task_id, []).append(sample.completion)
    return found


def _config(shards: list[str], units: int, options: Namespace) -> str:
    """A digest of all that decides the bytes of this stage."""
    samples = digest(options.samples) if options.samples else None
    settings = [VERSION, shards, units, samples, options.libraries]
    return launch.config_of(settings)


def _summary(data: Storage) -> str:
    rows = committed_rows(data, DATASETS)
    return (
        f"verify: {rows['problems']:,} problems hold, {rows['rejects/verify']:,} rejected, "
        f"{rows['verdicts/verify']:,} runs"
    )
