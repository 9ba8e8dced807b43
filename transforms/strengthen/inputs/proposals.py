"""Inputs for a problem: made of its seeds, its signature, and what its statement says of inputs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from transforms.lib.trials.candidate import PROBE_MARK, Candidate, Unfit
from transforms.strengthen.inputs.argument_names import Arguments, function_arguments
from transforms.strengthen.inputs.comparisons import made_to_hold
from transforms.strengthen.inputs.constraints import Constraints, read_constraints
from transforms.strengthen.inputs.containers import Shape
from transforms.strengthen.inputs.seed_relations import Relation, relations
from transforms.strengthen.inputs.terms import LENGTH, Address, Env
from transforms.strengthen.inputs.value_shapes import Shapes

Input = tuple[Any, ...] | str
CHARACTERS = 20_000  # of an input's literal
ATTEMPTS = 6  # for each input that is asked for
SIZES = (2, 3, 4, 5, 7, 10, 14)  # of fresh values: the later the call, the further it goes
LARGE_SHARE = 20  # one of so many inputs of later calls is a large one
MAX_SEEDS = 40
FIXES = 3  # how often relations are restored, as one may break another


class NoInputs(Exception):
    """No inputs are proposed, for a reason that is a word."""

    def __init__(self, reason: str, value: str = "") -> None:
        super().__init__(f"{reason}: {value}")
        self.reason = reason
        self.value = value


@dataclass
class FunctionProposals:
    """Inputs of a function: tuples of arguments."""

    problem_id: str
    arguments: Arguments
    seeds: list[tuple[Any, ...]]
    shapes: tuple[Shape, ...]
    constraints: Constraints
    relations: tuple[Relation, ...]
    _known: set[str] = field(default_factory=set)
    _calls: int = 0

    def more(self, count: int, parents: Sequence[Input] = ()) -> list[Input]:
        """Up to so many new inputs."""
        self._calls += 1
        rng = Random(f"{self.problem_id}:{self._calls}")
        large = count // LARGE_SHARE if self._calls > 1 else 0
        found = self._new(rng, count - large, self._drafts(rng, parents))
        return found + self._new(rng, large, self._large_drafts(rng))

    def large(self, count: int) -> list[Input]:
        """Up to so many new inputs near the upper limits."""
        rng = Random(f"{self.problem_id}:large:{self._calls}")
        self._calls += 1
        return self._new(rng, count, self._large_drafts(rng))

    def _new(self, rng: Random, count: int, drafts: Iterator[list[Any]]) -> list[Input]:
        """New inputs among drafts that keep what must be kept, after it is restored in them."""
        found = list[Input]()
        for _ in range(count * ATTEMPTS):
            if len(found) >= count:
                break
            made = self._made_valid(next(drafts), rng)
            if made is None:
                continue
            text = repr(made)
            if len(text) <= CHARACTERS and text not in self._known:
                self._known.add(text)
                found.append(made)
        return found

    def _drafts(self, rng: Random, parents: Sequence[Input]) -> Iterator[list[Any]]:
        """Values that may break constraints yet, without end: mutated seeds, and fresh ones."""
        sizes = SIZES[: 3 + 2 * self._calls]
        bred = [parent for parent in parents if isinstance(parent, tuple)]
        while True:
            if rng.random() < 0.5:
                pool = bred if bred and rng.random() < 0.7 else self.seeds
                yield self._mutated(rng.choice(pool), rng)
            else:
                size = rng.choice(sizes)
                yield [shape.fresh(rng, size) for shape in self.shapes]

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

    def _large_drafts(self, rng: Random) -> Iterator[list[Any]]:
        while True:
            share = rng.choice((400, 2_000, 6_000, CHARACTERS - 1_000)) // max(1, len(self.shapes))
            yield [shape.extreme(rng, share) for shape in self.shapes]

    def _made_valid(self, values: list[Any], rng: Random) -> tuple[Any, ...] | None:
        env: Env = dict(zip(self.arguments.names, map(copied, values), strict=True))
        kept = [relation for relation in self.relations if self._is_kept(relation, rng)]
        for _ in range(FIXES):
            for relation in kept:
                _restore(relation, env, rng)
            self._restore_comparisons(env, rng)
            if self.constraints.keep(env) and all(_holds(relation, env) for relation in kept):
                return tuple(env[name] for name in self.arguments.names)
        return None

    def _is_kept(self, relation: Relation, rng: Random) -> bool:
        """Whether a relation of the seeds is kept in an input: mostly, if nothing speaks of it."""
        return relation.stated or bool(self.constraints.unread) or rng.random() < 0.6

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
            elif isinstance(value, list) and item:
                env[name] = value + [item.fresh(rng, 5) for _ in range(length - len(value))]

        return resize


def _restore(relation: Relation, env: Env, rng: Random) -> None:
    try:
        relation.restore(env, rng)
    except UNFIT_VALUES:
        return


def _holds(relation: Relation, env: Env) -> bool:
    try:
        return relation.holds(env)
    except UNFIT_VALUES:
        return False


UNFIT_VALUES = (TypeError, IndexError, ValueError, KeyError)


def copied(value: Any) -> Any:
    """A copy of a value of built-in types."""
    if type(value) is list:
        return [copied(item) for item in value]
    return {key: copied(item) for key, item in value.items()} if type(value) is dict else value


@dataclass
class Proposals:
    """Inputs for a problem, new ones at each call; the same ones in every process."""

    constraints: Constraints
    _source: FunctionProposals

    @classmethod
    def of(cls, problem: Candidate, statement: str, signature: str | None) -> "Proposals":
        """The proposals for a problem. Raises NoInputs if none can be made."""
        if PROBE_MARK in problem.harness:
            raise NoInputs("probes")
        if problem.kind != "function":
            raise NoInputs("kind", problem.kind)
        source = _of_function(problem, statement, signature)
        return cls(source.constraints, source)

    def more(self, count: int, parents: Sequence[Input] = ()) -> list[Input]:
        """Up to `count` new inputs that keep the constraints, small ones first.

        They differ from the seeds and from all that were proposed before; fewer if there are no
        more. `parents` are inputs to make variations of.
        """
        return self._source.more(count, parents)

    def large(self, count: int) -> list[Input]:
        """Up to `count` new inputs near the upper limits of the constraints."""
        return self._source.large(count)


def _of_function(problem: Candidate, statement: str, signature: str | None) -> FunctionProposals:
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
    known = Arguments(known.names[:width], known.trees, known.lists)
    envs = [dict(zip(known.names, seed, strict=True)) for seed in seeds]
    constraints = read_constraints(statement, known.names, known.roots, envs)
    shapes = _shapes(known, envs, Shapes(constraints, bool(constraints.read)))
    found = tuple(relations(envs, statement, "\n".join(constraints.unread)))
    known_texts = {repr(tuple(seed)) for seed in problem.arguments}
    return FunctionProposals(
        problem.problem_id, known, seeds, shapes, constraints, found, known_texts
    )


def _shapes(known: Arguments, seeds: Iterable[Env], shapes: Shapes) -> tuple[Shape, ...]:
    seeds = list(seeds)
    return tuple(
        shapes.tree([seed[name] for seed in seeds], (name,))
        if name in known.trees
        else shapes.of([seed[name] for seed in seeds], (name,))
        for name in known.names
    )
