"""The text `test` of a problem, run as whoever takes the problem runs it: beside the candidate.

So it is known to pass what is right without quire: without a second process, a judge outside, or a
rule of comparison that the text does not hold.
"""

from collections.abc import Mapping

from transforms.lib.problems.checks import TestCase, check_text
from transforms.lib.problems.compare_rule import CompareRule
from transforms.lib.sandbox import Calls, NotData, Returned, Sandbox
from transforms.lib.trials.candidate import Candidate, Unfit
from transforms.lib.trials.trial import TRIAL_LIMITS, Trial

CHECK_CALL = "_quire_check"  # a function that runs `check`
CHECK_TEXT = "{program}\n\n{test}\n\ndef {call}():\n    check({entry})\n"
# The candidate of a program of standard input takes that as text and returns what was printed. How
# it runs programs is not the test's: here it knows what they have printed.
CHECK_PRINTED_TEXT = "{test}\n\ndef {call}(printed):\n    check(printed.__getitem__)\n"


def own_test(problem: Candidate) -> str | None:
    """The text of `check` for the tests of a problem; None for the rule `checker`."""
    cases = [TestCase(given, answer, "") for given, answer in problem.tests]
    rule = CompareRule(problem.compare, tolerance=problem.tolerance)
    return check_text(cases, rule, problem.harness or None, problem.kind, problem.entry_point)


def check_program(sandbox: Sandbox, problem: Candidate, test: str, program: str) -> Calls:
    """The one call of `check` on the entry point of a program, in the program's own process."""
    text = CHECK_TEXT.format(program=program, test=test, call=CHECK_CALL, entry=problem.entry_point)
    return sandbox.calls(text, CHECK_CALL, [()], TRIAL_LIMITS)


def check_printed(sandbox: Sandbox, test: str, printed: Mapping[str, str]) -> Calls:
    """The one call of `check` on what a program of standard input has printed, by its input.

    Raises Unfit if the sandbox cannot be sent that.
    """
    text = CHECK_PRINTED_TEXT.format(test=test, call=CHECK_CALL)
    try:
        return sandbox.calls(text, CHECK_CALL, [(dict(printed),)], TRIAL_LIMITS)
    except NotData as error:
        raise Unfit("not_literal", str(error)) from error


def printed_by(trial: Trial, problem: Candidate) -> dict[str, str]:
    """What a program of standard input has printed in a trial, by its input."""
    answers = sorted(trial.outcomes.items())
    return {problem.tests[n][0]: each.value for n, each in answers if isinstance(each, Returned)}


def has_passed(calls: Calls) -> bool:
    """Whether the check came to its end, within the limits."""
    return calls.ending.limit is None and calls.outcomes == (Returned(None),)


def why_not(calls: Calls) -> str:
    """Why a check has not passed, in one line."""
    if calls.ending.limit:
        return str(calls.ending)
    return str(calls.failed or next(iter(calls.outcomes), None) or calls.ending)
