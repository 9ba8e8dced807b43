"""Lists that hold the numbers from 0 or 1 on: all of them, or all but one."""

from random import Random
from typing import Any

from transforms.strengthen.inputs.containers import in_order
from transforms.strengthen.inputs.properties.property import Property, scalars


def _permutation(value: Any, first: int) -> bool:
    return scalars(value) and in_order(value) == list(range(first, first + len(value)))


def _any_permutation(value: Any, rng: Random, first: int) -> list[int]:
    """Numbers by the rank of the values."""
    order = sorted(range(len(value)), key=lambda at: (repr(type(value[at])), str(value[at]), at))
    made = [0] * len(value)
    for rank, at in enumerate(order):
        made[at] = rank + first
    return made


def _one_missing(value: Any) -> bool:
    """Whether all numbers from 0 to the length are there except for one."""
    if not scalars(value) or not all(type(v) is int and 0 <= v <= len(value) for v in value):
        return False
    return len(set(value)) == len(value)


def _any_but_one(value: Any, rng: Random) -> list[int]:
    numbers = list(range(len(value) + 1))
    numbers.remove(rng.choice(numbers))
    rng.shuffle(numbers)
    return numbers


def _one_doubled(value: Any) -> bool:
    """Whether one of the numbers from 1 to the length stands there instead of another."""
    inside = scalars(value) and all(type(v) is int and 1 <= v <= len(value) for v in value)
    return inside and len(set(value)) == len(value) - 1


def _any_doubled(value: Any, rng: Random) -> list[int]:
    numbers = list(range(1, len(value) + 1))
    rng.shuffle(numbers)
    numbers[0] = numbers[-1]
    rng.shuffle(numbers)
    return numbers


NUMBERINGS = (
    Property(
        "permutation from 0",
        r"permutation",
        lambda v: _permutation(v, 0),
        lambda v, r: _any_permutation(v, r, 0),
        covers=r"is a permutation(?: of (?:all )?(?:the )?(?:integers|numbers|\[)|\.?$)",
    ),
    Property(
        "permutation from 1",
        r"permutation",
        lambda v: _permutation(v, 1),
        lambda v, r: _any_permutation(v, r, 1),
        covers=(
            r"is a permutation of (?:all )?(?:the )?(?:integers|numbers|\[)|every"
            r" integer from 1 to n exactly once"
        ),
    ),
    Property(
        "one missing",
        r"missing",
        _one_missing,
        _any_but_one,
        always=True,
        only_stated=True,
    ),
    Property(
        "one doubled",
        r"duplicat|twice|repetition|repeated",
        _one_doubled,
        _any_doubled,
        always=True,
        only_stated=True,
    ),
)
