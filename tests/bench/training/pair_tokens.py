"""Pairs as tokens, and batches of them, padded on the left."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor
from training.pairs import Pair

EVALUATED_AT_ONCE = 1024  # tokens of a batch that is only evaluated, padding included


class PairTokens(NamedTuple):
    """The tokens of a prompt and of its solution."""

    prompt: list[int]
    solution: list[int]

    def __len__(self) -> int:
        """Tokens of both."""
        return len(self.prompt) + len(self.solution)


class Batch(NamedTuple):
    """Sequences of one length. ids, positions, attended: int64; learned: bool; all [n, length].

    `learned` are the tokens that have a loss. Where nothing says what is attended, each document
    attends to itself: it begins where positions begin anew.
    """

    ids: Tensor
    positions: Tensor
    learned: Tensor
    attended: Tensor | None = None

    def to(self, device: str) -> "Batch":
        """The same on another device."""
        return Batch(*(each if each is None else each.to(device) for each in self))


def encode(tokenizer: Any, pairs: list[Pair]) -> list[PairTokens]:
    """The tokens of pairs; prompt and solution apart, as a model that is asked meets them."""
    return [
        PairTokens(tokenizer.encode(pair.prompt), tokenizer.encode(pair.solution)) for pair in pairs
    ]


def fits(pair: PairTokens, longest: int) -> bool:
    """Whether a pair has a prompt, two tokens of a solution and, with the end, `longest` at most."""
    return bool(pair.prompt) and len(pair.solution) > 1 and len(pair) < longest


def batch(pairs: list[PairTokens], padding: int) -> Batch:
    """Some pairs, padded on the left to the longest of them."""
    length = max(map(len, pairs))
    ids = torch.full((len(pairs), length), padding)
    attended, learned = torch.zeros_like(ids), torch.zeros_like(ids, dtype=torch.bool)
    for row, pair in enumerate(pairs):
        begin = length - len(pair)
        ids[row, begin:] = torch.tensor(pair.prompt + pair.solution)
        attended[row, begin:] = 1
        learned[row, begin + len(pair.prompt) :] = True
    return Batch(ids, (attended.cumsum(1) - 1).clamp(min=0), learned, attended)


def of_like_length(pairs: list[PairTokens]) -> Iterator[list[int]]:
    """Yields the positions of the pairs, grouped into batches with little padding."""
    group: list[int] = []
    for at in sorted(range(len(pairs)), key=lambda each: len(pairs[each])):
        if group and len(pairs[at]) * (len(group) + 1) > EVALUATED_AT_ONCE:
            yield group
            group = []
        group.append(at)
    if group:
        yield group
