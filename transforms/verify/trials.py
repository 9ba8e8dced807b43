"""A program on the tests of a problem: what it gave, and whether that is what was expected."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

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
from transforms.verify.candidate import Candidate, Unfit
from transforms.verify.comparison import Rule, agree, printed_alike

# Of all tests together: a reference must keep to the CPU time that samples are given when they are
# evaluated. Wall time is for what sleeps; it is long, so that a loaded machine decides the same.
LIMITS = Limits(wall=30.0, output=16 << 20)
SHOWN = 120  # characters of a value in a line


@dataclass(frozen=True)
class Trial:
    """Outcomes by the number of their test (those that were reached), and how the run ended."""

    outcomes: dict[int, Outcome]
    ending: Ending
    failed: Raised | None = None

    def agrees(self, problem: Candidate, test: int, rule: Rule) -> bool:
        """Whether a test gave what was expected."""
        got, expected = self.outcomes.get(test), problem.expected[test]
        if problem.is_program:
            return isinstance(got, Returned) and printed_alike(expected, got.value, rule)
        return got is not None and agree(Returned(expected), got, rule)

    def passes(self, problem: Candidate, rule: Rule) -> bool:
        """Whether every test did, within the limits."""
        tests = range(len(problem.tests))
        return self.ending.limit is None and all(self.agrees(problem, t, rule) for t in tests)

    def passed_tests(self, problem: Candidate, rule: Rule) -> int:
        """How many tests did."""
        return sum(self.agrees(problem, test, rule) for test in range(len(problem.tests)))

    def answers_else(self, problem: Candidate, rule: Rule) -> int | None:
        """The first test that it answers, and not as expected; None if there is none."""
        answered = (t for t, got in sorted(self.outcomes.items()) if isinstance(got, Returned))
        return next((test for test in answered if not self.agrees(problem, test, rule)), None)

    def why(self, problem: Candidate, rule: Rule) -> str:
        """What went wrong first, in a line."""
        if self.failed:
            return str(self.failed)
        for test in sorted(self.outcomes):
            if not self.agrees(problem, test, rule):
                got = self.outcomes[test]
                found = got.value if isinstance(got, Returned) else got
                return f"test {test}: {_shown(problem.expected[test])} expected, {_shown(found)}"
        return str(self.ending)


def _shown(value: object) -> str:
    try:
        text = str(value) if isinstance(value, Raised | Opaque) else repr(value)
    except ValueError:  # an int of more digits than Python shows
        text = f"a value of type {type(value).__name__}"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def try_program(sandbox: Sandbox, problem: Candidate, program: str, order: Sequence[int]) -> Trial:
    """Run a program on tests in this order: all in one process, or one for each standard input.

    A sandbox that was lost is asked once more. Unfit if the arguments cannot cross to it.
    """
    run = _print if problem.is_program else _call
    trial = run(sandbox, problem, program, order)
    return run(sandbox, problem, program, order) if trial.ending.exit_code is None else trial


def _call(sandbox: Sandbox, problem: Candidate, program: str, order: Sequence[int]) -> Trial:
    arguments = [problem.arguments[test] for test in order]
    try:
        got: Calls = sandbox.calls(problem.callable(program), problem.called, arguments, LIMITS)
    except NotData as error:
        raise Unfit("not_literal", str(error)) from error
    return Trial(dict(zip(order, got.outcomes, strict=False)), got.ending, got.failed)


def _print(sandbox: Sandbox, problem: Candidate, program: str, order: Sequence[int]) -> Trial:
    """One run for each test, until one hits a limit or is wrong in a way that ends them all."""
    outcomes: dict[int, Outcome] = {}
    ending = Ending(sandbox.tier)
    for test in order:
        got = sandbox.stdio(program, problem.tests[test][0], LIMITS)
        ending = _after(ending, got.ending)
        if got.ending.limit or got.ending.exit_code is None:
            break
        outcomes[test] = _printed(got)
        if got.failed and got.failed.type in NEVER_BEGUN:
            return Trial(outcomes, ending, got.failed)
    return Trial(outcomes, ending)


NEVER_BEGUN = ("SyntaxError", "IndentationError", "TabError", "ModuleNotFoundError")


def _after(before: Ending, this: Ending) -> Ending:
    """The ending of several runs: that of the last one, with the time of all."""
    return replace(this, cpu=before.cpu + this.cpu, seconds=before.seconds + this.seconds)


def _printed(got: Printed) -> Outcome:
    if got.failed:
        return got.failed
    return Returned(got.stdout) if got.exit_code == 0 else Raised("SystemExit", str(got.exit_code))


def tightest(problem: Candidate, rules: Sequence[Rule], trials: Iterable[Trial]) -> Rule | None:
    """The first of the rules under which every trial passes; None if there is none."""
    trials = list(trials)
    return next((r for r in rules if all(trial.passes(problem, r) for trial in trials)), None)
