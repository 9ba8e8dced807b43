"""One run after another under a tier: orders out, results and endings back."""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from transforms.lib.sandbox import tiers
from transforms.lib.sandbox.codec import frame, frames
from transforms.lib.sandbox.harness import Lost, Report, Starter
from transforms.lib.sandbox.limits import Limits
from transforms.lib.sandbox.outcomes import Ending
from transforms.lib.sandbox.results import ending
from transforms.lib.sandbox.shipment import memory_file
from transforms.lib.sandbox.tiers.needs import Needs


@dataclass(frozen=True)
class Role:
    """A process of a run: what it does, its order, and descriptors that it reads and writes."""

    name: str
    order: Sequence[bytes]
    given: int | None = None
    output: int | None = None

    def ends(self, null: int) -> tuple[int, int]:
        """What it reads and what it writes; nothing, if it was not told."""
        return (
            null if self.given is None else self.given,
            null if self.output is None else self.output,
        )


class Runs:
    """Runs under one tier; what starts their processes is started anew where it was lost."""

    def __init__(self, needs: Needs, tier: str | None) -> None:
        self._needs = needs
        self._starter: Starter | None = tiers.start(needs, tier)
        self.tier = self._starter.tier

    def run(
        self, roles: Sequence[Role], limits: Limits, linked: bool = False
    ) -> tuple[Ending, list[list[bytes]]]:
        """Run a process in each role: how the run ended, and the results of each process.

        With `linked`, two roles read what the other writes.
        """
        starter = self._starter = self._starter or tiers.start(self._needs, self.tier)
        with contextlib.ExitStack() as files:
            null = files.enter_context(open(os.devnull, "r+b", buffering=0)).fileno()
            results = [files.enter_context(memory_file()) for _ in roles]
            pipes = (*os.pipe(), *os.pipe()) if linked else ()
            descriptors = []
            for number, (role, own) in enumerate(zip(roles, results, strict=True)):
                order = files.enter_context(memory_file(b"".join(map(frame, role.order))))
                ends = (pipes[2 * number], pipes[3 - 2 * number]) if linked else role.ends(null)
                descriptors += [order, own, *ends]
            report = self._report(
                starter, [role.name for role in roles], descriptors, limits, pipes
            )
            outputs = (*results, *(role.output for role in roles if role.output is not None))
            sizes = [os.fstat(each).st_size for each in outputs]
            found = [frames(os.pread(each, limits.output, 0)) for each in results]
        return ending(self.tier, report, sizes, limits), found

    def _report(
        self,
        starter: Starter,
        names: list[str],
        descriptors: list[int],
        limits: Limits,
        pipes: Sequence[int],
    ) -> Report | None:
        """What is told of a run; None if it was lost."""
        try:
            try:
                starter.send(names, descriptors, asdict(limits))
            finally:  # or no process would see the other's end
                for each in pipes:
                    os.close(each)
            return starter.receive()
        except Lost:
            self._starter = None
            return None

    def close(self) -> None:
        """End everything that was started."""
        if self._starter:
            self._starter.close()
            self._starter = None
