"""Runs the pipeline of one job: chooses the runner and the workers, and explains failures."""

import argparse
import contextlib
import functools
import os
import re
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
from pipelines.running.job import Job, Stage
from pipelines.running.progress import progress
from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.skeleton.plan import write_plan
from transforms.lib.skeleton.storage import Storage

# Beam's DirectRunner may take, and download, another runner for some graphs; this one never does.
PINNED = {"DirectRunner": "FnApiRunner", None: "FnApiRunner"}
LOG = "log.txt"  # in the stage's folder under `_work`, after a failure
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
        with tempfile.TemporaryDirectory(prefix="quire-") as folder:
            yield Storage(folder)


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
    if standard.runner == "FnApiRunner" and workers > 1:
        direct.direct_num_workers = workers
        return FnApiRunner(local_workers.ForkedEnvironment(module_of(stage))), flags
    try:
        return create_runner(standard.runner), flags
    except (ValueError, ImportError) as error:
        raise UsageError(f"--runner={standard.runner}: {error}") from error


def run(stage: Stage, job: Job, options: argparse.Namespace) -> None:
    """Run a job's pipeline, showing how many of its markers are there.

    Raises UsageError or PipelineError if it fails, whichever process it failed in, and Submitted
    if the job goes on after this process has ended.
    """
    local_workers.forget_deaths()
    runner, flags = choose_runner(stage.name, options, len(job.units))
    if runs_here(flags) and flags.view_as(DirectOptions).direct_num_workers > 1:
        start_workers(module_of(stage.name))
    with workers_log() as (log, terminal), scratch(stage.data, flags) as spill:
        try:
            if not runs_here(flags):
                from pipelines.running import preflight

                preflight.check(stage.data, flags)
            pipeline = beam.Pipeline(runner, flags)
            stage.start(job)
            plan = write_plan(stage.data, stage.name, job.units, job.rows)
            _ = pipeline | job.transform(plan, stage.config, spill)
            if not dataflow.chosen(flags):
                with progress(stage.name, "steps", job.markers, stage.markers, terminal):
                    _wait(pipeline.run())
                return
            submitted = pipeline.run()
        except Exception as error:  # of any type, from code of any worker or of Beam
            raise explained(stage, local_workers.cause(error), log) from error
    raise dataflow.submitted(stage.name, stage.data, flags, submitted)


def _wait(result: PipelineResult) -> None:
    """Wait for the end of a pipeline; an interruption cancels it."""
    try:
        result.wait_until_finish()
    except KeyboardInterrupt:
        interruption.heard()
        result.cancel()
        raise


@contextlib.contextmanager
def workers_log() -> Iterator[tuple[BinaryIO, TextIO]]:
    """Send standard error to a file meanwhile; yields the file and the original standard error.

    Beam's workers log every step of their start, at a level that no option changes.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as log, open(kept, "w", buffering=1) as terminal:
        os.dup2(log.fileno(), 2)
        try:
            yield log, terminal
        finally:
            os.dup2(kept, 2)


def explained(stage: Stage, error: Exception, log: BinaryIO) -> Exception:
    """The error in one line for the user; an unexpected one also leaves a log and names it."""
    text = "".join(traceback.format_exception_only(error))
    if usage := USAGE_LINE.findall(text):
        return UsageError(WHILE_RUNNING.sub("", usage[-1]))
    last = [line for line in text.splitlines() if line.strip()][-1].strip()
    line = WHILE_RUNNING.sub("", last).removeprefix("RuntimeError: ")
    line = "a worker was lost; --resume goes on" if LOST.search(line) else _plain(line)
    return PipelineError(f"{stage.name} failed: {line}{keep_log(stage, error, log)}")


def _plain(line: str) -> str:
    """The text of an error without the class names that a cluster wraps it in."""
    while (shorter := OF_CLUSTER.sub("", line)) != line:
        line = shorter
    return line


def keep_log(stage: Stage, error: Exception, log: BinaryIO) -> str:
    """Write the workers' log and the traceback beside the unfinished work; returns where."""
    log.seek(0)
    content = log.read() + "".join(traceback.format_exception(error)).encode(errors="replace")
    name = f"_work/{stage.name}/{LOG}"
    try:
        stage.data.put(name, content)
    except OSError:  # the failure may be a full disk
        return ""
    return f"; see {stage.data.path(name)}"
