"""How much one run may take, and the names of what it took too much of."""

from dataclasses import dataclass

# What a verdict names. `wall` and `cpu` end a run, as `output` and `disk` may; the others show as
# an exception of the program (MemoryError, OSError), which it may catch.
HIT = ("wall", "cpu", "memory", "processes", "file_size", "disk", "output")


@dataclass(frozen=True)
class Limits:
    """Limits of one run. A process has `cpu` and `memory` to itself, the rest is for all of a run.

    Judge by `cpu`: it is the same on a loaded machine. `wall` is for what sleeps.
    """

    wall: float = 10.0  # seconds
    cpu: int = 3  # seconds
    memory: int = 512 << 20  # bytes of address space
    processes: int = 64  # at once, threads among them; a program has threads alone
    file_size: int = 16 << 20  # bytes of one file
    disk: int = 64 << 20  # bytes of all files
    output: int = 1 << 20  # bytes of results, and of standard output


PROGRAM = Limits()
# A project's tests: ci_tracing.md measured 36 projects below these.
COMMAND = Limits(
    wall=600.0,
    cpu=300,
    memory=4 << 30,
    processes=512,
    file_size=100 << 20,
    disk=1 << 30,
    output=16 << 20,
)
