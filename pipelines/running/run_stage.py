"""One way to run a stage: plan, lock, pipeline, catalogue, summary.

A stage's command gives a `Job`, which says what is to be done; nothing here imports Beam before
the job's pipeline is to run, so that a wrong flag or a missing dataset is told at once.
"""

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.catalog import write_catalog
from transforms.lib.skeleton.plan import Plan, WorkUnit
from transforms.lib.skeleton.shards import clear_work, commit, read_manifest, uncommit
from transforms.lib.skeleton.storage import Storage

if TYPE_CHECKING:
    from apache_beam import PTransform

LOCK = ".lock"
Item = TypeVar("Item")


@dataclass(frozen=True)
class Stage:
    """What one run of a stage writes: its datasets, under one configuration."""

    name: str
    data: Storage
    datasets: tuple[str, ...]
    config: str

    def committed(self) -> bool:
        """Whether every dataset is committed with this configuration."""
        manifests = [read_manifest(self.data, name) for name in self.datasets]
        return all(m is not None and m["config"] == self.config for m in manifests)

    def begun(self) -> bool:
        """Whether anything of an earlier run is there."""
        return any(read_manifest(self.data, name) for name in self.datasets) or self.unfinished()

    def unfinished(self) -> bool:
        """Whether an earlier run stopped before its commit."""
        return self.markers() > 0

    def markers(self) -> int:
        """How many steps of an uncommitted run are done."""
        names = self.data.list(f"_work/{self.name}")
        return sum(name.endswith(".json") for name in names)

    def forget(self) -> None:
        """Remove the manifests and the unfinished work, as if the stage had never run."""
        uncommit(self.data, self.datasets)
        clear_work(self.data, self.name)


# Builds the stage's transform from its plan, its configuration, and where large values of the
# shuffle are spilled (None where the runner's own shuffle spills them).
MakeTransform = Callable[[Plan, str, Storage | None], "PTransform"]


def nothing(stage: Stage) -> list[dict]:
    """The shards that a stage without units commits: none, so that its datasets are empty."""
    return []


@dataclass(frozen=True)
class Job:
    """What one run of a stage has to do.

    - `config`: a digest of all that decides the bytes, see `config_of`.
    - `units`, and how many `rows` they hold: the plan.
    - `transform`: the PTransform that takes the plan to the committed datasets.
    - `description`: what --dry-run prints.
    - `markers`: how many markers the run leaves, for the progress bar.
    - `more`: whether there is something to do although the datasets are committed.
    - `begin`: writes, under the lock, what workers read beside their units.
    - `without_units`: the shards to commit if there is no unit.
    """

    datasets: tuple[str, ...]
    config: str
    units: Sequence[WorkUnit]
    transform: MakeTransform
    description: str
    rows: int = 0
    markers: int = 0
    more: bool = False
    begin: Callable[[Stage], None] = field(default=lambda stage: None)
    without_units: Callable[[Stage], list[dict]] = nothing


def run_stage(
    name: str,
    options: argparse.Namespace,
    plan: Callable[[Storage, argparse.Namespace], Job],
    finish: Callable[[Storage], int],
) -> int:
    """Run a stage on DATA; `finish` prints its summary and returns the exit code.

    Raises UsageError for what the user can mend, PipelineError if the pipeline failed.
    """
    data = Storage(options.data)
    job = plan(data, options)
    if options.dry_run:
        print(job.description)
        return 0
    run_job(name, data, job, options)
    return finish(data)


def run_job(
    name: str, data: Storage, job: Job, options: argparse.Namespace, *, catalog: bool = True
) -> None:
    """Run a job under the lock of DATA, unless an earlier run has done it already."""
    stage = Stage(name, data, job.datasets, job.config)
    with lock(data):
        if prepare(stage, options) or job.more:
            job.begin(stage)
            _run(stage, job, options)
        if catalog:
            write_catalog(data)  # always: an earlier run may have ended just before


def _run(stage: Stage, job: Job, options: argparse.Namespace) -> None:
    if not job.units:  # nothing would flow through a pipeline, not even to the commit
        shards = job.without_units(stage)
        commit(stage.data, stage.name, stage.datasets, stage.config, shards)
        return
    from pipelines.running import launch  # imports Beam

    launch.run(stage, job, options)


def config_of(settings: list[Any]) -> str:
    """The configuration of a stage: 16 hex digits of the digest of its settings as JSON."""
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:16]


def limited(items: Sequence[Item], options: argparse.Namespace) -> Sequence[Item]:
    """The first --limit of the items; all without the flag."""
    return items[: options.limit] if options.limit else items


def prepare(stage: Stage, options: argparse.Namespace) -> bool:
    """Whether there is work to do. Raises UsageError if it would overwrite unasked."""
    where = stage.data.path()
    if options.overwrite:
        stage.forget()
        return True
    if not options.resume:
        if stage.begun():
            raise UsageError(
                f"{where}: {stage.name} has run here already; "
                "--resume finishes it, --overwrite starts anew"
            )
        return True
    configs = {m["config"] for n in stage.datasets if (m := read_manifest(stage.data, n))}
    if configs - {stage.config}:
        if not options.renew:
            raise UsageError(
                f"{where}: {stage.name} ran here with other inputs or settings; "
                f"`quire {stage.name}` with --overwrite starts anew"
            )
        stage.forget()
    return stage.unfinished() or not stage.committed()


@contextlib.contextmanager
def lock(data: Storage) -> Iterator[None]:
    """One command on one DATA at a time; the lock dies with its process, even by kill -9."""
    if not data.local:
        yield
        return
    try:
        os.makedirs(data.path(), exist_ok=True)
        file = open(data.path(LOCK), "w")  # noqa: SIM115
    except (FileExistsError, NotADirectoryError, PermissionError) as error:
        raise UsageError(f"{data.path()}: no folder to write to ({error.strerror})") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(f"{data.path()}: another quire command is at work here") from error
        yield
