"""Inputs of a function: its seeds mutated, and values drawn afresh, which keep the constraints."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from random import Random
from typing import Any

from transforms.lib.trials.candidate import Candidate, Unfit
from transforms.strengthen.inputs.argument_names import Arguments, function_arguments
from transforms.strengthen.inputs.comparisons import made_to_hold
from transforms.strengthen.inputs.constraints import Constraints, read_constraints
from transforms.strengthen.inputs.containers import ItemsShape, Shape, literal_size
from transforms.strengthen.inputs.drafts import (
    CHARACTERS,
    DRAFT_FAULTS,
    PATIENCE_LARGE,
    Input,
    NewInputs,
    NoInputs,
    copied,
)
from transforms.strengthen.inputs.scalars import WholeShape
from transforms.strengthen.inputs.seed_relations import Relation, relations
from transforms.strengthen.inputs.terms import LENGTH, Address, Env
from transforms.strengthen.inputs.value_shapes import Shapes

ENUMERATED = 60  # inputs of numbers alone that are the smallest there are
NUMBER_SIZES = (5, 20, 100, 1_000, 10_000)
SIZES = (2, 3, 4, 5, 7, 10, 14)  # of fresh values: the later the call, the further it goes
LARGE_SHARE = 20  # one of so many inputs of later calls is a large one
USUAL = 0.5  # share of inputs that keep what the seeds have in common and nothing speaks of
AGREEING = 2  # solutions that can tell of an input that breaks an unread line, by disagreeing
SHOWN = 100  # characters of a line in a reason
LARGER, LARGEST = (400, 2_000, 5_000), (2_000, 8_000, CHARACTERS - 1_000)  # characters
MAX_SEEDS = 40
FIXES = 3  # how often relations are restored, as one may break another
LINKED_NODES = 400  # of a linked list; Python nests 1,000 calls


@dataclass
class FunctionProposals:
    """Inputs of a function: tuples of arguments."""

    problem_id: str
    arguments: Arguments
    seeds: list[tuple[Any, ...]]
    shapes: tuple[Shape, ...]
    constraints: Constraints
    relations: tuple[Relation, ...]
    new: NewInputs
    _calls: int = 0

    def more(self, count: int, parents: Sequence[Input] = ()) -> list[Input]:
        """Up to so many new inputs."""
        self._calls += 1
        rng = Random(f"{self.problem_id}:{self._calls}")
        large = count // LARGE_SHARE if self._calls > 1 else 0
        found = self.new.of(count - large, self._valid(self._drafts(rng, parents), rng))
        large_drafts = self._valid(self._large_drafts(rng, LARGER), rng)
        return found + self.new.of(large, large_drafts, PATIENCE_LARGE)

    def large(self, count: int) -> list[Input]:
        """Up to so many new inputs near the upper limits."""
        rng = Random(f"{self.problem_id}:large:{self._calls}")
        self._calls += 1
        drafts = self._valid(self._large_drafts(rng), rng)
        return self.new.of(count, drafts, PATIENCE_LARGE)

    def _valid(self, drafts: Iterator[list[Any]], rng: Random) -> Iterator[Input | None]:
        """The drafts, restored to keep what must be kept; None where that failed."""
        for draft in drafts:
            try:
                yield self._made_valid(draft, rng)
            except DRAFT_FAULTS:
                yield None

    def _drafts(self, rng: Random, parents: Sequence[Input]) -> Iterator[list[Any]]:
        """Values that may break constraints yet, without end: mutated seeds, and fresh ones."""
        numbers = all(isinstance(shape, WholeShape) for shape in self.shapes)
        sizes = (NUMBER_SIZES if numbers else SIZES)[: 3 + 2 * self._calls]
        if numbers and self._calls == 1:
            yield from self._smallest()
        bred = [parent for parent in parents if isinstance(parent, tuple)]
        while True:
            if rng.random() < (0.9 if self.constraints.doubtful else 0.5):
                pool = bred if bred and rng.random() < 0.7 else self.seeds
                yield self._mutated(rng.choice(pool), rng)
            else:
                size = rng.choice(sizes)
                yield [shape.fresh(rng, size) for shape in self.shapes]

    def _smallest(self) -> Iterator[list[Any]]:
        """The smallest values of arguments that are all numbers, those of least sum first."""
        ends = [(shape.start, shape.high) for shape in self.shapes if isinstance(shape, WholeShape)]
        steps = range(ENUMERATED if len(ends) == 1 else 7)
        rises = sorted(product(steps, repeat=min(len(ends), 3)), key=sum)[:ENUMERATED]
        for rise in rises:
            padded = (*rise, *[1] * len(ends))
            yield [min(low + step, high) for (low, high), step in zip(ends, padded, strict=False)]

    def _mutated(self, base: tuple[Any, ...], rng: Random) -> list[Any]:
        values = [copied(value) for value in base]
        for _ in range(rng.choice((1, 1, 1, 2, 2, 4))):
            if not values:
                break
            at = rng.randrange(len(values))
            if rng.random() < 0.12:
                values[at] = copied(rng.choice(self.seeds)[at])
            else:
                values[at] = self.shapes[at].changed(values[at], rng)
        return values

    def _large_drafts(
        self, rng: Random, characters: Sequence[int] = LARGEST
    ) -> Iterator[list[Any]]:
        while True:
            share = rng.choice(characters) // max(1, len(self.shapes))
            yield [shape.extreme(rng, share) for shape in self.shapes]

    def _made_valid(self, values: list[Any], rng: Random) -> tuple[Any, ...] | None:
        env: Env = dict(zip(self.arguments.names, map(copied, values), strict=True))
        is_usual = self._is_careful or rng.random() < USUAL
        kept = [relation for relation in self.relations if relation.stated or is_usual]
        for _ in range(FIXES):
            for relation in kept:
                relation.try_to_restore(env, rng)
            self._restore_comparisons(env, rng)
            if self.constraints.keep(env) and all(relation.is_kept(env) for relation in kept):
                return tuple(env[name] for name in self.arguments.names)
        return None

    @property
    def _is_careful(self) -> bool:
        """Whether the statement may exclude more than what is understood of it."""
        return bool(self.constraints.unread) or not self.constraints.read

    def _restore_comparisons(self, env: Env, rng: Random) -> None:
        for pair in self.constraints.pairs:
            made_to_hold(pair, env, self.constraints.bounds, rng, self._resizer(rng))

    def _resizer(self, rng: Random) -> Any:
        def resize(env: Env, address: Address, length: int) -> None:
            name = str(address[0])
            if address != (name, LENGTH) or not 0 <= length <= CHARACTERS:
                return
            value = env[name]
            if len(value) > length:
                env[name] = value[:length]
                return
            item = getattr(self.shapes[self.arguments.names.index(name)], "item", None)
            if isinstance(value, str) and value:
                env[name] = value + "".join(rng.choice(value) for _ in range(length - len(value)))
            elif isinstance(value, list) and item and _has_room(item, length, rng):
                env[name] = value + [item.fresh(rng, 5) for _ in range(length - len(value))]

        return resize


def _has_room(item: Shape, length: int, rng: Random) -> bool:
    """Whether the literal of so many items is not too long; else it is not worth making them."""
    return length * literal_size(item.fresh(rng, 5)) <= CHARACTERS


def function_proposals(
    problem: Candidate, statement: str, signature: str | None
) -> FunctionProposals:
    """The proposals for a function. Raises NoInputs if its arguments cannot be read."""
    try:
        seeds = problem.arguments[:MAX_SEEDS]
    except Unfit as error:
        raise NoInputs(error.reason, error.value) from error
    known = function_arguments(problem, signature)
    widths = {len(seed) for seed in seeds}
    if not widths or widths == {0} or len(widths) > 1:
        raise NoInputs("arguments", f"{sorted(widths)}")
    width = widths.pop()
    if known is None or len(known.names) < width:
        known = Arguments(tuple(f"argument_{at}" for at in range(width)))
    if known.nodes:
        raise NoInputs("node_type", ", ".join(sorted(known.nodes)))
    known = replace(known, names=known.names[:width])
    envs = [dict(zip(known.names, seed, strict=True)) for seed in seeds]
    constraints = read_constraints(statement, known.names, known.roots, envs)
    found = tuple(relations(envs, statement, known.trees))
    said = [relation for relation in found if relation.stated]
    doubts = [d for d in constraints.doubtful if not any(relation.says(d) for relation in said)]
    if doubts and len(problem.solutions) < AGREEING:
        raise NoInputs("unread_constraint", doubts[0][:SHOWN])
    shapes = _shapes(known, envs, Shapes(constraints, bool(constraints.read)))
    known_texts = {repr(tuple(seed)) for seed in problem.arguments}
    bases = [seed for seed in seeds if len(repr(seed)) <= CHARACTERS] or seeds[:1]
    return FunctionProposals(
        problem.problem_id, known, bases, shapes, constraints, found, NewInputs(known_texts)
    )


def _shapes(known: Arguments, seeds: Iterable[Env], shapes: Shapes) -> tuple[Shape, ...]:
    seeds = list(seeds)
    return tuple(
        shapes.tree([seed[name] for seed in seeds], (name,))
        if name in known.trees
        else _shallow(shapes.of([seed[name] for seed in seeds], (name,)), name in known.lists)
        for name in known.names
    )


def _shallow(shape: Shape, is_linked: bool) -> Shape:
    """The shape with fewer nodes than calls may be nested: right solutions recurse over a list."""
    if not is_linked or not isinstance(shape, ItemsShape):
        return shape
    return replace(shape, low=min(shape.low, LINKED_NODES), high=min(shape.high, LINKED_NODES))
