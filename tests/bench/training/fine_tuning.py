"""Supervised fine-tuning of all weights, with the loss on solutions and the end token alone."""

import random
import sys
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from training.pair_tokens import PairTokens, batch
from training.schedule import advance, optimiser, rate_at
from training.solution_loss import token_nats


class FineTuning(NamedTuple):
    """How a model is tuned: `pairs` a step, of which `at_once` go through the model together."""

    rate: float
    pairs: int
    at_once: int
    device: str


def fine_tune(
    model: Any, pairs: list[PairTokens], end: int, settings: FineTuning, seed: int, name: str
) -> float:
    """Train on each pair once, in an order by `seed`; the CPU seconds that it took.

    The model gets no other randomness, so that arms with one seed see the same prompts in turn.
    """
    begin = time.process_time()
    ended = [PairTokens(pair.prompt, [*pair.solution, end]) for pair in pairs]
    random.Random(seed).shuffle(ended)
    steps = [ended[at : at + settings.pairs] for at in range(0, len(ended), settings.pairs)]
    adam = optimiser(model, settings.rate)
    model.train()
    for number, step in enumerate(steps):
        loss = _gradients(model, step, settings)
        advance(model, adam, settings.rate * rate_at(number, len(steps)))
        seen = sum(map(len, step))
        spent = time.process_time() - begin
        line = f"{name}: step {number + 1} of {len(steps)}, {seen} tokens, {loss:.3f} nats, {spent:.0f} CPU-s"
        print(line, file=sys.stderr, flush=True)
    return time.process_time() - begin


def _gradients(model: Any, step: list[PairTokens], settings: FineTuning) -> float:
    """Add up the gradients of a step; its loss in nats per learned token."""
    learned = sum(len(pair.solution) for pair in step)
    total = 0.0
    with torch.autocast(settings.device, torch.bfloat16):  # one: weights are cast once a step
        for part in _parts(step, settings.at_once):
            loss = token_nats(model, batch(part, 0).to(settings.device)).sum() / learned
            loss.backward()
            total += loss.item()
    return total


def _parts(step: list[PairTokens], at_once: int) -> Iterator[list[PairTokens]]:
    """Yields the pairs of a step, those of like length together."""
    ordered = sorted(step, key=len)
    for at in range(0, len(ordered), at_once):
        yield ordered[at : at + at_once]
