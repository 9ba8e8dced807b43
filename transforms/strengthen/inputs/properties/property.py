"""What may hold of one argument in all seeds, and how to make it hold."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

Holds = Callable[[Any], bool]
Fix = Callable[[Any, Random], Any]


@dataclass(frozen=True)
class Property:
    """Something that may hold of one argument.

    words: a pattern of words by which a statement speaks of it; fix: a value near the one given
    for which it holds; covers: a pattern of constraints that say no more than this; always: whether
    it must hold of empty values too; only_stated: whether it says nothing where no words speak of
    it.
    """

    name: str
    words: str
    holds: Holds
    fix: Fix | None = None
    covers: str = ""
    always: bool = False
    only_stated: bool = False


def is_list(value: Any) -> bool:
    """Whether a value is a list with items."""
    return isinstance(value, list) and len(value) > 0


def scalars(value: Any) -> bool:
    """Whether a value is a list of numbers and texts."""
    return is_list(value) and all(isinstance(item, int | float | str) for item in value)


def by_rows(holds: Holds) -> Holds:
    """What tells whether something holds of each row."""
    return lambda value: is_list(value) and all(map(holds, value))


def rows_fixed(fix: Fix) -> Fix:
    """What restores each row; rows that had one length keep it, or nothing is changed."""

    def fixed(value: Any, rng: Random) -> Any:
        if not is_list(value):
            return value
        rows = [fix(row, rng) for row in value]
        lengths, before = set(map(len, rows)), set(map(len, value))
        return value if len(before) == 1 and lengths != before else rows

    return fixed
