"""One run of a stage: what may start, on which runner, with which workers, seen how."""

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import re
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, TextIO

import apache_beam as beam
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions, StandardOptions
from apache_beam.runners import PipelineRunner, create_runner
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.runner import PipelineResult
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pipelines.running import dataflow, interruption, local_workers, preflight
from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.skeleton.plan import Plan, leave_plan
from transforms.lib.skeleton.shards import clear_work, commit, read_manifest, uncommit
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Unit

# Beam's DirectRunner may download another runner and change with the graph; this one does neither.
PINNED = {"DirectRunner": "FnApiRunner", None: "FnApiRunner"}
LINE_SECONDS = 30  # between progress lines where there is no terminal
POLL_SECONDS = 0.5
LOCK = ".lock"
LOG = "log.txt"  # in the stage's folder of `_work`, after a failure
# An error of a worker comes as the text of its traceback.
USAGE_LINE = re.compile(r"^[\w.: ]*UsageError: (.*)$", re.MULTILINE)
WHILE_RUNNING = re.compile(r" \[while running .*$")
# What a cluster puts before it, and what it says of a worker that is gone.
OF_CLUSTER = re.compile(r"^Pipeline \S+ failed in state \w+: |^([\w$]+\.)+[\w$]+: ")
LOST = re.compile(r"CANCELLED: client cancelled|UNAVAILABLE|no longer reachable")


@dataclass(frozen=True)
class Stage:
    """What a run of one stage writes: its datasets, under one configuration."""

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
        """Make as if nothing had been written."""
        uncommit(self.data, self.datasets)
        clear_work(self.data, self.name)


def config_of(settings: list[Any]) -> str:
    """A digest of settings, as JSON: the configuration of a stage."""
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:16]


def prepare(stage: Stage, options: argparse.Namespace) -> bool:
    """Whether there is work to do; UsageError if it would overwrite unasked."""
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


def module_of(stage: str) -> str:
    """The module that a stage's workers have imported from the start."""
    return f"transforms.{stage}.stage"


def runner_of(flags: PipelineOptions) -> str:
    """The name of the runner that the flags choose, pinned."""
    name: str | None = flags.view_as(StandardOptions).runner
    return PINNED.get(name) or str(name)


def runs_here(options: argparse.Namespace) -> bool:
    """Whether this process is the runner, and no cluster."""
    return runner_of(PipelineOptions(options.beam_flags)) == PINNED[None]


@contextlib.contextmanager
def scratch(data: Storage, options: argparse.Namespace) -> Iterator[Storage | None]:
    """Where large values of the exchange wait; None on a cluster, which has its own shuffle."""
    if not runs_here(options):
        yield None
    elif data.local:
        yield data
    else:
        with tempfile.TemporaryDirectory(prefix="quire-") as folder:
            yield Storage(folder)


def ready_workers(stage: str, options: argparse.Namespace) -> None:
    """Have the imports of a stage's workers made while it plans, if it may have workers."""
    if runs_here(options) and not options.dry_run and (options.workers or os.cpu_count() or 1) > 1:
        local_workers.server().load(module_of(stage))


def choose_runner(
    stage: str, options: argparse.Namespace, units: int
) -> tuple[PipelineRunner, PipelineOptions]:
    """The runner, pinned, with as many workers as the work is worth, and Beam's own flags."""
    flags = PipelineOptions(options.beam_flags)
    standard, direct = flags.view_as(StandardOptions), flags.view_as(DirectOptions)
    standard.runner = runner_of(flags)
    if dataflow.chosen(flags):
        dataflow.settle(flags)
    workers = min(options.workers or os.cpu_count() or 1, units)
    if standard.runner == "FnApiRunner" and workers > 1:
        direct.direct_num_workers = workers
        return FnApiRunner(local_workers.ForkedEnvironment(module_of(stage))), flags
    try:
        return create_runner(standard.runner), flags
    except (ValueError, ImportError) as error:
        raise UsageError(f"--runner={standard.runner}: {error}") from error


