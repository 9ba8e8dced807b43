"""A round of trials in the sandbox: what inputs tell from right, by a problem's own programs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from transforms.lib.python.parsing import Rejected, parse
from transforms.lib.sandbox import (
    Calls,
    Limits,
    NotData,
    Opaque,
    Outcome,
    Raised,
    Returned,
    Sandbox,
)
from transforms.lib.trials.candidate import Candidate, Unfit
from transforms.lib.trials.compare_answers import agree, printed_alike
from transforms.lib.trials.compare_values import AnswerRule
from transforms.lib.trials.trial import LOAD_ERRORS
from transforms.strengthen.driver_text import ENTRY, driver_text

KEPT_KILLS = 4  # of the inputs that are not seeds
# Of a round. No target is judged by time: each input has a budget of steps. C code that takes no
# step ends the process by its timer (`inside/counted_runs.py`), or where a program has stopped that
# by the CPU time here: some times what the steps of a round take. What is put out is bounded by the
# answers of as many inputs as a round has (ANSWER_BYTES).
ROUND_LIMITS = Limits(wall=300.0, cpu=40, output=24 << 20)
BLOCK = 16  # inputs that the reference is run on in one call
MOST_TARGETS = 160
NAME_CHARACTERS = 300  # of a target
MOST_STEPS = 10**9  # that any call can have taken
MOST_LOST = 12  # processes that are lost before the rest of a round is given up
LIMIT_LOSS = 6  # for how many of them one counts that ran into a limit of the sandbox
Input = Any


@dataclass(frozen=True)
class Tried:
    """What one round of trials found; by input where it is a tuple."""

    outcomes: tuple[Outcome | None, ...]  # of the reference; None: it was not run
    valid: tuple[bool, ...]  # the reference returned, and no right solution disagrees
    disagreed: tuple[bool, ...]  # some right solution returned another answer
    agreeing: tuple[int, ...]  # further right solutions with the same answer
    steps: tuple[int, ...]  # of the slowest right solution
    branches: tuple[frozenset[int], ...]  # of the reference
    kills: dict[str, frozenset[int]]  # of each target: the valid inputs that tell it from right
    targets: tuple[str, ...]  # all that were judged
    unjudged: tuple[str, ...]  # those that took the process down, or too many steps


def try_targets(
    sandbox: Sandbox,
    problem: Candidate,
    rule: AnswerRule,
    inputs: Sequence[Input],
    seeds: int,
    *,
    solutions: Sequence[str] = (),
    wrong: Sequence[str] = (),
    only: frozenset[str] | None = None,
) -> Tried:
    """Run the reference, further solutions and targets of a problem on inputs.

    `inputs[:seeds]` are the problem's own tests. `solutions` should be right: one that does not
    agree with the reference on every seed becomes the target "failing N". `only` names the targets
    that are run, None for all. Kills of a target are complete for seeds; one that no seed tells
    from right has the first KEPT_KILLS others. Raises Unfit: `reference_does_not_load`,
    `reference_fails` (another answer than a seed's), `reference_limit`, `not_literal`.
    """
    order = _order(problem, rule, seeds, solutions, wrong)
    attempt = _Attempt(sandbox, order, inputs, only)
    while attempt.losses < MOST_LOST and not attempt.run():
        pass
    _check_seeds(problem, rule, attempt.outcomes[:seeds])
    return attempt.tried()


def _order(
    problem: Candidate,
    rule: AnswerRule,
    seeds: int,
    solutions: Sequence[str],
    wrong: Sequence[str],
) -> dict[str, Any]:
    first_line, protected = _own_part(problem)
    return {
        "reference": problem.reference,
        "harness": problem.with_harness(""),
        "called": problem.called_name,
        "entry_point": problem.entry_point,
        "is_program": problem.is_program,
        "rule": (rule.kind, rule.tolerance, rule.levels, rule.argument, rule.ordered),
        "seeds": seeds,
        "solutions": list(solutions),
        "wrong": list(wrong),
        "first_line": first_line,
        "protected": protected,
    }


def _own_part(problem: Candidate) -> tuple[int, list[str]]:
    """The line from which on the reference is no prompt, and the names that the prompt defines."""
    lines = problem.prompt.count("\n")
    try:
        tree = parse(problem.reference)
    except Rejected as error:
        raise Unfit("reference_does_not_load", str(error)) from error
    whole = [each for each in tree.body if (each.end_lineno or 0) <= lines]
    return lines + 1, [name for each in whole if (name := getattr(each, "name", None))]


def _check_seeds(problem: Candidate, rule: AnswerRule, outcomes: Sequence[Outcome | None]) -> None:
    """Raise Unfit if the reference has another answer than the expected one to a seed."""
    for number, (expected, outcome) in enumerate(zip(problem.expected, outcomes, strict=False)):
        if outcome is None or isinstance(outcome, Opaque):
            raise Unfit("reference_limit", f"test {number}: {outcome}")
        if problem.is_program:
            value = outcome.value if isinstance(outcome, Returned) else None
            right = isinstance(value, str) and printed_alike(expected, value, rule)
        else:
            right = agree(Returned(expected), outcome, rule)
        if not right:
            raise Unfit("reference_fails", f"test {number}: {str(outcome)[:100]}")


@dataclass
class _Attempt:
    """What is known of a round, over as many processes as it takes."""

    sandbox: Sandbox
    order: dict[str, Any]
    inputs: Sequence[Input]
    only: frozenset[str] | None
    outcomes: list[Outcome | None] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    branches: list[frozenset[int]] = field(default_factory=list)
    disagreed: list[bool] = field(default_factory=list)
    agreeing: list[int] = field(default_factory=list)
    kills: dict[str, frozenset[int]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)  # of the targets of the last process
    unjudged: list[str] = field(default_factory=list)
    excluded: set[int] = field(default_factory=set)  # inputs that took the reference down
    lost: set[int] = field(default_factory=set)  # solutions that took the process down
    block: int = BLOCK
    losses: int = 0

    def run(self) -> bool:
        """Run what is left in one process; whether all of it was answered."""
        self._forget()
        calls = list(self._calls())
        ended = self._ended(calls)
        if ended.failed:
            raise Unfit("reference_fails", str(ended.failed))
        for call, outcome in zip(calls, ended.outcomes, strict=False):
            value = _value(call, outcome)
            match call:
                case ("reference", numbers):
                    self._take_reference(numbers, value)
                case ("solution", _):
                    self._take_solution(value)
                case ("targets",):
                    self.names = _names(value)
                case ("target", int(number)) if number < len(self.names):
                    self._take_target(self.names[number], value)
        if len(ended.outcomes) == len(calls):
            return True
        self.losses += LIMIT_LOSS if ended.ending.limit else 1
        self._blame(calls[len(ended.outcomes)])
        return False

    def _forget(self) -> None:
        """Begin with what every process finds out again; kills are kept."""
        self.names = []
        count = len(self.inputs)
        self.outcomes, self.steps = [None] * count, [0] * count
        self.branches = [frozenset()] * count
        self.disagreed, self.agreeing = [False] * count, [0] * count

    def _calls(self) -> Iterator[tuple[Any, ...]]:
        """The calls of one process: each is one that it may not survive."""
        done = [*self.kills, *self.unjudged]
        only = None if self.only is None else sorted(self.only)
        yield "begin", {**self.order, "only": only, "done": done}
        for begin in range(0, len(self.inputs), BLOCK):
            yield "inputs", list(self.inputs[begin : begin + BLOCK])
        numbers = [at for at in range(len(self.outcomes)) if at not in self.excluded]
        for begin in range(0, len(numbers), self.block):
            yield "reference", numbers[begin : begin + self.block]
        for number in range(len(self.order["solutions"])):
            if number not in self.lost:
                yield "solution", number
        yield ("targets",)
        for number in range(MOST_TARGETS):
            yield "target", number

    def _ended(self, calls: list[tuple[Any, ...]]) -> Calls:
        """What the calls returned; where the sandbox itself was lost they are made once more."""
        try:
            ended = self.sandbox.calls(driver_text(), ENTRY, calls, ROUND_LIMITS)
            if ended.ending.exit_code is None:
                ended = self.sandbox.calls(driver_text(), ENTRY, calls, ROUND_LIMITS)
        except NotData as error:
            raise Unfit("not_literal", str(error)) from error
        return ended

    def _blame(self, call: tuple[Any, ...]) -> None:
        """Leave out what took the process down, or look for it input by input."""
        match call:
            case ("reference", [number]):
                self.excluded.add(number)
            case ("reference", _):
                self.block = 1
            case ("solution", int(number)):
                self.lost.add(number)
            case ("target", int(number)) if number < len(self.names):
                self.unjudged.append(self.names[number])
            case _:
                raise Unfit("reference_limit", f"no answer to {call[0]}")

    def _take_reference(self, numbers: list[int], value: Any) -> None:
        """Keep what the reference made of some inputs."""
        if not isinstance(value, list) or len(value) != len(numbers):
            raise _malformed("reference")
        for number, found in zip(numbers, value, strict=True):
            match found:
                case None:
                    continue
                case (tuple(answer), steps, list(branches)) if _is_count(steps):
                    self.outcomes[number] = self._outcome(answer)
                    self.steps[number] = steps
                    self.branches[number] = frozenset(filter(_is_number, branches))
                case _:
                    raise _malformed("reference")

    def _outcome(self, answer: tuple[Any, ...]) -> Outcome:
        """The outcome that an answer of the reference stands for."""
        match answer:
            case ("returned", value) if not self.order["is_program"] or _is_storable(value):
                return Returned(value)
            case ("raised", str(kind), str(message)):
                return Raised(kind, message)
            case ("opaque", str(reason)):
                return Opaque(reason)
            case ("too_slow",):
                return Opaque("too many steps")
        raise _malformed("reference")

    def _take_solution(self, value: Any) -> None:
        """Count what a further solution says of each input; None says that it fails a seed."""
        if value is None:
            return
        if not isinstance(value, list) or len(value) != len(self.outcomes):
            raise _malformed("solution")
        for number, found in enumerate(value):
            match found:
                case (str(word), steps) if _is_count(steps):
                    self.agreeing[number] += word == "agrees"
                    self.disagreed[number] |= word == "disagrees"
                    self.steps[number] = max(self.steps[number], steps)
                case _:
                    raise _malformed("solution")

    def _take_target(self, name: str, value: Any) -> None:
        """Keep what kills a target; None says that it takes too many steps to be judged."""
        if value is None:
            self.unjudged.append(name)
        else:
            self.kills[name] = self._numbers(value)

    def _numbers(self, value: Any) -> frozenset[int]:
        """Numbers of inputs that kill a target."""
        count = len(self.outcomes)
        if not isinstance(value, list) or not all(
            _is_number(at) and 0 <= at < count for at in value
        ):
            raise _malformed("target")
        return frozenset(value)

    def tried(self) -> Tried:
        """What the round found."""
        returned = [isinstance(outcome, Returned) for outcome in self.outcomes]
        valid = [ok and not other for ok, other in zip(returned, self.disagreed, strict=True)]
        kills = {
            name: frozenset(at for at in found if valid[at]) for name, found in self.kills.items()
        }
        left = [name for name in self.names if name not in kills and name not in self.unjudged]
        return Tried(
            tuple(self.outcomes),
            tuple(valid),
            tuple(self.disagreed),
            tuple(self.agreeing),
            tuple(self.steps),
            tuple(self.branches),
            kills,
            tuple(kills),
            (*self.unjudged, *left),
        )


def _is_number(value: Any) -> bool:
    return type(value) is int


def _is_count(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= MOST_STEPS


def _is_storable(value: Any) -> bool:
    """Whether a value is text that a column can hold, which has no lone surrogates."""
    return isinstance(value, str) and value.encode("utf-8", "replace").decode() == value


def _malformed(call: str) -> Unfit:
    """Why a result is refused that the driver does not write: the problem changed it."""
    return Unfit("reference_fails", f"a forged result of {call}")


def _value(call: tuple[Any, ...], outcome: Outcome) -> Any:
    """What a call of the driver returned; raises Unfit if it raised."""
    if isinstance(outcome, Returned):
        return outcome.value
    does_not_load = isinstance(outcome, Raised) and outcome.type in LOAD_ERRORS
    reason = "reference_does_not_load" if does_not_load else "reference_fails"
    raise Unfit(reason, f"{call[0]}: {outcome}")


def _names(value: Any) -> list[str]:
    if not isinstance(value, list) or len(value) > MOST_TARGETS or not all(map(_is_name, value)):
        raise _malformed("targets")
    return value


def _is_name(value: Any) -> bool:
    return _is_storable(value) and len(value) <= NAME_CHARACTERS
