"""Sequences of calls for a class: drawn from the methods and arguments that the seeds have."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from transforms.lib.trials.candidate import Candidate, Unfit
from transforms.strengthen.inputs.argument_names import Arguments, step_arguments
from transforms.strengthen.inputs.comparisons import made_to_hold
from transforms.strengthen.inputs.constraints import Constraints, read_constraints
from transforms.strengthen.inputs.containers import Shape
from transforms.strengthen.inputs.drafts import (
    PATIENCE_LARGE,
    Input,
    NewInputs,
    NoInputs,
    copied,
    no_resize,
)
from transforms.strengthen.inputs.seed_relations import Relation, relations
from transforms.strengthen.inputs.terms import Env
from transforms.strengthen.inputs.value_shapes import Shapes

Step = tuple[str, tuple[Any, ...]]
LENGTHS = ((2, 8), (8, 25), (25, 60))  # steps, from short to long sequences
MOST_CALLS = re.compile(r"[Aa]t most (\d{1,6})(?: \* 10\^(\d))? (?:total )?calls?")
RISING = re.compile(
    r"chronolog|increasing|monoton|timestamp|\btime\b|ascending|later", re.IGNORECASE
)
DIFFERENT = re.compile(r"unique|distinct|different|duplicate|not exist|never", re.IGNORECASE)
STRICT = re.compile(r"strictly", re.IGNORECASE)
MADE = re.compile(r"(_\w+)\(given\[(\d{1,3})\]\)")  # in a harness: objects made of arguments
POOL = 4  # values of an argument that one sequence draws from, so that its calls meet
AGREEING = 2  # solutions that can tell of a sequence that breaks an unread line
SHOWN = 100  # characters of a line in a reason
MAX_SEEDS = 20
TRIES = 4  # to draw arguments of one call that keep the constraints
Place = tuple[str, int]  # a method and the number of one of its arguments


@dataclass(frozen=True)
class Order:
    """What holds along all sequences of the seeds.

    rising, strict: arguments whose values never fall, or always rise, by name; different: places
    whose values are all different; first: pairs of methods of which the second is never called
    more often than the first.
    """

    rising: frozenset[str] = frozenset()
    strict: frozenset[str] = frozenset()
    different: frozenset[Place] = frozenset()
    first: frozenset[tuple[str, str]] = frozenset()


@dataclass
class SequenceProposals:
    """Inputs of a class: each is one list of steps, the first of which makes an object."""

    problem_id: str
    seeds: list[list[Step]]
    arguments: Mapping[str, Arguments]
    shapes: Mapping[Place, Shape]
    constraints: Constraints
    relations: tuple[Relation, ...]
    order: Order
    answering: frozenset[str]
    most_calls: int
    new: NewInputs
    _calls: int = 0

    def more(self, count: int, parents: Sequence[Input] = ()) -> list[Input]:
        """Up to so many new sequences: short ones in the first call, longer ones later."""
        self._calls += 1
        rng = Random(f"{self.problem_id}:{self._calls}")
        bred = [parent[0] for parent in parents if isinstance(parent, tuple) and parent]
        return self.new.of(count, self._drafts(rng, bred))

    def large(self, count: int) -> list[Input]:
        """Up to so many new long sequences of large values."""
        rng = Random(f"{self.problem_id}:large:{self._calls}")
        self._calls += 1
        return self.new.of(count, self._large_drafts(rng), PATIENCE_LARGE)

    def _drafts(self, rng: Random, bred: list[list[Step]]) -> Iterator[Input | None]:
        while True:
            if rng.random() < 0.25:
                pool = bred if bred and rng.random() < 0.7 else self.seeds
                yield self._ordered(self._edited(rng.choice(pool), rng), rng)
            else:
                low, high = LENGTHS[min(rng.randrange(self._calls + 1), len(LENGTHS) - 1)]
                yield self._sequence(rng, rng.randint(low, high), large=rng.random() < 0.12)

    def _large_drafts(self, rng: Random) -> Iterator[Input | None]:
        while True:
            yield self._sequence(rng, rng.choice((200, 400)), large=True)

    def _sequence(self, rng: Random, length: int, large: bool) -> Input | None:
        """An object and so many calls, as many as are allowed."""
        name = self.seeds[0][0][0]
        made = self._arguments(name, {}, rng, self._pools(rng, large))
        if made is None:
            return None
        steps: list[Step] = [(name, made)]
        base = self._env(name, made)
        pools = self._pools(rng, large)
        weights = self._weights(rng)
        for _ in range(min(length, self.most_calls)):
            method = rng.choice(weights)
            given = self._arguments(method, base, rng, pools)
            if given is not None:
                steps.append((method, given))
        return self._ordered(steps, rng)

    def _weights(self, rng: Random) -> list[str]:
        """The methods, some more often than others; those that answer are all there."""
        methods = sorted({step[0] for seed in self.seeds for step in seed[1:]})
        changing = [method for method in methods if method not in self.answering]
        chosen = [method for method in methods for _ in range(rng.choice((1, 1, 2, 4)))]
        return chosen + changing

    def _pools(self, rng: Random, large: bool) -> dict[Place, list[Any]]:
        """For each argument the few values that it has in one sequence.

        Of large ones some stay small: an index that is too large meets nothing.
        """
        size = rng.choice((2, 3, 5, 8))
        return {
            place: self._pool(shape, rng, size, large and rng.random() < 0.6)
            for place, shape in self.shapes.items()
        }

    @staticmethod
    def _pool(shape: Shape, rng: Random, size: int, large: bool) -> list[Any]:
        return [shape.extreme(rng, 40) if large else shape.fresh(rng, size) for _ in range(POOL)]

    def _arguments(
        self, method: str, base: Env, rng: Random, pools: Mapping[Place, list[Any]]
    ) -> tuple[Any, ...] | None:
        """Arguments of a call that keep the constraints; None if none are found."""
        names = self.arguments[method].names
        for _ in range(TRIES):
            given = [self._value((method, at), rng, pools) for at in range(len(names))]
            env = {**base, **dict(zip(names, given, strict=True))}
            for relation in self.relations:
                if set(relation.names) <= set(names) and relation.stated:
                    relation.try_to_restore(env, rng)
            for pair in self.constraints.pairs:
                made_to_hold(pair, env, self.constraints.bounds, rng, no_resize)
            if self.constraints.keep(env) and all(env.get(name) == base[name] for name in base):
                return tuple(env[name] for name in names)
        return None

    def _value(self, place: Place, rng: Random, pools: Mapping[Place, list[Any]]) -> Any:
        if rng.random() < 0.8:
            return copied(rng.choice(pools[place]))
        return self.shapes[place].fresh(rng, 5)

    def _env(self, method: str, given: tuple[Any, ...]) -> Env:
        return dict(zip(self.arguments[method].names, map(copied, given), strict=False))

    def _edited(self, steps: list[Step], rng: Random) -> list[Step]:
        """The steps with some calls less, more, moved or changed."""
        edited = [(name, tuple(map(copied, given))) for name, given in steps]
        for _ in range(rng.choice((1, 1, 2, 3))):
            at = rng.randrange(1, len(edited)) if len(edited) > 1 else 0
            kind = rng.randrange(4)
            if not at:
                break
            if kind == 0:
                del edited[at]
            elif kind == 1:
                edited.insert(rng.randint(1, len(edited)), edited[at])
            elif kind == 2:
                other = rng.randrange(1, len(edited))
                edited[at], edited[other] = edited[other], edited[at]
            else:
                edited[at] = self._changed(edited[at], rng)
        return edited

    def _changed(self, step: Step, rng: Random) -> Step:
        name, given = step
        if not given:
            return step
        values = list(given)
        at = rng.randrange(len(values))
        if (name, at) in self.shapes:
            values[at] = self.shapes[name, at].changed(values[at], rng)
        return name, tuple(values)

    def _ordered(self, steps: list[Step], rng: Random) -> Input | None:
        """The steps as an input, in the order that all seeds keep; None if they break it."""
        steps = _without_excess(steps, self.order.first)
        steps = self._risen(steps, rng)
        if not _are_different(steps, self.order.different):
            return None
        base = self._env(*steps[0])
        if not all(self.constraints.keep({**base, **self._env(*step)}) for step in steps):
            return None
        return (steps,)

    def _risen(self, steps: list[Step], rng: Random) -> list[Step]:
        """The steps with the values of arguments that rise in all seeds sorted."""
        for name in sorted(self.order.rising):
            places = [
                (at, self.arguments[step[0]].names.index(name))
                for at, step in enumerate(steps)
                if at and name in self.arguments[step[0]].names
            ]
            values = sorted(steps[at][1][number] for at, number in places)
            if name in self.order.strict:
                for at in range(1, len(values)):
                    values[at] = max(values[at], values[at - 1] + 1)
            for (at, number), value in zip(places, values, strict=True):
                given = list(steps[at][1])
                given[number] = value
                steps[at] = (steps[at][0], tuple(given))
        return steps


def _without_excess(steps: list[Step], first: frozenset[tuple[str, str]]) -> list[Step]:
    """The steps without calls that come before as many of another that must come first."""
    counts, kept = dict[str, int](), list[Step]()
    for step in steps:
        method = step[0]
        needed = [a for a, b in first if b == method]
        if all(counts.get(a, 0) > counts.get(method, 0) for a in needed):
            kept.append(step)
            counts[method] = counts.get(method, 0) + 1
    return kept


def _are_different(steps: list[Step], places: frozenset[Place]) -> bool:
    for method, number in places:
        values = [repr(given[number]) for name, given in steps if name == method]
        if len(set(values)) < len(values):
            return False
    return True


def sequence_proposals(problem: Candidate, statement: str) -> SequenceProposals:
    """The proposals for a class. Raises NoInputs if its steps cannot be read."""
    try:
        seeds = [_steps(seed) for seed in problem.arguments[:MAX_SEEDS]]
        answers = problem.expected[:MAX_SEEDS]
    except Unfit as error:
        raise NoInputs(error.reason, error.value) from error
    known = step_arguments(problem)
    made = dict[int, str]()
    for match in MADE.finditer(problem.harness):
        made[int(match[2])] = match[1]
    if set(made.values()) - {"_tree", "_list_node"}:
        raise NoInputs("node_type")
    if any(len(given) > len(known.get(n, _NONE).names) for seed in seeds for n, given in seed):
        raise NoInputs("arguments", "steps")
    if any(len(given) != len(known[n].names) for seed in seeds for n, given in seed if n in known):
        known = _cut(known, seeds)
    known = {name: known.get(name, _NONE) for seed in seeds for name, _ in seed}
    envs = [env for seed in seeds for env in _envs(seed, known)]
    names = sorted({name for arguments in known.values() for name in arguments.names})
    trees = [at for at, form in made.items() if form == "_tree"]
    first = known[seeds[0][0][0]].names
    constraints = read_constraints(statement, names, [first[at] for at in made], envs)
    if constraints.doubtful and len(problem.solutions) < AGREEING:
        raise NoInputs("unread_constraint", constraints.doubtful[0][:SHOWN])
    return SequenceProposals(
        problem.problem_id,
        seeds,
        known,
        _shapes(seeds, known, Shapes(constraints, bool(constraints.read)), trees),
        constraints,
        tuple(_relations(seeds, known, statement)),
        _order(seeds, known, statement, constraints),
        _answering(seeds, answers),
        _most_calls(statement),
        NewInputs({repr(seed) for seed in problem.arguments}),
    )


_NONE = Arguments(())


def _steps(seed: tuple[Any, ...]) -> list[Step]:
    match seed:
        case ([*steps],) if steps and all(_is_step(step) for step in steps):
            return steps
    raise NoInputs("steps")


def _is_step(step: Any) -> bool:
    return isinstance(step, tuple) and len(step) == 2 and isinstance(step[1], tuple)


def _cut(known: Mapping[str, Arguments], seeds: list[list[Step]]) -> dict[str, Arguments]:
    """The arguments that every call of the seeds gives; others have defaults."""
    widths = dict[str, set[int]]()
    for seed in seeds:
        for name, given in seed:
            widths.setdefault(name, set()).add(len(given))
    if any(len(width) > 1 for width in widths.values()):
        raise NoInputs("arguments", "steps")
    return {
        name: Arguments(arguments.names[: min(widths.get(name, {0}))])
        for name, arguments in known.items()
    }


def _envs(seed: list[Step], known: Mapping[str, Arguments]) -> Iterator[Env]:
    base = dict(zip(known[seed[0][0]].names, seed[0][1], strict=False))
    for name, given in seed:
        yield {**base, **dict(zip(known[name].names, given, strict=False))}


def _columns(seeds: list[list[Step]]) -> dict[Place, list[Any]]:
    columns = dict[Place, list[Any]]()
    for seed in seeds:
        for name, given in seed:
            for at, value in enumerate(given):
                columns.setdefault((name, at), []).append(value)
    return columns


def _shapes(
    seeds: list[list[Step]],
    known: Mapping[str, Arguments],
    shapes: Shapes,
    trees: Sequence[int],
) -> dict[Place, Shape]:
    """The shape of each argument; arguments of one name have the values of all methods.

    trees: the numbers of those arguments of `__init__` that are trees.
    """
    by_name = dict[str, list[Any]]()
    columns = _columns(seeds)
    for (method, at), values in columns.items():
        by_name.setdefault(known[method].names[at], []).extend(values)
    found = dict[Place, Shape]()
    for method, at in columns:
        name = known[method].names[at]
        own, shared = columns[method, at], by_name[name]
        if method == seeds[0][0][0] and at in trees:
            found[method, at] = shapes.tree(own, (name,))
            continue
        same = len({type(value) for value in shared}) == 1
        found[method, at] = shapes.of(shared if same else own, (name,))
    return found


def _relations(
    seeds: list[list[Step]], known: Mapping[str, Arguments], statement: str
) -> Iterator[Relation]:
    """What holds of the arguments of each method in all calls, and has words in the statement."""
    methods = sorted({name for seed in seeds for name, _ in seed})
    for method in methods:
        envs = [
            dict(zip(known[method].names, given, strict=False))
            for seed in seeds
            for name, given in seed
            if name == method
        ]
        yield from (each for each in relations(envs, statement) if each.stated)


def _order(
    seeds: list[list[Step]], known: Mapping[str, Arguments], statement: str, read: Constraints
) -> Order:
    names = sorted({name for arguments in known.values() for name in arguments.names})
    by_name = {name: [_along(seed, known, name) for seed in seeds] for name in names}
    rising = {name for name, lines in by_name.items() if _rise(lines, strict=False)}
    strict = {name for name in rising if _rise(by_name[name], strict=True)}
    different = {
        place
        for place in _columns(seeds)
        if all(_are_different(seed, frozenset({place})) for seed in seeds)
        and any(sum(name == place[0] for name, _ in seed) > 1 for seed in seeds)
    }
    return Order(
        frozenset(rising) if RISING.search(statement) else frozenset(),
        frozenset(strict) if STRICT.search(statement) else frozenset(),
        frozenset(different) if DIFFERENT.search("\n".join(read.unread)) else frozenset(),
        frozenset(_first(seeds)) if read.unread else frozenset(),
    )


def _along(seed: list[Step], known: Mapping[str, Arguments], name: str) -> list[Any]:
    return [
        given[known[method].names.index(name)]
        for method, given in seed[1:]
        if name in known[method].names
    ]


def _rise(lines: list[list[Any]], strict: bool) -> bool:
    """Whether numbers rise along every sequence, and there are some."""
    if not any(len(line) > 2 for line in lines):
        return False
    return all(
        type(a) is int and type(b) is int and (a < b or (a == b and not strict))
        for line in lines
        for a, b in zip(line, line[1:], strict=False)
    )


def _first(seeds: list[list[Step]]) -> Iterator[tuple[str, str]]:
    methods = sorted({name for seed in seeds for name, _ in seed[1:]})
    for a in methods:
        for b in methods:
            if a != b and all(_is_ahead(seed, a, b) for seed in seeds):
                yield a, b


def _is_ahead(seed: list[Step], a: str, b: str) -> bool:
    lead = 0
    for name, _ in seed:
        lead += (name == a) - (name == b)
        if lead < 0:
            return False
    return True


def _answering(seeds: list[list[Step]], answers: Sequence[Any]) -> frozenset[str]:
    """The methods that return something."""
    return frozenset(
        name
        for seed, results in zip(seeds, answers, strict=False)
        if isinstance(results, list)
        for (name, _), result in zip(seed, results, strict=False)
        if result is not None
    )


def _most_calls(statement: str) -> int:
    """How many calls a statement allows."""
    found = [int(m[1]) * 10 ** int(m[2] or 0) for m in MOST_CALLS.finditer(statement[:100_000])]
    return min(found, default=10**6)
