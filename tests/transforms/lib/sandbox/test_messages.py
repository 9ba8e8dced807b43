"""How a run ended, from what was reported of it."""

import signal

import pytest

from transforms.lib.sandbox.limits import Limits
from transforms.lib.sandbox.messages import ending_of
from transforms.lib.sandbox.server_process import RunReport


@pytest.mark.parametrize(
    ("hit", "seconds", "told"),
    [("cpu", 18.9, "cpu"), ("", 20.0, "cpu"), ("", 18.9, None), ("wall", 20.0, "wall")],
)
def test_the_limit_of_cpu_time(hit: str, seconds: float, told: str | None) -> None:
    """What the server says, or the time where a tier has no server; else a lack of memory."""
    report = RunReport(hit, seconds, [(0, 0.003), (-signal.SIGKILL, seconds)])
    assert ending_of("t", report, [0], Limits(wall=400.0, cpu=20)).limit == told
