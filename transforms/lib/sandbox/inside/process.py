"""One process of a run: its descriptors in their places, its confinement, its role.

Against inherited descriptors: a process holds its order, the place of its results, what its role
reads and writes, and nothing else; not the channel of the server, not those of other processes.
"""

import os
from collections.abc import Callable
from typing import NoReturn, Protocol

from transforms.lib.sandbox.inside import command, peer, program
from transforms.lib.sandbox.inside.program import (
    INPUT,
    MESSAGE,
    ORDER,
    OUTPUT,
    RESULTS,
    Trial,
    report,
)

PLACES = (ORDER, RESULTS, INPUT, OUTPUT)
ROLES: dict[str, Callable[[], None]] = {
    "calls": program.calls,
    "stdio": program.stdio,
    "check": peer.check,
    "candidate": peer.candidate,
    "command": command.command,
}
FAILED = 70  # the exit code where the harness itself fails (sysexits.h: EX_SOFTWARE)
FAILURE = "SandboxError"  # and the type that it reports
exit_now = os._exit  # foreign code may replace the other name


class Confinement(Protocol):
    """What a process gives up; `keep` are descriptors that this takes."""

    keep: tuple[int, ...]

    def confine(self, limits: dict[str, int]) -> None:
        """For good."""


def perform(
    role: str, descriptors: list[int], limits: dict[str, int], held: Confinement
) -> NoReturn:
    """Give up what is not needed, do what the role is, and end this process."""
    with Trial() as trial:
        place(descriptors, held.keep)
        held.confine(limits)
        ROLES[role]()
    if trial.error is None:
        exit_now(0)
    with Trial():
        text = f"{type(trial.error).__name__}: {trial.error}"
        report("raised", FAILURE, text[:MESSAGE], "")
    exit_now(FAILED)


def place(descriptors: list[int], keep: tuple[int, ...]) -> None:
    """The order, results, input and output where roles look for them; all else is closed."""
    for descriptor, where in zip(descriptors, PLACES, strict=True):
        os.dup2(descriptor, where)
    os.dup2(1, 2)  # what the server says of itself is not for foreign eyes
    kept = sorted({*PLACES, *keep})
    for begin, end in zip([2, *kept], [*kept, 1 << 20], strict=True):
        os.closerange(begin + 1, end)
