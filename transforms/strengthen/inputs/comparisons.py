"""Comparisons of a constraint, such as `1 <= k <= nums.length`: checked, and made to hold.

Index variables stand for every index: `0 <= nums[i] <= nums[i + 1]` holds for all i for which both
items are there.
"""

import operator
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from random import Random
from typing import Any

from transforms.strengthen.inputs.terms import (
    ITEM,
    LENGTH,
    Address,
    Env,
    Inapplicable,
    Term,
    TermParser,
    TermPlace,
    UnreadTerm,
    Vocabulary,
    rounds,
    term_values,
    values_at,
)

RELATION = re.compile(r"<=|>=|==|!=|<|>|=")
RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
}
MAX_SIDES = 8
MAX_CHANGES = 20_000  # of one value after another to make a relation hold
Bounds = tuple[Any, Any]  # lowest and highest value, None for none
Resize = Callable[[Env, Address, int], None]


@dataclass(frozen=True)
class Pair:
    """Two terms and the relation between them.

    first: an index variable and the first index that it is about.
    """

    left: Term
    relation: str
    right: Term
    first: tuple[str, int] | None = None

    def judged(self, env: Env) -> Iterator[bool]:
        """Whether the relation holds, with the index variables set, wherever both terms are."""
        holds = RELATIONS[self.relation]
        variables = dict(self.left.variables)
        for name, count in self.right.variables:
            variables.setdefault(name, count)
        left, right = _known_once(self.left, env), _known_once(self.right, env)
        name, least = self.first or ("", 0)
        for _ in rounds(tuple(variables.items()), env):
            if env.get(name, least) < least:
                continue
            try:
                agrees = bool(holds(left(env), right(env)))
            except (Inapplicable, TypeError):  # the None of a tree, or no such item
                continue
            yield agrees

    def holds(self, env: Env) -> bool:
        """Whether it holds at every index."""
        return self._all_hold(env) if self._are_apart and not self.first else all(self.judged(env))

    @cached_property
    def _are_apart(self) -> bool:
        """Whether no index is that of both terms, and there are indices at all."""
        own = {name for name, _ in self.left.variables}
        others = {name for name, _ in self.right.variables}
        return bool(own | others) and own.isdisjoint(others)

    def _all_hold(self, env: Env) -> bool:
        """Whether it holds between any value of one term and any of the other."""
        left, right = (
            {value for value in _all_values(term, env) if isinstance(value, int | float | str)}
            for term in (self.left, self.right)
        )
        if not left or not right:
            return True
        if {*map(type, left)} != {*map(type, right)} and str in {*map(type, left | right)}:
            return True
        if self.relation == "!=":
            return left.isdisjoint(right)
        if self.relation.startswith("<"):
            return bool(RELATIONS[self.relation](max(left), min(right)))
        return len(left | right) == 1

    def violations(self, env: Env) -> Iterator[None]:
        """Come by with the index variables at each place where the relation does not hold."""
        return (None for agrees in self.judged(env) if not agrees)


def _all_values(term: Term, env: Env) -> Iterable[Any]:
    """The values of a term at every index."""
    if term.place and term.place.exact and term.variables:
        try:
            return values_at(term.place.address, env)
        except Inapplicable:  # the None of a tree, or rows that are too short
            pass
    return term_values(term, env)


def _known_once(term: Term, env: Env) -> Callable[[Env], Any]:
    """The term's value as a function; it is found once where no index changes it."""
    if term.variables or term.place:
        return term.value
    try:
        known = term.value(env)
    except Inapplicable:
        return term.value
    return lambda _: known


