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
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from pipelines.running.job import WITHOUT_PIPELINE, Job, Runner, Stage
from pipelines.running.quick_imports import import_beam, no_garbage
from pipelines.running.run_log import append_run, remove_leftovers
from pipelines.running.run_records import Run
from transforms.lib import VERSION
from transforms.lib.errors import Submitted, UsageError
from transforms.lib.rights.removal_commit import cut, interrupted_removal, settle_removal
from transforms.lib.skeleton.catalog import write_catalog
from transforms.lib.skeleton.damage import Harm, harmed_shards
from transforms.lib.skeleton.inputs import has_schema
from transforms.lib.skeleton.shards import (
    commit,
    interrupted_commits,
    read_manifest,
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
        print(job.description)
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


def prepare(stage: Stage, job: Job, options: argparse.Namespace) -> bool:
    """Whether there is work to do; removes the work that --overwrite or other inputs make obsolete.

    Raises UsageError if it would overwrite unasked.
    """
    if options.overwrite:
        stage.start_anew()
        return True
    if not options.resume:
        refuse_begun(stage)
        return True
    harmed: Sequence[Harm] = ()
    if stage.replaced_by() is None:
        harmed = harmed_shards(stage.data, stage.datasets) if job.mends is None else job.mends
    if difference := differs(stage, job, harmed):
        if not options.renew:
            raise UsageError(
                f"{stage.data.path()}: {stage.name} ran here with {difference}; "
                f"`quire {stage.name}` with --overwrite starts anew"
            )
        stage.start_anew()
        return True
    if stage.unfinished() or stage.replaced_by() or not stage.committed():
        return True
    # A unit alone cannot be made anew once rows were removed: it may have other rows now.
    if harmed and job.mends is None and cut(stage.data, [*job.inputs, *job.datasets]):
        stage.start_anew()
        return True
    if harmed:
        stage.start(job)
        stage.reopen(job, harmed)
    return bool(harmed)


def refuse_begun(stage: Stage) -> None:
    """Raises UsageError if anything of an earlier run is there."""
    if stage.begun():
        raise UsageError(
            f"{stage.data.path()}: {stage.name} has run here already; "
            "--resume finishes it, --overwrite starts anew"
        )


def differs(stage: Stage, job: Job, harmed: Sequence[Harm]) -> str | None:
    """How an earlier run differs from this one, so that it cannot be resumed; None if it does not.

    A run that replaces committed datasets and was interrupted is the earlier run.
    """
    interrupted = stage.replaced_by()
    if interrupted is not None:
        other = interrupted != stage.config
        return "other inputs or settings, and was interrupted" if other else None
    for dataset in stage.datasets:
        manifest = read_manifest(stage.data, dataset)
        if manifest is None:
            continue
        if manifest["config"] != stage.config:
            return _named_difference(manifest, job)
        if not has_schema(stage.data, dataset, {harm.name for harm in harmed}):
            return f"other columns of {dataset} (by quire {manifest['version']})"
    return None


def _named_difference(manifest: dict, job: Job) -> str:
    """How the run that wrote a manifest differs, as far as the manifest says."""
    if manifest["version"] != VERSION:
        return f"quire {manifest['version']}, and this is {VERSION}"
    earlier = manifest.get("schemes", {})
    if job.schemes and not earlier:
        return "an older quire, which did not keep the names of its schemes"
    for kind, scheme in job.schemes.items():
        if earlier.get(kind) != scheme:
            return f"the {kind} scheme {earlier.get(kind)}, and this is {scheme}"
    return "other inputs or settings"


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
