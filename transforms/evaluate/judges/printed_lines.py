"""LiveCodeBench's tests of a program: standard input, and the lines that it must print."""

import json
from decimal import Decimal

from transforms.evaluate.judges.judged import Judged
from transforms.evaluate.marked_check import CountedTests
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.sandbox import Ending, Limits, Printed, Sandbox
from transforms.lib.trials.compare_values import JUDGED_NUMBER


def judge(sandbox: Sandbox, task: RunnableTask, program: str, limits: Limits) -> Judged:
    """Run a program once for each test, up to the first that it fails."""
    total, tests = Ending(sandbox.tier), json.loads(task.cases)["tests"]
    for number, (stdin, expected) in enumerate(tests):
        printed = sandbox.stdio(program, stdin, limits)
        total = printed.ending.after(total)
        if why := _failure(printed, expected):
            counts = CountedTests(len(tests), number, f"test {number}")
            return Judged(total, False, f"test {number}: {why}", counts)
    return Judged(total, True, "", CountedTests(len(tests), len(tests)))


def _failure(printed: Printed, expected: str) -> str:
    """What failed, in one line; empty if nothing did."""
    if printed.failed or printed.ending.limit or printed.ending.exit_code != 0:
        return str(printed.failed or printed.ending)
    if printed.exit_code:
        return f"exit {printed.exit_code}"
    return "" if lines_agree(expected, printed.stdout) else "other lines"


def lines_agree(expected: str, printed: str) -> bool:
    """Whether two texts have the same lines: the same text, or the same numbers.

    Blanks at both ends of the text and of its lines do not count.

    >>> lines_agree("1.50 2", "1.5  2.0"), lines_agree("yes", "Yes")
    (True, False)
    """
    expected, printed = expected.strip(), printed.strip()
    if expected.count("\n") != printed.count("\n"):
        return False
    pairs = zip(expected.split("\n"), printed.split("\n"), strict=True)
    return all(_line_agrees(a.strip(), b.strip()) for a, b in pairs)


def _line_agrees(expected: str, printed: str) -> bool:
    if expected == printed:
        return True
    right = expected.split()
    found = printed.split(None, len(right))
    return len(right) == len(found) and all(map(_same_number, right, found))


def _same_number(a: str, b: str) -> bool:
    if not (JUDGED_NUMBER.fullmatch(a) and JUDGED_NUMBER.fullmatch(b)):
        return False
    return Decimal(a) == Decimal(b)
