"""One way to run a stage: plan, lock, pipeline, catalogue, summary.

A stage's command gives a `Job`, which says what is to be done; nothing here imports Beam before
the job's pipeline is to run, so that a wrong flag or a missing dataset is reported at once.
"""

import argparse
import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from typing import BinaryIO

from pipelines.running.dry_run import foretell
from pipelines.running.earlier_runs import prepare
from pipelines.running.job import WITHOUT_PIPELINE, Job, Runner, Stage
from pipelines.running.quick_imports import import_beam, no_garbage
from pipelines.running.run_log import append_run, remove_leftovers
from pipelines.running.run_records import Run
from transforms.lib.errors import Submitted, UsageError
from transforms.lib.rights.removal_commit import interrupted_removal, settle_removal
from transforms.lib.skeleton.catalog import write_catalog
from transforms.lib.skeleton.shards import (
    commit,
    interrupted_commits,
    settle,
    uncommit,
)
from transforms.lib.skeleton.storage import Storage

LOCK = ".lock"
_locked: set[BinaryIO] = set()


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
    if not options.dry_run and (interrupted_commits(data) or interrupted_removal(data)):
        with lock(data):
            settle(data)
            settle_removal(data)
    job = plan(data, options)
    if options.dry_run:
        foretell(Stage(name, data, job.datasets, job.config), job, options)
        return 0
    run_job(name, data, job, options)
    return finish(data)


def run_job(
    name: str, data: Storage, job: Job, options: argparse.Namespace, *, lasting: bool = True
) -> None:
    """Run a job under the lock of DATA, unless an earlier run has done it already.

    A run that commits leaves a row of `runs`. In a DATA that is not `lasting` there is neither that
    nor a catalogue.
    """
    stage = Stage(name, data, job.datasets, job.config)
    with lock(data):
        settle(data)
        settle_removal(data)
        remove_scratch(data, job)
        remove_leftovers(data)
        to_do = prepare(stage, job, options) or job.more
        stage.forget_log()
        if to_do:
            run = Run(stage, job, options, stage.finished_units(job.units))
            job.begin(stage)
            try:
                runner = _run(stage, job, options)
            except Submitted:
                if options.overwrite:  # nobody waits: no stage is to take old rows for new
                    uncommit(data, stage.datasets)
                raise
            finally:
                remove_scratch(data, job)
            if lasting:
                append_run(data, run.row(runner))
        if lasting:
            write_catalog(data)  # always: an earlier run may have ended just before


def _run(stage: Stage, job: Job, options: argparse.Namespace) -> Runner:
    if not job.units:  # nothing would flow through a pipeline, not even to the commit
        stage.start(job)
        shards = job.without_units(stage)
        commit(stage.data, stage.name, stage.datasets, stage.config, shards)
        return WITHOUT_PIPELINE
    import_beam()
    with no_garbage():
        from pipelines.running import launch  # what it imports needs Beam

    return launch.run(stage, job, options)


def remove_scratch(data: Storage, job: Job) -> None:
    """Remove what processes were writing when they were killed."""
    for folder in ("", *job.datasets):
        data.remove_scratch(folder)
    for folder in job.folders:
        data.remove_scratch(folder, recursive=True)


def _open_lock(path: str) -> BinaryIO:
    """The lock file; UsageError if there is something else, whose content is left as it is."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        file = os.fdopen(os.open(path, flags, 0o666), "rb")
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.EISDIR, errno.ENXIO):
            raise
        raise UsageError(f"{path}: not a lock file but a link or a folder; remove it") from error
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise UsageError(f"{path}: not a lock file but a pipe or a device; remove it")
    return file


@contextlib.contextmanager
def lock(data: Storage) -> Iterator[None]:
    """One command on one DATA at a time; the lock dies with its process, even by kill -9."""
    if not data.local:
        yield
        return
    try:
        os.makedirs(data.path(), exist_ok=True)
        file = _open_lock(data.path(LOCK))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO):
            raise
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
