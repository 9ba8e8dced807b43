"""Progress of long work: a bar on a terminal, a line now and then elsewhere."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import TextIO

from pipelines.running.terminal import raw_stream

LINE_SECONDS = 30  # between lines, where there is no terminal
POLL_SECONDS = 0.5


@contextlib.contextmanager
def progress(
    name: str, noun: str, total: int, done: Callable[[], int], stream: TextIO
) -> Iterator[None]:
    """Show on `stream` how many of `total` are `done`, until the block ends.

    A line reads "NAME: 3 of 8 NOUN after 60 s". `done` is called in another thread.
    """
    stop = threading.Event()
    stream = raw_stream(stream)
    thread = threading.Thread(target=_show, args=(name, noun, total, done, stream, stop))
    thread.daemon = True
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _show(
    name: str, noun: str, total: int, done: Callable[[], int], stream: TextIO, stop: threading.Event
) -> None:
    watch = _show_bar if stream.isatty() else _write_lines
    with contextlib.suppress(OSError):  # a terminal may go while the work goes on
        watch(name, noun, total, done, stream, stop)


def _write_lines(
    name: str, noun: str, total: int, done: Callable[[], int], stream: TextIO, stop: threading.Event
) -> None:
    begin = time.monotonic()
    while not stop.wait(LINE_SECONDS):
        seconds = time.monotonic() - begin
        print(f"{name}: {done()} of {total} {noun} after {seconds:.0f} s", file=stream)


def _show_bar(
    name: str, noun: str, total: int, done: Callable[[], int], stream: TextIO, stop: threading.Event
) -> None:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(noun),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task(f"{name}: starting", total=total)
        while not stop.wait(POLL_SECONDS):
            bar.update(task, completed=done(), description=name)
