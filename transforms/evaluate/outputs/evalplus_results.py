"""EvalPlus's eval_results.json (release 0.3.1), with the fields that it writes but `date`.

The date is left out, because the same samples give the same file. A failed test is the text of the
assertion: EvalPlus has the arguments of the call there.
"""

import json
from collections.abc import Iterator
from typing import Any

from transforms.evaluate.evaluated import Evaluated
from transforms.lib.completions.samples import Sample

STATUSES = {"passed": "pass", "timed_out": "timeout"}  # by our outcome; all others are "fail"


def eval_results(evaluated: Evaluated) -> Iterator[str]:
    """The file, a task a line; samples are in the order in which they came."""
    entries: dict[str, list[dict[str, Any]]] = {name: [] for name in evaluated.request.tasks}
    for sample, verdict in evaluated.samples():
        entries[sample.task_id].append(_entry(evaluated, sample, verdict))
    tasks = [(name, samples) for name, samples in entries.items() if samples]
    yield f'{{"hash": {json.dumps(evaluated.request.eval_sha256)}, "eval": {{\n'
    for number, (name, samples) in enumerate(tasks, 1):
        yield f"{json.dumps(name)}: {json.dumps(samples)}{',' if number < len(tasks) else ''}\n"
    yield "}}\n"


def _entry(evaluated: Evaluated, sample: Sample, verdict: dict[str, Any]) -> dict[str, Any]:
    """A sample as EvalPlus has it; without plus tests all tests are base tests.

    Verdicts on EvalPlus's own sets say which of the two groups passed.
    """
    failed = [verdict["failed_test"]] if verdict["failed_test"] else []
    status = STATUSES.get(verdict["outcome"], "fail")
    base, plus = verdict.get("base_passed"), verdict.get("plus_passed")
    return {
        "task_id": sample.task_id,
        "solution": evaluated.program(sample),
        "base_status": status if base is None else _status(base, status),
        "plus_status": None if plus is None else _status(plus, status),
        "base_fail_tests": [] if base else failed,
        "plus_fail_tests": failed if base else [],
    }


def _status(passed: bool, status: str) -> str:
    """The status of one group of tests, of a sample whose status by all tests is given."""
    return "pass" if passed else "fail" if status == "pass" else status
