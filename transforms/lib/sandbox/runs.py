"""Runs under a tier, one after another: orders are sent in, results and endings come back."""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from transforms.lib.sandbox import tiers
from transforms.lib.sandbox.codec import frame, frames
from transforms.lib.sandbox.limits import Limits
from transforms.lib.sandbox.messages import ending_of
from transforms.lib.sandbox.outcomes import Ending
from transforms.lib.sandbox.server_process import RunReport, SandboxLost, Starter
from transforms.lib.sandbox.shipment import memory_file
from transforms.lib.sandbox.tiers.needs import SandboxNeeds


@dataclass(frozen=True)
class Role:
    """A process of a run: the name of its role, its order, and its input and output.

    `input` and `output` are descriptors; None stands for /dev/null.
    """

    name: str
    order: Sequence[bytes]
    input: int | None = None
    output: int | None = None

    def input_and_output(self, null: int) -> tuple[int, int]:
        """Both descriptors; `null` is one of /dev/null."""
        return (
            null if self.input is None else self.input,
            null if self.output is None else self.output,
        )


class Runs:
    """Runs under one tier; what starts their processes is started anew after it was lost."""

    def __init__(self, needs: SandboxNeeds, tier: str | None) -> None:
        self._needs = needs
        self._starter: Starter | None = tiers.start(needs, tier)
        self.tier = self._starter.tier

    def run(
        self, roles: Sequence[Role], limits: Limits, linked: bool = False
    ) -> tuple[Ending, list[list[bytes]]]:
        """Run a process for each role; returns how the run ended, and each process's results.

        A process has one result for each message of its order; of more than these, which are
        forged, one is returned. With `linked`, each of two roles reads what the other writes.
        """
        starter = self._starter = self._starter or tiers.start(self._needs, self.tier)
        with contextlib.ExitStack() as files:
            null = files.enter_context(open(os.devnull, "r+b", buffering=0)).fileno()
            results = [files.enter_context(memory_file()) for _ in roles]
            pipes = (*os.pipe(), *os.pipe()) if linked else ()
            descriptors = []
            for number, (role, own) in enumerate(zip(roles, results, strict=True)):
                order = files.enter_context(memory_file(b"".join(map(frame, role.order))))
                if linked:
                    ends = (pipes[2 * number], pipes[3 - 2 * number])
                else:
                    ends = role.input_and_output(null)
                descriptors += [order, own, *ends]
            report = self._report(
                starter, [role.name for role in roles], descriptors, limits, pipes
            )
            outputs = (*results, *(role.output for role in roles if role.output is not None))
            sizes = [os.fstat(each).st_size for each in outputs]
            messages = [
                frames(os.pread(each, limits.output, 0), len(role.order) + 1)
                for role, each in zip(roles, results, strict=True)
            ]
        return ending_of(self.tier, report, sizes, limits), messages

    def _report(
        self,
        starter: Starter,
        names: list[str],
        descriptors: list[int],
        limits: Limits,
        pipes: Sequence[int],
    ) -> RunReport | None:
        """The report on a run; None if the sandbox was lost."""
        try:
            try:
                starter.send(names, descriptors, asdict(limits))
            finally:  # or no process would see the other's end
                for each in pipes:
                    os.close(each)
            report = starter.receive()
        except SandboxLost:
            self._starter = None
            return None
        if not report.clean:
            self.close()
        return report

    def close(self) -> None:
        """End everything that was started."""
        if self._starter:
            self._starter.close()
            self._starter = None
