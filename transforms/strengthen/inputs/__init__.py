"""Proposes inputs for problems; pure Python, and the same inputs in every process."""

from transforms.strengthen.inputs.proposals import CHARACTERS, Input, NoInputs, Proposals

__all__ = ["CHARACTERS", "Input", "NoInputs", "Proposals"]
