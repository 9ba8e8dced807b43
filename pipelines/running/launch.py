"""Runs the pipeline of one job: chooses the runner and the workers, and explains failures."""

import argparse
import contextlib
import functools
import os
import re
import resource
import sys
import tempfile
import traceback
from collections.abc import Iterator
from typing import BinaryIO, TextIO

import apache_beam as beam
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions, StandardOptions
from apache_beam.runners import PipelineRunner, create_runner
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.runner import PipelineResult

from pipelines.running import dataflow, interruption, local_workers, quick_imports
from pipelines.running.exhaustion import exhausted
from pipelines.running.job import Job, Runner, Stage
from pipelines.running.progress import progress
from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.redaction import redacted
from transforms.lib.skeleton.plan import write_plan
from transforms.lib.skeleton.storage import Storage

# Beam's DirectRunner may take, and download, another runner for some graphs; this one never does.
PINNED = {"DirectRunner": "FnApiRunner", None: "FnApiRunner"}
OPEN_FILES, OPEN_FILES_OF_WORKER = 16, 4  # tried: with 12 it aborts, with 20 two workers run
CANCEL_SECONDS = 20  # for a cluster to answer that it ends a job
# An error of a worker comes as the text of its traceback.
USAGE_LINE = re.compile(r"^[\w.: ]*UsageError: (.*)$", re.MULTILINE)
WHILE_RUNNING = re.compile(r" \[while running .*$")
# What a cluster puts before an error, and the texts by which it reports that a worker is gone.
OF_CLUSTER = re.compile(r"^Pipeline \S+ failed in state \w+: |^([\w$]+\.)+[\w$]+: ")
LOST = re.compile(r"CANCELLED: client cancelled|UNAVAILABLE|no longer reachable")


class Flags(PipelineOptions):
    """Beam's options, whose views are made once: Beam asks for 300 while it builds a graph."""

    @functools.cache  # noqa: B019  # there are a few in a process, and they live as long as it
    def view_as(self, cls: type[PipelineOptions]) -> PipelineOptions:
        """These options as the options class `cls`."""
        return super().view_as(cls)


def module_of(stage: str) -> str:
    """The module that the workers of a stage have imported when they start."""
    return f"transforms.{stage}.stage"


def runner_of(flags: PipelineOptions) -> str:
    """The name of the runner that the flags choose, pinned."""
    name: str | None = flags.view_as(StandardOptions).runner
    return PINNED.get(name) or str(name)


def runs_here(flags: PipelineOptions) -> bool:
    """Whether this process is the runner, and no cluster."""
    return runner_of(flags) == PINNED[None]


@contextlib.contextmanager
def scratch(data: Storage, flags: PipelineOptions) -> Iterator[Storage | None]:
    """Where large values of the shuffle are spilled; None on a cluster, which spills its own."""
    if not runs_here(flags):
        yield None
    elif data.local:
        yield data
    else:
        with interruption.temporary_folder() as folder:
            yield Storage(folder)


def check_open_files(workers: int) -> None:
    """Raises PipelineError where gRPC would abort this process for want of descriptors."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit < (needed := OPEN_FILES + OPEN_FILES_OF_WORKER * workers):
        raise PipelineError(
            f"{workers} workers need {needed} open files, and {limit} are allowed "
            "(ulimit -n); --workers 1 needs fewer"
        )


def start_workers(module: str) -> None:
    """Start the fork server, which loads the kernels while this process makes the graph.

    The module of the stage is imported first, so that a server that is a fork has it at once.
    """
    quick_imports.import_stage(module)
    local_workers.server().load(module)


def choose_runner(
    stage: str, options: argparse.Namespace, units: int
) -> tuple[PipelineRunner, PipelineOptions]:
    """The runner, with at most one worker for each unit, and Beam's options for it."""
    flags = Flags(options.beam_flags)
    standard, direct = flags.view_as(StandardOptions), flags.view_as(DirectOptions)
    standard.runner = runner_of(flags)
    if dataflow.chosen(flags):
        dataflow.set_worker_options(flags)
    workers = min(options.workers or os.cpu_count() or 1, units)
    direct.direct_running_mode = "in_memory"  # any other replaces quire's workers with Beam's own
    if standard.runner == "FnApiRunner" and workers > 1:
        direct.direct_num_workers = workers
        return FnApiRunner(local_workers.ForkedEnvironment(module_of(stage))), flags
    try:
        return create_runner(standard.runner), flags
    except (ValueError, ImportError) as error:
        raise UsageError(f"--runner={standard.runner}: {error}") from error


