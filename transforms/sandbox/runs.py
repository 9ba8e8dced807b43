"""One run after another under a tier: orders out, results and endings back."""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from transforms.sandbox import tiers
from transforms.sandbox.codec import frame, frames
from transforms.sandbox.harness import Lost, Report, Starter
from transforms.sandbox.limits import Limits
from transforms.sandbox.outcomes import Ending
from transforms.sandbox.results import ending
from transforms.sandbox.shipment import memory_file
from transforms.sandbox.tiers.needs import Needs


@dataclass(frozen=True)
class Role:
    """A process of a run: what it does, its order, and descriptors that it reads and writes."""

    name: str
    order: Sequence[bytes]
    given: int | None = None
    output: int | None = None


class Runs:
    """Runs under one tier; what starts their processes is started anew where it was lost."""

    def __init__(self, needs: Needs, tier: str | None) -> None:
        self._needs = needs
        self._starter: Starter | None = tiers.start(needs, tier)
        self.tier = self._starter.tier

    def run(
        self, roles: Sequence[Role], limits: Limits, pipes: Sequence[int] = ()
    ) -> tuple[Ending, list[list[bytes]]]:
        """Run a process in each role: how the run ended, and the results of each process.

        Closes `pipes`, by which roles talk, once they have them.
        """
        with contextlib.ExitStack() as files:
            null = files.enter_context(open(os.devnull, "r+b", buffering=0)).fileno()
            results = [files.enter_context(memory_file()) for _ in roles]
            descriptors = []
            for role, own in zip(roles, results, strict=True):
                order = files.enter_context(memory_file(b"".join(map(frame, role.order))))
                ends = (null if end is None else end for end in (role.given, role.output))
                descriptors += [order, own, *ends]
            report = self._report([role.name for role in roles], descriptors, limits, pipes)
            outputs = [each for each in (role.output for role in roles) if each is not None]
            files_written = (*results, *(each for each in outputs if each not in pipes))
            sizes = [os.fstat(each).st_size for each in files_written]
            found = [frames(os.pread(each, limits.output, 0)) for each in results]
        return ending(self.tier, report, sizes, limits), found

    def _report(
        self, names: list[str], descriptors: list[int], limits: Limits, pipes: Sequence[int]
    ) -> Report | None:
        """What is told of a run; None if it was lost."""
        try:
            starter = self._starter = self._starter or tiers.start(self._needs, self.tier)
            try:
                starter.send(names, descriptors, asdict(limits))
            finally:  # or no process would see another's end
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
