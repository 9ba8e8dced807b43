"""How much a run may use of time, memory and disk, and the names of these limits."""

import signal
from dataclasses import dataclass

# The values of `Ending.limit`. `wall` and `cpu` end a run, as `output` and `disk` may; the others
# show as an exception of the program (MemoryError, OSError), which it may catch.
LIMIT_NAMES = ("wall", "cpu", "memory", "processes", "file_size", "disk", "output")
TIME_LIMITS = ("wall", "cpu")
# The exit codes of a process that the kernel ends at its limit of CPU time.
CPU_LIMIT_EXITS = (-signal.SIGKILL, -signal.SIGXCPU)


@dataclass(frozen=True)
class Limits:
    """The limits of one run: `cpu` and `memory` for each of its processes, the rest for all.

    Judge programs by `cpu`, which is the same on a loaded machine; `wall` is for those that sleep.
    The kernel ends a process at whole seconds of CPU time: one that used more than a fraction is
    found after it has ended, at the next whole second at the latest.
    """

    wall: float = 10.0  # seconds
    cpu: float = 3  # seconds
    memory: int = 512 << 20  # bytes of address space
    processes: int = 64  # at once, threads included; a program may start threads only
    file_size: int = 16 << 20  # bytes of one file
    disk: int = 64 << 20  # bytes of all files
    output: int = 1 << 20  # bytes of results, and of standard output


PROGRAM_LIMITS = Limits()
# For the tests of a project: those of 36 projects that were measured stay below.
COMMAND_LIMITS = Limits(
    wall=600.0,
    cpu=300,
    memory=4 << 30,
    processes=512,
    file_size=100 << 20,
    disk=1 << 30,
    output=16 << 20,
)