def run(stage: Stage, job: Job, options: argparse.Namespace) -> Runner:
    """Run a job's pipeline, showing how many of its markers are there; returns what ran it.

    Raises UsageError or PipelineError if it fails, whichever process it failed in, and Submitted
    if the job goes on after this process has ended.
    """
    local_workers.forget_deaths()
    runner, flags = choose_runner(stage.name, options, len(job.units))
    with workers_log() as (log, terminal), scratch(stage.data, flags) as spill:
        try:
            with interruption.undisguised(), local_workers.without_lost_threads():
                submitted = _run(stage, job, runner, flags, spill, terminal)
        except Exception as error:  # of any type, from code of any worker or of Beam
            lasts = bool(options.data)  # else DATA is a temporary folder
            raise explained(stage, local_workers.cause(error), log, lasts) from error
    if dataflow.chosen(flags):
        raise dataflow.submitted(stage.name, stage.data, flags, submitted)
    workers = flags.view_as(DirectOptions).direct_num_workers
    return Runner(runner_of(flags), not runs_here(flags), workers)


def _run(
    stage: Stage,
    job: Job,
    runner: PipelineRunner,
    flags: PipelineOptions,
    spill: Storage | None,
    terminal: TextIO,
) -> PipelineResult:
    """Run the pipeline to its end; on Dataflow submit it."""
    if not runs_here(flags):
        from pipelines.running import preflight

        preflight.check(stage.data, flags)
    elif (workers := flags.view_as(DirectOptions).direct_num_workers) > 1:
        check_open_files(workers)
        start_workers(module_of(stage.name))
    with interruption.deferred():
        pipeline = beam.Pipeline(runner, flags)
        os.rmdir(pipeline.local_tempdir)  # empty, and only for transforms in other languages
    stage.start(job)
    plan = write_plan(stage.data, stage.name, job.units, job.rows)
    _ = pipeline | job.transform(plan, stage.config, spill)
    if dataflow.chosen(flags):
        return pipeline.run()
    with progress(stage.name, "steps", job.markers, stage.markers, terminal, job.news):
        result = pipeline.run()
        _wait(result)
    return result


def _wait(result: PipelineResult) -> None:
    """Wait for the end of a pipeline; an interruption cancels it."""
    try:
        result.wait_until_finish()
    except KeyboardInterrupt:
        interruption.wait_for_end(CANCEL_SECONDS)
        result.cancel()
        raise


@contextlib.contextmanager
def workers_log() -> Iterator[tuple[BinaryIO, TextIO]]:
    """Send standard error to a file meanwhile; yields the file and the original standard error.

    Beam's workers log every step of their start, at a level that no option changes.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    terminal = open(kept, "w", 1, sys.stderr.encoding, "backslashreplace")  # noqa: SIM115
    with tempfile.TemporaryFile() as log, terminal:
        os.dup2(log.fileno(), 2)
        try:
            yield log, terminal
        finally:
            os.dup2(kept, 2)


def explained(stage: Stage, error: Exception, log: BinaryIO, lasts: bool = True) -> Exception:
    """The error in one line for the user; an unexpected one also leaves a log and names it."""
    if isinstance(error, PipelineError):
        return error
    text = "".join(traceback.format_exception_only(error))
    if usage := USAGE_LINE.findall(text):
        return UsageError(WHILE_RUNNING.sub("", usage[-1]))
    last = [line for line in text.splitlines() if line.strip()][-1].strip()
    line = WHILE_RUNNING.sub("", last).removeprefix("RuntimeError: ")
    line = "a worker was lost; --resume goes on" if LOST.search(line) else _plain(line)
    line = exhausted(line) or exhausted(error) or line
    return PipelineError(f"{stage.name} failed: {line}{keep_log(stage, error, log, lasts)}")


def _plain(line: str) -> str:
    """The text of an error without the class names that a cluster wraps it in."""
    while (shorter := OF_CLUSTER.sub("", line)) != line:
        line = shorter
    return line


def keep_log(stage: Stage, error: Exception, log: BinaryIO, lasts: bool) -> str:
    """Write the workers' log and the traceback where they last; returns where, or nothing.

    That is beside the unfinished work, or among temporary files if DATA does not last or is full.
    """
    log.seek(0)
    text = log.read().decode(errors="replace") + "".join(traceback.format_exception(error))
    content = redacted(text).encode(errors="replace")
    if lasts:
        with contextlib.suppress(OSError):
            stage.data.put(stage.log, content)
            return f"; see {stage.data.path(stage.log)}"
    try:
        with tempfile.NamedTemporaryFile(
            prefix=f"quire-{stage.name}-", suffix=".log", delete=False
        ) as file:
            file.write(content)
    except OSError:
        return ""
    return f"; see {file.name}"
