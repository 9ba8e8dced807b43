"""A program run on the tests of a problem: its outcomes, and whether they are the expected ones."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from transforms.lib.sandbox import (
    Calls,
    Ending,
    Limits,
    NotData,
    Opaque,
    Outcome,
    Printed,
    Raised,
    Returned,
    Sandbox,
)
from transforms.lib.trials.candidate import Candidate, Unfit
from transforms.lib.trials.compare_answers import agree, printed_alike
from transforms.lib.trials.compare_values import AnswerRule, sorted_members

# For all tests of a function together, or each test of a program. The CPU time is that of a sample
# under evaluation, which a reference must keep to as well. Wall time is for programs that sleep; it
# is long, so that a loaded machine decides the same.
TRIAL_LIMITS = Limits(wall=30.0, output=16 << 20)
SHOWN_CHARACTERS = 120  # of a value in a message
# What a program raises that cannot be loaded: no further test can do better.
LOAD_ERRORS = ("SyntaxError", "IndentationError", "TabError", "ModuleNotFoundError")


@dataclass(frozen=True)
class Trial:
    """One run of a program on a problem's tests.

    `outcomes` are by the number of the test, for the tests that were reached; `failed` is what
    the program raised before any test.
    """

    outcomes: dict[int, Outcome]
    ending: Ending
    failed: Raised | None = None
    _agreed: dict[tuple[AnswerRule, int], bool] = field(default_factory=dict, compare=False)

    def agrees(self, problem: Candidate, test: int, rule: AnswerRule) -> bool:
        """Whether a test has the expected outcome; it is compared once for each rule."""
        if (rule, test) not in self._agreed:
            self._agreed[rule, test] = self._compared(problem, test, rule)
        return self._agreed[rule, test]

    def _compared(self, problem: Candidate, test: int, rule: AnswerRule) -> bool:
        outcome, expected = self.outcomes.get(test), problem.expected[test]
        if problem.is_program:
            return isinstance(outcome, Returned) and printed_alike(expected, outcome.value, rule)
        return outcome is not None and agree(Returned(expected), outcome, rule)

    def passes(self, problem: Candidate, rule: AnswerRule) -> bool:
        """Whether every test has the expected outcome, and no limit was hit."""
        tests = range(len(problem.tests))
        return self.ending.limit is None and all(self.agrees(problem, t, rule) for t in tests)

    def passed_tests(self, problem: Candidate, rule: AnswerRule) -> int:
        """How many tests have the expected outcome."""
        return sum(self.agrees(problem, test, rule) for test in range(len(problem.tests)))

    def first_wrong_answer(self, problem: Candidate, rule: AnswerRule) -> int | None:
        """The first test with another answer than the expected one; exceptions are no answers."""
        answered = (t for t, each in sorted(self.outcomes.items()) if isinstance(each, Returned))
        return next((test for test in answered if not self.agrees(problem, test, rule)), None)

    def why(self, problem: Candidate, rule: AnswerRule) -> str:
        """What failed first, in one line."""
        if self.failed:
            return str(self.failed)
        for test in sorted(self.outcomes):
            if not self.agrees(problem, test, rule):
                outcome = self.outcomes[test]
                answer = outcome.value if isinstance(outcome, Returned) else outcome
                return f"test {test}: {_shown(problem.expected[test])} expected, {_shown(answer)}"
        return str(self.ending)


def _shown(value: object) -> str:
    """The beginning of a value's `repr`; no more of the value is looked at."""
    text = ""
    for piece in [str(value)] if isinstance(value, Raised | Opaque) else _pieces(value):
        text += piece[: SHOWN_CHARACTERS + 1]
        if len(text) > SHOWN_CHARACTERS:
            return f"{text[:SHOWN_CHARACTERS]}…"
    return text


# How containers begin and end in `repr`.
BRACKETS: dict[Any, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
    dict: ("{", "}"),
}


def _pieces(value: Any) -> Iterator[str]:
    """The `repr` of a value in pieces; sets in an order that is the same in every process."""
    if type(value) in BRACKETS and value:
        begin, end = BRACKETS[type(value)]
        members: Iterable[Any] = value
        if isinstance(value, set | frozenset):
            members = sorted_members(value)
        for number, member in enumerate(members):
            yield ", " if number else begin
            yield from _pieces(member)
            if isinstance(value, dict):
                yield from chain([": "], _pieces(value[member]))
        yield f",{end}" if isinstance(value, tuple) and len(value) == 1 else end
        return
    text = value[: SHOWN_CHARACTERS + 1] if isinstance(value, str | bytes) else value
    try:
        yield repr(text)
    except ValueError:  # an int of more digits than Python shows
        yield f"a value of type {type(value).__name__}"


def try_program(
    sandbox: Sandbox,
    problem: Candidate,
    program: str,
    order: Sequence[int],
    limits: Limits = TRIAL_LIMITS,
) -> Trial:
    """Run a program on the tests in this order.

    The calls of a function share one process, and the limits; a program of standard input is run
    once for each test. Where the sandbox itself was lost, the trial is made once more. Raises Unfit
    if the arguments of a test cannot be sent to the sandbox.
    """
    run = _try_stdio if problem.is_program else _try_calls
    trial = run(sandbox, problem, program, order, limits)
    lost = trial.ending.exit_code is None
    return run(sandbox, problem, program, order, limits) if lost else trial


def _try_calls(
    sandbox: Sandbox, problem: Candidate, program: str, order: Sequence[int], limits: Limits
) -> Trial:
    arguments = [problem.arguments[test] for test in order]
    text, name = problem.with_harness(program), problem.called_name
    try:
        calls: Calls = sandbox.calls(text, name, arguments, limits)
    except NotData as error:
        raise Unfit("not_literal", str(error)) from error
    return Trial(dict(zip(order, calls.outcomes, strict=False)), calls.ending, calls.failed)


def _try_stdio(
    sandbox: Sandbox, problem: Candidate, program: str, order: Sequence[int], limits: Limits
) -> Trial:
    """One run for each test, up to one that hits a limit, or in which the program does not load."""
    outcomes: dict[int, Outcome] = {}
    ending = Ending(sandbox.tier)
    for test in order:
        printed = sandbox.stdio(program, problem.tests[test][0], limits)
        ending = printed.ending.after(ending)
        if printed.ending.limit or printed.ending.exit_code is None:
            break
        outcomes[test] = _outcome(printed)
        if printed.failed and printed.failed.type in LOAD_ERRORS:
            return Trial(outcomes, ending, printed.failed)
    return Trial(outcomes, ending)


def _outcome(printed: Printed) -> Outcome:
    """Standard output as what a program returned; an exit code as what it raised."""
    if printed.failed:
        return printed.failed
    if printed.exit_code == 0:
        return Returned(printed.stdout)
    return Raised("SystemExit", str(printed.exit_code))


def tightest_rule(
    problem: Candidate, rules: Sequence[AnswerRule], trials: Iterable[Trial]
) -> AnswerRule | None:
    """The first of the rules under which every trial passes; None if there is none."""
    trials = list(trials)
    return next((r for r in rules if all(trial.passes(problem, r) for trial in trials)), None)
