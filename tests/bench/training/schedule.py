"""The paper's optimiser and schedule (sections 3.2 and 4): AdamW, a warm-up, a cosine."""

import math
from typing import Any

import torch

BETAS, EPSILON, WEIGHT_DECAY = (0.9, 0.95), 1e-8, 0.1
WARM_UP_STEPS = 175
WARM_UP_SHARE = 0.1  # of a run that is too short for as many steps
LARGEST_GRADIENT = 1.0  # norm to which gradients are cut; the paper names none


def optimiser(model: Any, rate: float) -> torch.optim.AdamW:
    """The paper's optimiser; weights of vectors (norms) do not decay."""
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": matrices}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, rate, BETAS, EPSILON, WEIGHT_DECAY)


def warm_up(steps: int) -> int:
    """Steps of the warm-up of a run."""
    return max(1, min(WARM_UP_STEPS, round(WARM_UP_SHARE * steps)))


def rate_at(step: int, steps: int) -> float:
    """The learning rate at a step, from 0, as a share of the highest.

    >>> [round(rate_at(step, 20), 3) for step in (0, 1, 2, 11, 19)]
    [0.5, 1.0, 1.0, 0.5, 0.008]
    """
    first = warm_up(steps)
    if step < first:
        return (step + 1) / first
    return (1 + math.cos(math.pi * (step - first) / max(1, steps - first))) / 2


def advance(model: Any, optimiser: torch.optim.AdamW, rate: float) -> None:
    """One step of the optimiser with the gradients that are there."""
    torch.nn.utils.clip_grad_norm_(model.parameters(), LARGEST_GRADIENT)
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
