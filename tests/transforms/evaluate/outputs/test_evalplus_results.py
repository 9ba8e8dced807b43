"""EvalPlus's file: statuses of base and plus tests, tasks in the order of the set."""

import json
from types import SimpleNamespace
from typing import Any

from transforms.evaluate.outputs.evalplus_results import eval_results

GROUPS = [
    # outcome, base, plus, and the statuses
    ("passed", None, None, "pass", None),
    ("failed", None, None, "fail", None),
    ("limit", None, None, "fail", None),
    ("timed_out", None, None, "timeout", None),
    ("passed", True, True, "pass", "pass"),
    ("failed", True, False, "pass", "fail"),
    ("timed_out", True, False, "pass", "timeout"),
    ("failed", False, True, "fail", "pass"),
]


def test_statuses() -> None:
    rows = []
    for outcome, base, plus, *_ in GROUPS:
        groups = {} if base is None else {"base_passed": base, "plus_passed": plus}
        failed = None if outcome == "passed" else "assert f(1)"
        verdict = {"outcome": outcome, "failed_test": failed} | groups
        rows.append((SimpleNamespace(task_id="b"), verdict))
    rows.append((SimpleNamespace(task_id="a"), {"outcome": "passed", "failed_test": None}))
    evaluated: Any = SimpleNamespace(
        request=SimpleNamespace(tasks={"a": 0, "none": 0, "b": 0}, eval_sha256="abc"),
        samples=lambda: rows,
        program=lambda sample: f"{sample.task_id}\ud800",
    )
    written = json.loads("".join(eval_results(evaluated)))
    assert written["hash"] == "abc"
    assert list(written["eval"]) == ["a", "b"]
    entries = written["eval"]["b"]
    got = [(each["base_status"], each["plus_status"]) for each in entries]
    assert got == [group[3:] for group in GROUPS]
    tests = [(each["base_fail_tests"], each["plus_fail_tests"]) for each in entries]
    assert tests[1] == (["assert f(1)"], [])
    assert tests[5] == ([], ["assert f(1)"])
    assert entries[0]["solution"] == "b\ud800"
