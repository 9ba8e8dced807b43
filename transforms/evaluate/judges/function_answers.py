"""EvalPlus's tests: inputs of a function, whose right answers are those of its reference.

The program and the reference run in processes of their own, and their answers are compared here, as
EvalPlus does (`evalplus_rules`). A program has its time for the inputs of both groups together.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from transforms.evaluate.evalplus_rules import Rules
from transforms.evaluate.judges.judged import Judged
from transforms.evaluate.marked_check import CountedTests
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.eval_sets.mbpp_plus_inputs import evalplus_arguments
from transforms.lib.sandbox import Calls, Limits, Opaque, Outcome, Raised, Sandbox

GROUPS = ("base", "plus")
KEPT_REFERENCES = 4  # samples of one task follow one another


@dataclass(frozen=True)
class _Inputs:
    """The arguments of each call: first those of the base tests, `base` of them."""

    rules: Rules
    arguments: tuple[Any, ...]
    base: int


def judge(sandbox: Sandbox, task: RunnableTask, program: str, limits: Limits) -> Judged:
    """Compare the answers of a program with those of the task's reference."""
    inputs = _inputs(task)
    none = CountedTests(len(inputs.arguments), 0)
    right = _reference(sandbox, task, limits)
    if right.ending.exit_code is None:
        _reference.cache_clear()
        return Judged(right.ending, False, str(right.ending), CountedTests(None, 0))
    missing = _unanswered(right, inputs)
    if missing:
        return Judged(right.ending, False, f"the reference itself: {missing}", none, False, False)
    calls = sandbox.calls(program, task.entry_point, inputs.arguments, limits)
    groups = [list(_failures(inputs, right.outcomes, calls, group)) for group in GROUPS]
    base, plus = (not failures for failures in groups)
    first = next((failure for failures in groups for failure in failures), None)
    passed = len(inputs.arguments) - sum(map(len, groups))
    counts = CountedTests(len(inputs.arguments), passed, first and first.partition(":")[0])
    why = str(calls.failed or first or "")
    return Judged(calls.ending, base and plus, why, counts, base, plus)


@lru_cache(KEPT_REFERENCES)
def _inputs(task: RunnableTask) -> _Inputs:
    fields = json.loads(task.cases)
    name: str = fields["task"]
    base, plus = (fields[group] for group in GROUPS)
    arguments = [evalplus_arguments(name, each) for each in (*base, *plus)]
    rules = Rules(name.partition("/")[0], task.entry_point, fields["atol"])
    return _Inputs(rules, tuple(arguments), len(base))


@lru_cache(KEPT_REFERENCES)
def _reference(sandbox: Sandbox, task: RunnableTask, limits: Limits) -> Calls:
    return sandbox.calls(task.reference, task.entry_point, _inputs(task).arguments, limits)


def _unanswered(calls: Calls, inputs: _Inputs) -> str:
    """Why the reference has no answer to some input; empty if it has one to each."""
    if calls.failed:
        return str(calls.failed)
    no_answers = (Raised,) if inputs.rules.any_answer_counts else (Raised, Opaque)
    if first := next((each for each in calls.outcomes if isinstance(each, no_answers)), None):
        return f"no data ({first.reason})" if isinstance(first, Opaque) else str(first)
    return "" if len(calls.outcomes) == len(inputs.arguments) else str(calls.ending)


def _failures(inputs: _Inputs, right: Sequence[Outcome], calls: Calls, group: str) -> Iterator[str]:
    """What failed, for each input of a group with another answer than the right one."""
    begin, end = (0, inputs.base) if group == "base" else (inputs.base, len(inputs.arguments))
    compare = inputs.rules.comparison()
    for number in range(begin, end):
        place = f"{group} test {number - begin}"
        if number >= len(calls.outcomes):
            yield f"{place}: {calls.failed or calls.ending}"
            continue
        outcome = calls.outcomes[number]
        if not compare(inputs.arguments[number], right[number], outcome):
            shown = str(outcome) if isinstance(outcome, Raised) else "another answer"
            yield f"{place}: {shown}"
