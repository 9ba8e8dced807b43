"""What a command costs: wall time, CPU time of its processes, and the most memory that one held.

All processes below this one count: workers, the server that forks them, git, sandboxed programs.
Those that have ended are known from whoever waited for them, those that live from /proc, which
Linux has.
"""

import contextlib
import os
import resource
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

PROC = "/proc"
KILOBYTE = 1024  # the unit of `ru_maxrss` and of VmHWM on Linux
FORGET_PEAK = "5"  # to a process's `clear_refs`: its VmHWM begins anew (man 5 proc)
# Places in /proc/PID/stat behind the name of the program, which may hold blanks: the parent, and
# user and system time of the process and of the children that it has waited for.
PARENT, FIRST_TIME, LAST_TIME = 1, 11, 14


@dataclass(frozen=True)
class Costs:
    """Since `started_at`: seconds, CPU seconds of all processes, most bytes that one held."""

    started_at: datetime
    wall_seconds: float
    cpu_seconds: float
    peak_memory: int


@dataclass
class _Begin:
    """What was so when the command began; without values, when this process began."""

    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    clock: float = field(default_factory=time.monotonic)
    cpu_seconds: float = 0.0
    ended_peak: int = 0  # of children that had been waited for
    workers_peak: int = 0  # of workers that have ended since


_begin = _Begin()


def begin() -> None:
    """Count from now on. Without this, all is counted since this process began."""
    global _begin
    for process in ("self", *_below()):
        with contextlib.suppress(OSError), open(f"{PROC}/{process}/clear_refs", "w") as file:
            file.write(FORGET_PEAK)
    _begin = _Begin(cpu_seconds=_cpu_seconds(), ended_peak=_ended_peak())


def note_worker(peak_memory: int) -> None:
    """Count the memory of a worker that has ended, which its server has waited for."""
    _begin.workers_peak = max(_begin.workers_peak, peak_memory)


def costs() -> Costs:
    """What was spent since the beginning.

    The memory of children that this process has waited for counts where one of them held more than
    any before the beginning.
    """
    ended = _ended_peak()
    living = max((_peak(process) for process in _below()), default=0)
    own = _peak("self") or _peak_ever(resource.RUSAGE_SELF)
    return Costs(
        _begin.started_at,
        time.monotonic() - _begin.clock,
        max(0.0, _cpu_seconds() - _begin.cpu_seconds),
        max(own, living, _begin.workers_peak, ended if ended > _begin.ended_peak else 0),
    )


def _cpu_seconds() -> float:
    """User and system time of this process, of those below it, and of those that have ended."""
    ended_and_own = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    usages = [resource.getrusage(who) for who in ended_and_own]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages) + sum(_below().values())


def _peak_ever(who: int) -> int:
    return resource.getrusage(who).ru_maxrss * KILOBYTE


def _ended_peak() -> int:
    return _peak_ever(resource.RUSAGE_CHILDREN)


def _below() -> dict[str, float]:
    """The processes below this one, by number, with their CPU seconds, ended children included."""
    children: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for number, parent, seconds in _processes():
        children[parent].append((number, seconds))
    below, parents = dict[str, float](), [str(os.getpid())]
    while parents:
        for number, seconds in children[parents.pop()]:
            below[number] = seconds
            parents.append(number)
    return below


def _processes() -> Iterator[tuple[str, str, float]]:
    """Number, parent and CPU seconds of each process of this machine; none where no /proc is."""
    ticks = os.sysconf("SC_CLK_TCK")
    names = os.listdir(PROC) if os.path.isdir(PROC) else []
    for number in filter(str.isdigit, names):
        with contextlib.suppress(OSError), open(f"{PROC}/{number}/stat", "rb") as file:
            values = file.read().rpartition(b")")[2].split()
            spent = sum(map(int, values[FIRST_TIME : LAST_TIME + 1]))
            yield number, values[PARENT].decode(), spent / ticks


def _peak(process: str) -> int:
    """The most bytes that a living process held since its peak was forgotten; 0 if not known."""
    with contextlib.suppress(OSError), open(f"{PROC}/{process}/status", "rb") as file:
        for line in file:
            if line.startswith(b"VmHWM:"):
                return int(line.split()[1]) * KILOBYTE
    return 0
