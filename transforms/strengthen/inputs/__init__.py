"""Proposes inputs for problems; pure Python, and the same inputs in every process."""

from transforms.strengthen.inputs.drafts import CHARACTERS, Input, NoInputs
from transforms.strengthen.inputs.proposals import Proposals

__all__ = ["CHARACTERS", "Input", "NoInputs", "Proposals"]
