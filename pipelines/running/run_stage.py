"""One way to run a stage: plan, lock, pipeline, catalogue, summary.

A stage's command gives a `Job`, which says what is to be done; nothing here imports Beam before
the job's pipeline is to run, so that a wrong flag or a missing dataset is reported at once.
"""

import argparse
import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from typing import TextIO

from pipelines.running.job import Job, Stage
from pipelines.running.quick_imports import import_beam, no_garbage
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.catalog import write_catalog
from transforms.lib.skeleton.shards import commit, read_manifest
from transforms.lib.skeleton.storage import Storage

LOCK = ".lock"
_locked: set[TextIO] = set()


def run_stage(
    name: str,
    options: argparse.Namespace,
    plan: Callable[[Storage, argparse.Namespace], Job],
    finish: Callable[[Storage], int],
) -> int:
    """Run a stage on DATA; `finish` prints its summary and returns the exit code.

    Raises UsageError for errors that the user can correct, PipelineError if the pipeline failed.
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
        to_do = prepare(stage, options) or job.more
        stage.forget_log()
        if to_do:
            job.begin(stage)
            _run(stage, job, options)
        if catalog:
            write_catalog(data)  # always: an earlier run may have ended just before


def _run(stage: Stage, job: Job, options: argparse.Namespace) -> None:
    if not job.units:  # nothing would flow through a pipeline, not even to the commit
        shards = job.without_units(stage)
        commit(stage.data, stage.name, stage.datasets, stage.config, shards)
        return
    import_beam()
    with no_garbage():
        from pipelines.running import launch  # what it imports needs Beam

    launch.run(stage, job, options)


def prepare(stage: Stage, options: argparse.Namespace) -> bool:
    """Whether there is work to do; removes what --overwrite or other inputs make obsolete.

    Raises UsageError if it would overwrite unasked.
    """
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
        _locked.add(file)
        try:
            yield
        finally:
            _locked.remove(file)


def _close_locked() -> None:
    """Close the locks in a fork of this process: a lock lasts while any process has it open."""
    for file in _locked:
        file.close()


os.register_at_fork(after_in_child=_close_locked)
