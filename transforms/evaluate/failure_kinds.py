"""Why a sample failed: its kind, for the columns and tables, and the line that tells it."""

import re
from typing import TYPE_CHECKING

from transforms.lib.sandbox import Limits
from transforms.lib.sandbox.verdict_columns import verdict_outcome

if TYPE_CHECKING:  # the score card needs the words alone, and no judge
    from transforms.evaluate.judges.judged import Judged

EMPTY, SYNTAX, WRONG_ANSWER, EXCEPTION = "empty", "syntax", "wrong_answer", "exception"
# Kinds in the order of tables, and how people say them.
FAILURES = {
    EMPTY: "nothing to run",
    SYNTAX: "does not parse",
    WRONG_ANSWER: "wrong answer",
    EXCEPTION: "exception",
    "time": "time limit",
    "limit": "another limit",
    "lost": "sandbox lost",
}
OF_OUTCOME = {"timed_out": "time", "limit": "limit", "lost": "lost"}  # kinds by outcome
# What the compiler raises on the program itself, not on a text that the program compiles.
UNPARSABLE = re.compile(r"(Syntax|Indentation|Tab)Error: .*\(<program>, line \d+\)$", re.DOTALL)
NO_SOURCE = re.compile("[\0\ud800-\udfff]")  # what no source can have, whatever is said of it
WRONG_ANSWERS = ("AssertionError: ", "NotData: ")  # an answer that is no data equals none
# How the lines of other judges than that of checks tell it.
ANOTHER_ANSWER = re.compile(r".*: (another answer|other lines)$|\w+: AssertionError: ", re.DOTALL)
NO_ANSWER = "Ended: "  # raised in the check's process once the program's has ended
MEGABYTE = 1 << 20


def failure_of(judged: "Judged", completion: str) -> str | None:
    """The kind of failure of a completion, a key of FAILURES; None if it passed."""
    outcome = verdict_outcome(judged.ending, judged.passed)
    if outcome == "passed":
        return None
    if not completion.strip():
        return EMPTY
    if outcome in OF_OUTCOME:
        return OF_OUTCOME[outcome]
    if UNPARSABLE.match(judged.why) or NO_SOURCE.search(completion):
        return SYNTAX
    if judged.why.startswith(WRONG_ANSWERS) or ANOTHER_ANSWER.match(judged.why):
        return WRONG_ANSWER
    return EXCEPTION


def reason(judged: "Judged", limits: Limits) -> str:
    """What a failed sample raised, or which limit it hit: "limit: cpu (3 s)"."""
    limit, raised = judged.ending.limit, judged.why.removesuffix(": ")  # of an empty message
    if limit is None:
        return raised
    told = f"limit: {limit}{_amount(limit, limits)}"
    if not raised or raised.startswith((NO_ANSWER, "limit: ")):
        return told
    return f"{told}: {raised}"


def _amount(limit: str, limits: Limits) -> str:
    """How much a limit allows, in parentheses; nothing for one that no flag sets."""
    if limit in ("cpu", "wall"):
        return f" ({getattr(limits, limit):g} s)"
    return f" ({limits.memory // MEGABYTE} MB)" if limit == "memory" else ""
