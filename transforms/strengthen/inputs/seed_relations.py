"""Relations that hold in all seeds: of one argument, and between two of them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from random import Random
from typing import Any

from transforms.strengthen.inputs.argument_pairs import PAIR_PROPERTIES, PairProperty
from transforms.strengthen.inputs.properties import OF_TREES, PROPERTIES
from transforms.strengthen.inputs.properties.property import Property
from transforms.strengthen.inputs.terms import Env

EVIDENCE = 2  # seeds that a relation must hold in, where no word of the statement speaks of it


@dataclass(frozen=True)
class Relation:
    """Something that holds in all seeds.

    holds: of the values of parameters by name; restore: changes them so that it does. stated: the
    statement has words for it.
    """

    name: str
    names: tuple[str, ...]
    holds: Callable[[Env], bool]
    restore: Callable[[Env, Random], None]
    stated: bool
    covers: str = ""

    def says(self, line: str) -> bool:
        """Whether a constraint says no more than this relation."""
        return bool(self.covers) and bool(re.search(self.covers, line, re.IGNORECASE))

    def try_to_restore(self, env: Env, rng: Random) -> None:
        """Change values so that it holds; values that it does not fit stay as they are."""
        try:
            self.restore(env, rng)
        except UNFIT_VALUES:
            return

    def is_kept(self, env: Env) -> bool:
        """Whether it holds."""
        try:
            return self.holds(env)
        except UNFIT_VALUES:
            return False


UNFIT_VALUES = (TypeError, LookupError, ValueError, ArithmeticError, AttributeError)


def relations(
    seeds: Sequence[Env], statement: str, trees: frozenset[str] = frozenset()
) -> Iterator[Relation]:
    """What holds in all seeds.

    The words of the statement say which of it must be kept. trees: the names of binary trees.
    """
    names = [name for name in seeds[0] if all(name in seed for seed in seeds)] if seeds else []
    for name in names:
        values = [seed[name] for seed in seeds]
        for each in OF_TREES if name in trees else PROPERTIES:
            if relation := _of_one(each, name, values, statement):
                yield relation
    for first, second in permutations(names, 2):
        pairs = [(seed[first], seed[second]) for seed in seeds]
        for pair in PAIR_PROPERTIES:
            if (not pair.ordered or first < second) and _holds_in(pair, pairs):
                yield _of_two(pair, first, second, statement)


def _judged(holds: Callable[..., bool], *values: Any) -> bool:
    """Whether something holds of values; it does not where they are of other types."""
    try:
        return holds(*values)
    except UNFIT_VALUES:
        return False


def _of_one(each: Property, name: str, values: list[Any], statement: str) -> Relation | None:
    present = [value for value in values if each.always or not _is_trivial(value)]
    if not present or not all(_judged(each.holds, value) for value in present):
        return None
    stated = bool(re.search(each.words, statement, re.IGNORECASE))
    if not stated and (each.only_stated or len(present) < EVIDENCE):
        return None

    def holds(env: Env) -> bool:
        return (not each.always and _is_trivial(env[name])) or each.holds(env[name])

    def restore(env: Env, rng: Random) -> None:
        if each.fix and not holds(env):
            env[name] = each.fix(env[name], rng)

    return Relation(f"{name}: {each.name}", (name,), holds, restore, stated, each.covers)


def _is_trivial(value: Any) -> bool:
    """Whether nearly everything holds of a value."""
    if isinstance(value, list) and len(value) == 1:
        return not isinstance(value[0], list | int) or value[0] in (0, 1)
    return isinstance(value, list | str) and len(value) == 0


def _holds_in(pair: PairProperty, seeds: Sequence[tuple[Any, Any]]) -> bool:
    """Whether something holds between two arguments in seeds that can show it."""
    if len(seeds) < pair.seeds or not all(_judged(pair.holds, a, b) for a, b in seeds):
        return False
    return not pair.lengths or len({len(a) for a, _ in seeds}) > 1


def _of_two(pair: PairProperty, first: str, second: str, statement: str) -> Relation:
    places = {"a": re.escape(first), "b": re.escape(second)}
    words, covers = (_named(pattern, places) for pattern in (pair.words, pair.covers))

    def holds(env: Env) -> bool:
        return pair.holds(env[first], env[second])

    def restore(env: Env, rng: Random) -> None:
        if not holds(env):
            env[first], env[second] = pair.fix(env[first], env[second], rng)

    name = pair.name.format(a=first, b=second)
    stated = words is not None and bool(re.search(words, statement))
    return Relation(name, (first, second), holds, restore, stated, covers or "")


def _named(pattern: str | None, places: dict[str, str]) -> str | None:
    """A pattern with the names of the two arguments."""
    return pattern and re.sub(r"\{([ab])\}", lambda place: places[place[1]], pattern)
