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

    A line reads "NAME: 3 of 8 NOUN after 60 s, 3 a minute, about 100 s left"; what an earlier run
    has done counts for no rate. `news` are further lines to show, each once. Both are called in
    another thread, `done` also at once.
    """
    stop = threading.Event()
    watched = Watched(name, noun, total, done, news, done())
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
    """What is shown, as for `progress`; `before` is how much was done at its beginning."""

    name: str
    noun: str
    total: int
    done: Callable[[], int]
    news: Callable[[], Iterable[str]]
    before: int = 0

    def rate(self, done: int, seconds: float) -> float:
        """How much a second has been done since the beginning."""
        return (done - self.before) / seconds


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
    '40 of 160 samples after 60 s, 40 a minute, about 180 s left'
    """
    done = watched.done()
    line = f"{done} of {watched.total} {watched.noun} after {duration(seconds)}"
    rate = watched.rate(done, seconds)
    if rate <= 0 or done >= watched.total:
        return line
    return f"{line}, {shown_rate(rate)}, about {duration((watched.total - done) / rate)} left"


def duration(seconds: float) -> str:
    """A time in the unit that reads well.

    >>> duration(599.6), duration(600), duration(6000), duration(50000)
    ('600 s', '10 min', '100 min', '14 h')
    """
    if seconds < 600:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def shown_rate(rate: float) -> str:
    """A rate in 1/s as text; a slow one by the minute.

    >>> shown_rate(250.4), shown_rate(1.25), shown_rate(0.046), shown_rate(0.001)
    ('250 a second', '1.2 a second', '2.8 a minute', '0.06 a minute')
    """
    number, unit = (rate, "second") if rate >= 1 else (60 * rate, "minute")
    return f"{number:.0f} a {unit}" if number >= 10 else f"{number:.2g} a {unit}"


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
        TextColumn("elapsed,{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, console=Console(file=stream), transient=True) as bar:
        begin, ended = time.monotonic(), False
        starting = f"{watched.name}: starting"
        task = bar.add_task(starting, total=watched.total, completed=watched.before, rate="")
        while not ended:
            ended = stop.wait(POLL_SECONDS)
            for line in watched.news():
                bar.console.print(f"{watched.name}: {line}", markup=False, highlight=False)
            done = watched.done()
            rate = watched.rate(done, time.monotonic() - begin)
            shown = f" {shown_rate(rate)}," if rate > 0 else ""
            bar.update(task, completed=done, description=watched.name, rate=shown)
