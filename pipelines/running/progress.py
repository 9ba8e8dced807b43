"""Progress of long work: a bar on a terminal, a line now and then elsewhere."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TextIO

from pipelines.running.terminal import raw_stream

LINE_SECONDS = 30  # between lines, where there is no terminal
NEWS_SECONDS = 1  # between looks for further lines, where there is no terminal
POLL_SECONDS = 0.5


@contextlib.contextmanager
def progress(
    name: str,
    noun: str,
    total: int,
    done: Callable[[], int],
    stream: TextIO,
    news: Callable[[], Iterable[str]] = tuple,
) -> Iterator[None]:
    """Show on `stream` how many of `total` are `done`, until the block ends.

    A line reads "NAME: 3 of 8 NOUN after 60 s, about 100 s left". `news` are further lines to show,
    each once. Both are called in another thread.
    """
    stop = threading.Event()
    watched = Watched(name, noun, total, done, news)
    thread = threading.Thread(target=_show, args=(watched, raw_stream(stream), stop))
    thread.daemon = True
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@dataclass(frozen=True)
class Watched:
    """What is shown, as for `progress`."""

    name: str
    noun: str
    total: int
    done: Callable[[], int]
    news: Callable[[], Iterable[str]]


def _show(watched: Watched, stream: TextIO, stop: threading.Event) -> None:
    show = _show_bar if stream.isatty() else _write_lines
    with contextlib.suppress(OSError):  # a terminal may go while the work goes on
        show(watched, stream, stop)


def _write_lines(watched: Watched, stream: TextIO, stop: threading.Event) -> None:
    begin = said = time.monotonic()
    ended = False
    while not ended:
        ended = stop.wait(min(NEWS_SECONDS, LINE_SECONDS))
        for line in watched.news():
            print(f"{watched.name}: {line}", file=stream)
        now = time.monotonic()
        if not ended and now - said >= LINE_SECONDS:
            said = now
            print(f"{watched.name}: {counted(watched, now - begin)}", file=stream)


def counted(watched: Watched, seconds: float) -> str:
    """How far the work is after so many seconds, how fast, and how long the rest will take.

    >>> counted(Watched("sample", "samples", 160, lambda: 40, tuple), 60.0)
    '40 of 160 samples after 60 s, 0.67 a second, about 180 s left'
    """
    done = watched.done()
    line = f"{done} of {watched.total} {watched.noun} after {seconds:.0f} s"
    if not done:
        return line
    rate = done / seconds
    shown = f"{rate:.0f}" if rate >= 10 else f"{rate:.2g}"
    return f"{line}, {shown} a second, about {(watched.total - done) / rate:.0f} s left"


def _show_bar(watched: Watched, stream: TextIO, stop: threading.Event) -> None:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(watched.noun),
        TimeElapsedColumn(),
        TextColumn("elapsed,"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task(f"{watched.name}: starting", total=watched.total)
        ended = False
        while not ended:
            ended = stop.wait(POLL_SECONDS)
            for line in watched.news():
                bar.console.print(f"{watched.name}: {line}", markup=False, highlight=False)
            bar.update(task, completed=watched.done(), description=watched.name)
