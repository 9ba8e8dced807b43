"""Inputs of a function whose tests are probes: direct calls, made of those that the probes make."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from transforms.lib.problems.probes.probed_calls import DIRECT, probed_calls
from transforms.lib.python.literals import literal_text
from transforms.lib.trials.candidate import Candidate
from transforms.strengthen.inputs.argument_proposals import FunctionProposals, function_proposals
from transforms.strengthen.inputs.constraints import Constraints
from transforms.strengthen.inputs.drafts import Input, NoInputs


@dataclass
class ProbeCallProposals:
    """The inputs of a function, each after the empty name that stands for no probe."""

    function: FunctionProposals

    @property
    def constraints(self) -> Constraints:
        """Those of the function."""
        return self.function.constraints

    def more(self, count: int, parents: Sequence[Input] = ()) -> list[Input]:
        """Up to so many new inputs."""
        bred = [parent[1:] for parent in parents]
        return [(DIRECT, *found) for found in self.function.more(count, bred)]

    def large(self, count: int) -> list[Input]:
        """Up to so many new inputs near the upper limits."""
        return [(DIRECT, *found) for found in self.function.large(count)]


def probe_call_proposals(
    problem: Candidate, statement: str, signature: str | None
) -> ProbeCallProposals:
    """The proposals for a function. Raises NoInputs if its probes make no call that is data."""
    calls = probed_calls(problem.harness) if problem.kind == "function" else []
    if not calls:
        raise NoInputs("probes")
    tests = [(literal_text(arguments), "None") for arguments in calls]
    direct = replace(problem, tests=tests, harness="")
    return ProbeCallProposals(function_proposals(direct, statement, signature))
