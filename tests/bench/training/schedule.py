"""The recipe's optimiser and schedule: Adam with weight decay, a linear warm-up, a cosine to 0."""

import math
from typing import Any

import torch

from transforms.feed.training_recipe import recipe

RECIPE = recipe("pretraining")  # fine-tuning has the same optimiser and schedule
WARM_UP_SHARE = 0.1  # of a run that is too short for the recipe's steps
LARGEST_GRADIENT = 1.0  # norm to which gradients are cut: GPT-3's, as Codex's paper names none


def optimiser(model: Any, rate: float) -> torch.optim.AdamW:
    """The recipe's optimiser; vectors, as the weights of norms, do not decay."""
    adam = RECIPE["optimizer"]["value"]
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": matrices}, {"params": vectors, "weight_decay": 0.0}]
    betas = adam["beta1"], adam["beta2"]
    return torch.optim.AdamW(groups, rate, betas, adam["epsilon"], adam["weight_decay"])


def warm_up(steps: int) -> int:
    """Steps of the warm-up of a run."""
    return max(1, min(RECIPE["warmup_steps"]["value"], round(WARM_UP_SHARE * steps)))


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
