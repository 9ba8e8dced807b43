"""LiveCodeBench's tests of a function: arguments as lines of JSON, and the right answer as JSON."""

import json
from typing import Any

from transforms.evaluate.judges.judged import Judged
from transforms.evaluate.marked_check import CountedTests
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.sandbox import Calls, Limits, Outcome, Returned, Sandbox

# What LiveCodeBench puts before a program, as LeetCode does: names that solutions use unimported.
PRELUDE = "\n".join(
    (
        *(
            f"from {name} import *"
            for name in (
                "string",
                "re",
                "datetime",
                "collections",
                "heapq",
                "bisect",
                "copy",
                "math",
                "random",
                "statistics",
                "itertools",
                "functools",
                "operator",
                "io",
                "json",
                "typing",
            )
        ),
        "import string, re, datetime, collections, heapq, bisect, copy, math, random, statistics",
        "import itertools, functools, operator, io, sys, json",
        "",
    )
)


def judge(sandbox: Sandbox, task: RunnableTask, program: str, limits: Limits) -> Judged:
    """Call the function with the arguments of each test; the answers are compared here."""
    fields = json.loads(task.cases)
    arguments = [tuple(map(json.loads, text.split("\n"))) for text, _ in fields["tests"]]
    right = [json.loads(text) for _, text in fields["tests"]]
    calls = sandbox.calls(PRELUDE + program, fields["calls"], arguments, limits)
    count = len(right)
    if calls.failed:
        return Judged(calls.ending, False, str(calls.failed), CountedTests(count, 0))
    for number, expected in enumerate(right):
        if why := _failure(expected, calls, number):
            counts = CountedTests(count, number, f"test {number}")
            return Judged(calls.ending, False, f"test {number}: {why}", counts)
    return Judged(calls.ending, calls.ending.limit is None, "", CountedTests(count, count))


def _failure(expected: Any, calls: Calls, number: int) -> str:
    """What failed, in one line; empty if nothing did."""
    if number >= len(calls.outcomes):
        return str(calls.ending)
    return "" if _is_right(expected, calls.outcomes[number]) else "another answer"


def _is_right(expected: Any, outcome: Outcome) -> bool:
    if not isinstance(outcome, Returned):
        return False
    answer = list(outcome.value) if isinstance(outcome.value, tuple) else outcome.value
    return bool(answer == expected)