@dataclass(frozen=True)
class Comparison:
    """A chain of comparisons: sides with one or more terms each, and the relations between them.

    first: an index variable and the first index that it is about, where the chain says so.
    """

    sides: tuple[tuple[Term, ...], ...]
    relations: tuple[str, ...]
    first: tuple[str, int] | None = None

    def pairs(self) -> Iterator[Pair]:
        """Each pair of neighbouring terms."""
        for number, relation in enumerate(self.relations):
            for left in self.sides[number]:
                for right in self.sides[number + 1]:
                    yield Pair(left, relation, right, self.first)

    def bounds(self) -> Iterator[tuple[Address, Bounds]]:
        """The constant bounds of each place that the chain names, looking past other terms.

        There are none where the chain leaves out indices.
        """
        if self.first and self.first[1]:
            return
        lows = _outer_bounds(self.sides, self.relations, {"<": 1, "<=": 0, "==": 0, "=": 0})
        flipped = {"<": -1, "<=": 0, "==": 0, "=": 0}
        highs = _outer_bounds(self.sides[::-1], self.relations[::-1], flipped)[::-1]
        for side, low, high in zip(self.sides, lows, highs, strict=True):
            for term in side:
                if term.place and (low is not None or high is not None):
                    yield term.place.address, (low, high)


def _outer_bounds(
    sides: tuple[tuple[Term, ...], ...], relations: tuple[str, ...], steps: dict[str, int]
) -> list[Any]:
    """For each side the last constant before it, as far as `<=` and the like lead from it."""
    found, bound = list[Any](), None
    for number, side in enumerate(sides):
        if number and relations[number - 1] not in steps:
            bound = None
        elif bound is not None and isinstance(bound, int):
            bound += steps[relations[number - 1]]
        found.append(bound)
        if len(side) == 1 and side[0].constant:
            bound = side[0].value({})
    return found


def read_comparison(text: str, vocabulary: Vocabulary) -> Comparison:
    """The comparison in a text. Raises Unreadable if it is none."""
    relations = RELATION.findall(text)
    if not 1 <= len(relations) < MAX_SIDES:
        raise UnreadTerm("no comparison")
    sides = [tuple(TermParser(part, vocabulary).all_terms()) for part in RELATION.split(text)]
    if {">", ">="} & set(relations):
        if not set(relations) <= {">", ">=", "==", "="}:
            raise UnreadTerm("both ways")
        flipped = [relation.replace(">", "<") for relation in reversed(relations)]
        return Comparison(tuple(reversed(sides)), tuple(flipped))
    return Comparison(tuple(sides), tuple(relations))


def made_to_hold(
    pair: Pair, env: Env, limits: dict[Address, Bounds], rng: Random, resize: Resize
) -> None:
    """Change values in an environment where a relation between two terms does not hold.

    The value that is changed is an item rather than a number, and a number rather than a length.
    """
    places = [t.place for t in (pair.left, pair.right) if t.place]
    if not places:
        return
    target = min(places, key=_reluctance)
    is_left = target is pair.left.place
    other = pair.right if is_left else pair.left
    try:
        if pair.holds(env):
            return
    except Inapplicable:  # it speaks of other values
        return
    for _ in islice(pair.violations(env), MAX_CHANGES):
        value = _value_for(
            pair.relation, is_left, other.value(env), limits.get(target.address), rng
        )
        if value is None:
            continue
        if target.put:
            target.put(env, value)
        elif isinstance(value, int):
            resize(env, target.address, value)


def _reluctance(place: TermPlace) -> int:
    if place.address[-1] == LENGTH:
        return 2
    return 0 if ITEM in place.address else 1


def _value_for(relation: str, is_left: bool, other: Any, bounds: Bounds | None, rng: Random) -> Any:
    """A value in this relation to the other one, within bounds; None if there is none."""
    if relation in ("==", "="):
        return other
    if not isinstance(other, int):
        return None
    low, high = bounds or (None, None)
    if relation == "!=":
        return other + 1 if high is None or other < high else other - 1
    step = 1 if relation == "<" else 0
    if is_left:
        high = other - step
        low = high - 3 if low is None else low
    else:
        low = other + step
        high = low + 3 if high is None else high
    if not isinstance(low, int) or not isinstance(high, int) or low > high:
        return None
    if rng.random() < 0.3:
        return high if is_left else low
    return rng.randint(low, high) if is_left else rng.randint(low, min(high, low + 9))
