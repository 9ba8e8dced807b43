"""Progress: rates and times that are left."""

import io
import time

import pytest

from pipelines.running import progress as module
from pipelines.running.progress import Watched, counted, progress


@pytest.mark.parametrize(
    ("done", "before", "line"),
    [
        (0, 0, "0 of 100 steps after 30 s"),
        (40, 40, "40 of 100 steps after 30 s"),
        (70, 40, "70 of 100 steps after 30 s, 1 a second, about 30 s left"),
        (100, 40, "100 of 100 steps after 30 s"),
        (120, 40, "120 of 100 steps after 30 s"),
        (30, 40, "30 of 100 steps after 30 s"),
    ],
)
def test_what_an_earlier_run_has_done_counts_for_no_rate(done: int, before: int, line: str) -> None:
    assert counted(Watched("x", "steps", 100, lambda: done, tuple, before), 30.0) == line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["lines", "bar"])
def test_lines_and_bars_tell_the_rate_of_this_run(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LINE_SECONDS", "NEWS_SECONDS", "POLL_SECONDS"):
        monkeypatch.setattr(module, name, 0.01)
    monkeypatch.setenv("COLUMNS", "200")
    done = 90
    with progress("x", "steps", 100, lambda: done, stream, lambda: ["news"]):
        time.sleep(0.1)
        assert " a second" not in stream.getvalue() and " a minute" not in stream.getvalue()
        done = 95
        for _ in range(500):
            if " a second" in stream.getvalue():
                break
            time.sleep(0.01)
    assert " a second," in stream.getvalue()
    assert "x: news" in stream.getvalue()
