"""Inputs for a problem: made of its seeds, its signature, and what its statement says of inputs."""

from collections.abc import Sequence
from dataclasses import dataclass

from transforms.lib.trials.candidate import PROBE_MARK, Candidate
from transforms.strengthen.inputs.argument_proposals import FunctionProposals, function_proposals
from transforms.strengthen.inputs.call_sequences import SequenceProposals, sequence_proposals
from transforms.strengthen.inputs.constraints import Constraints
from transforms.strengthen.inputs.drafts import DRAFT_FAULTS, Input, NoInputs
from transforms.strengthen.inputs.probe_calls import ProbeCallProposals, probe_call_proposals
from transforms.strengthen.inputs.standard_input import InputProposals, input_proposals

REPLAY_MARK = 'eval(f"called('  # in a harness: the argument is the text of a call

SHOWN = 100  # characters of a fault


@dataclass
class Proposals:
    """Inputs for a problem, new ones at each call; the same ones in every process."""

    constraints: Constraints
    _source: FunctionProposals | SequenceProposals | InputProposals | ProbeCallProposals

    @classmethod
    def of(cls, problem: Candidate, statement: str, signature: str | None) -> "Proposals":
        """The proposals for a problem. Raises NoInputs if none can be made."""
        try:
            return cls._of(problem, statement, signature)
        except DRAFT_FAULTS as error:
            raise NoInputs("misread", f"{type(error).__name__}: {error}"[:SHOWN]) from error

    @classmethod
    def _of(cls, problem: Candidate, statement: str, signature: str | None) -> "Proposals":
        if PROBE_MARK in problem.harness:
            probes = probe_call_proposals(problem, statement, signature)
            return cls(probes.constraints, probes)
        if REPLAY_MARK in problem.harness:
            raise NoInputs("replayed_calls")
        if problem.kind == "design":
            sequences = sequence_proposals(problem, statement)
            return cls(sequences.constraints, sequences)
        if problem.is_program:
            programs = input_proposals(problem, statement)
            return cls(programs.constraints, programs)
        source = function_proposals(problem, statement, signature)
        return cls(source.constraints, source)

    def more(self, count: int, parents: Sequence[Input] = ()) -> list[Input]:
        """Up to `count` new inputs that keep the constraints, small ones first.

        They differ from the seeds and from all that were proposed before; fewer if there are no
        more. `parents` are inputs to make variations of.
        """
        return self._source.more(count, parents)

    def large(self, count: int) -> list[Input]:
        """Up to `count` new inputs near the upper limits of the constraints."""
        return self._source.large(count)
