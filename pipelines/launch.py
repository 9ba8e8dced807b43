"""One run of a stage: what may start, on which runner, with which workers, seen how."""

import argparse
import contextlib
import fcntl
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TextIO

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from transforms.errors import UsageError
from transforms.shards import read_manifest, uncommit
from transforms.storage import Storage

# Beam's DirectRunner may download another runner and change with the graph; this one does neither.
PINNED = {"DirectRunner": "FnApiRunner", None: "FnApiRunner"}
LINE_SECONDS = 30  # between progress lines where there is no terminal
POLL_SECONDS = 0.5
LOCK = ".lock"


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
        return bool(self.data.list(f"_work/{self.name}"))


def prepare(stage: Stage, options: argparse.Namespace) -> bool:
    """Whether there is work to do; UsageError if it would overwrite unasked."""
    where = stage.data.path()
    if options.overwrite:
        uncommit(stage.data, stage.datasets)
        stage.data.delete_folder(f"_work/{stage.name}")
        return True
    if not options.resume:
        if stage.begun():
            raise UsageError(
                f"{where}: {stage.name} has run here already; "
                "--resume finishes it, --overwrite starts anew"
            )
        return True
    if stage.committed() and not stage.unfinished():
        return False
    configs = {m["config"] for n in stage.datasets if (m := read_manifest(stage.data, n))}
    if configs - {stage.config}:
        raise UsageError(
            f"{where}: {stage.name} ran here with other inputs or settings; --overwrite starts anew"
        )
    return True


@contextlib.contextmanager
def lock(data: Storage) -> Iterator[None]:
    """One command on one DATA at a time; the lock dies with its process, even by kill -9."""
    if not data.local:
        yield
        return
    os.makedirs(data.path(), exist_ok=True)
    with open(data.path(LOCK), "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(f"{data.path()}: another quire command is at work here") from error
        yield


def beam_options(options: argparse.Namespace, units: int) -> PipelineOptions:
    """Beam's own flags, with the runner pinned and as many workers as the work is worth."""
    parsed = PipelineOptions(options.beam_flags)
    chosen = parsed.get_all_options().get("runner")
    flags = [flag for flag in options.beam_flags if not flag.startswith("--runner")]
    runner = PINNED.get(chosen, chosen)
    flags.append(f"--runner={runner}")
    workers = min(options.workers or os.cpu_count() or 1, units)
    if runner == "FnApiRunner" and workers > 1:
        flags += ["--direct_running_mode=multi_processing", f"--direct_num_workers={workers}"]
    return PipelineOptions(flags)


def run(stage: Stage, options: argparse.Namespace, build: Callable[[beam.Pipeline], object],
        units: int, steps: int) -> None:  # fmt: skip
    """Run the pipeline that `build` makes, showing how many of its `steps` are committed."""
    with workers_log() as terminal, progress(stage, steps, terminal):
        pipeline = beam.Pipeline(options=beam_options(options, units))
        build(pipeline)
        pipeline.run().wait_until_finish()


@contextlib.contextmanager
def workers_log() -> Iterator[TextIO]:
    """Worker processes log to a file that goes away; yields what standard error was.

    Beam's workers log every step of their start at a level that no option reaches. What fails
    comes back to the launcher as an exception.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as log, open(kept, "w", buffering=1) as terminal:
        os.dup2(log.fileno(), 2)
        try:
            yield terminal
        finally:
            os.dup2(kept, 2)


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


def _markers(stage: Stage) -> int:
    names = stage.data.list(f"_work/{stage.name}")
    return sum(name.endswith(".json") for name in names)


def _watch_lines(stage: Stage, steps: int, terminal: TextIO, stop: threading.Event) -> None:
    begin = time.monotonic()
    while not stop.wait(LINE_SECONDS):
        seconds = time.monotonic() - begin
        print(f"{stage.name}: {_markers(stage)} of {steps} steps after {seconds:.0f} s",
              file=terminal)  # fmt: skip


def _watch_terminal(stage: Stage, steps: int, terminal: TextIO, stop: threading.Event) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
               TimeElapsedColumn())  # fmt: skip
    with Progress(*columns, console=Console(file=terminal), transient=True) as bar:
        task = bar.add_task(f"{stage.name}: starting workers", total=steps)
        while not stop.wait(POLL_SECONDS):
            bar.update(task, completed=_markers(stage), description=stage.name)
