"""How a run ended, from what the server reports."""

import signal

import pytest

from transforms.lib.sandbox.limits import Limits
from transforms.lib.sandbox.messages import ending_of
from transforms.lib.sandbox.server_process import RunReport


@pytest.mark.parametrize(
    ("seconds", "limit", "told"),
    [(2.845, 3, "cpu"), (7.745, 8, "cpu"), (18.9, 20, "cpu"), (284.0, 300, "cpu"), (1.5, 20, None)],
)
def test_a_limit_of_cpu_time_is_told_though_less_was_used(
    seconds: float, limit: int, told: str | None
) -> None:
    """The kernel ends a process by a count that is ahead of the one it reports.

    A process that it ended with little CPU time used had no memory.
    """
    report = RunReport("", seconds, [(0, 0.003), (-signal.SIGKILL, seconds)])
    assert ending_of("t", report, [0], Limits(wall=400.0, cpu=limit)).limit == told
