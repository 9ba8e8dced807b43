"""How a run ended, from what was reported of it."""

import signal

import pytest

from transforms.lib.sandbox.codec import encode
from transforms.lib.sandbox.limits import Limits
from transforms.lib.sandbox.messages import ending_of, read_tests
from transforms.lib.sandbox.outcomes import MarkCounts
from transforms.lib.sandbox.server_process import RunReport


@pytest.mark.parametrize(
    ("hit", "seconds", "told"),
    [("cpu", 18.9, "cpu"), ("", 20.0, "cpu"), ("", 18.9, None), ("wall", 20.0, "wall")],
)
def test_the_limit_of_cpu_time(hit: str, seconds: float, told: str | None) -> None:
    """What the server says, or the time where a tier has no server; else a lack of memory."""
    report = RunReport(hit, seconds, [(0, 0.003), (-signal.SIGKILL, seconds)])
    assert ending_of("t", report, [0], Limits(wall=400.0, cpu=20)).limit == told


def test_counts_of_marked_tests() -> None:
    assert read_tests(encode("3 1 2 1 0")) == MarkCounts(3, 1, 1, True)


@pytest.mark.parametrize(
    "forged", ["", "1 1 0 0", "1 1 -5 0 0", "1 " * 4 + "9" * 100, ["1"] * 5, 5, None, "a b c d e"]
)
def test_forged_counts_of_marked_tests_are_none(forged: object) -> None:
    assert read_tests(encode(forged)) is None
    assert read_tests(b"no data") is None
