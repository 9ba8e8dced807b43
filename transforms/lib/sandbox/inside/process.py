"""One process of a run: it takes its descriptors, is confined, and performs its role.

Against inherited descriptors: a process holds its order, its results, and the input and output of
its role, and nothing else: neither the server's socket nor descriptors of other processes.
"""

import os
from collections.abc import Callable
from typing import NoReturn, Protocol

from transforms.lib.sandbox.inside import command, peer, program
from transforms.lib.sandbox.inside.program import (
    MESSAGE_CHARACTERS,
    ROLE_DESCRIPTORS,
    Caught,
    report,
)

ROLES: dict[str, Callable[[], None]] = {
    "calls": program.calls,
    "stdio": program.stdio,
    "check": peer.check,
    "candidate": peer.candidate,
    "command": command.command,
}
FAILED_EXIT = 70  # the exit code if the sandbox's own code fails (sysexits.h: EX_SOFTWARE)
FAILED_TYPE = "SandboxError"  # the type that is then reported as raised
exit_now = os._exit  # bound here, because foreign code may replace `os._exit`


class Confinement(Protocol):
    """A way to confine a process; `keep` are descriptors that it needs for that."""

    keep: tuple[int, ...]

    def confine(self, limits: dict[str, int]) -> None:
        """Confine this process irrevocably."""


def perform(
    role: str, descriptors: list[int], limits: dict[str, int], confinement: Confinement
) -> NoReturn:
    """Confine this process, perform the role, and end the process."""
    with Caught() as caught:
        take_descriptors(descriptors, confinement.keep)
        confinement.confine(limits)
        ROLES[role]()
    if caught.error is None:
        exit_now(0)
    with Caught():
        text = f"{type(caught.error).__name__}: {caught.error}"
        report("raised", FAILED_TYPE, text[:MESSAGE_CHARACTERS], "")
    exit_now(FAILED_EXIT)


def take_descriptors(descriptors: list[int], keep: tuple[int, ...]) -> None:
    """Move order, results, input and output to where roles expect them; close all others."""
    for descriptor, target in zip(descriptors, ROLE_DESCRIPTORS, strict=True):
        os.dup2(descriptor, target)
    os.dup2(1, 2)  # the server's standard error is not for foreign code
    kept = sorted({*ROLE_DESCRIPTORS, *keep})
    for begin, end in zip([2, *kept], [*kept, 1 << 20], strict=True):
        os.closerange(begin + 1, end)