def run(
    stage: Stage,
    options: argparse.Namespace,
    build: Callable[[beam.Pipeline], object],
    units: int,
    steps: int,
) -> None:
    """Run the pipeline that `build` makes, showing how many of its `steps` are committed.

    UsageError or PipelineError if it fails, whichever process it failed in; Submitted if it is
    not this process that sees its end.
    """
    local_workers.forget_deaths()
    runner, flags = choose_runner(stage.name, options, units)
    with workers_log() as (log, terminal):
        try:
            preflight.check(stage.data, flags)
            pipeline = beam.Pipeline(runner, flags)
            build(pipeline)
            if not dataflow.chosen(flags):
                with progress(stage, steps, terminal):
                    _wait(pipeline.run())
                return
            job = pipeline.run()
        except Exception as error:  # of any type, from code of any worker or of Beam
            raise explained(stage, local_workers.cause(error), log) from error
    raise dataflow.submitted(stage.name, stage.data, flags, job)


def run_units(
    stage: Stage,
    options: argparse.Namespace,
    units: list[Unit],
    make: Callable[[Plan, Storage | None], beam.PTransform],
) -> None:
    """Run the transform that `make` gives for a plan of units and a place for large values."""
    if not units:  # nothing would flow, not even to the commit
        commit(stage.data, stage.name, stage.datasets, stage.config, [])
        return
    with scratch(stage.data, options) as place:

        def build(pipeline: beam.Pipeline) -> object:
            return pipeline | make(leave_plan(stage.data, stage.name, units), place)

        run(stage, options, build, len(units), 2 * len(units))


def _wait(result: PipelineResult) -> None:
    """Wait for the end of a job; who does not want to wait any longer ends it."""
    try:
        result.wait_until_finish()
    except KeyboardInterrupt:
        interruption.heard()
        result.cancel()
        raise


@contextlib.contextmanager
def workers_log() -> Iterator[tuple[BinaryIO, TextIO]]:
    """Standard error to a file for a while; yields the file and what standard error was.

    Beam's workers log every step of their start at a level that no option reaches.
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
    """The error in one line, as the user should see it; an unexpected one leaves its log."""
    text = "".join(traceback.format_exception_only(error))
    if usage := USAGE_LINE.findall(text):
        return UsageError(WHILE_RUNNING.sub("", usage[-1]))
    last = [line for line in text.splitlines() if line.strip()][-1].strip()
    line = WHILE_RUNNING.sub("", last).removeprefix("RuntimeError: ")
    line = "a worker was lost; --resume goes on" if LOST.search(line) else _plain(line)
    return PipelineError(f"{stage.name} failed: {line}{keep_log(stage, error, log)}")


def _plain(line: str) -> str:
    """Without the names of the classes that a cluster wraps an error in."""
    while (shorter := OF_CLUSTER.sub("", line)) != line:
        line = shorter
    return line


def keep_log(stage: Stage, error: Exception, log: BinaryIO) -> str:
    """Put what workers logged, and the error, beside the unfinished work; says where."""
    log.seek(0)
    content = log.read() + "".join(traceback.format_exception(error)).encode(errors="replace")
    name = f"_work/{stage.name}/{LOG}"
    try:
        stage.data.put(name, content)
    except OSError:  # the failure may be a full disk
        return ""
    return f"; see {stage.data.path(name)}"


@contextlib.contextmanager
def progress(stage: Stage, steps: int, terminal: TextIO) -> Iterator[None]:
    """Committed work, counted from its markers: true for every runner and every store."""
    stop = threading.Event()
    watch = _watch_terminal if terminal.isatty() else _watch_lines
    thread = threading.Thread(target=watch, args=(stage, steps, terminal, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _watch_lines(stage: Stage, steps: int, terminal: TextIO, stop: threading.Event) -> None:
    begin = time.monotonic()
    while not stop.wait(LINE_SECONDS):
        seconds = time.monotonic() - begin
        print(
            f"{stage.name}: {stage.markers()} of {steps} steps after {seconds:.0f} s", file=terminal
        )


def _watch_terminal(stage: Stage, steps: int, terminal: TextIO, stop: threading.Event) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(file=terminal), transient=True) as bar:
        task = bar.add_task(f"{stage.name}: starting workers", total=steps)
        while not stop.wait(POLL_SECONDS):
            bar.update(task, completed=stage.markers(), description=stage.name)
