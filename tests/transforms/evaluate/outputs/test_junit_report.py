"""JUnit XML of verdicts: whatever foreign code has said, it is XML, and always the same."""

import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace
from typing import Any

from transforms.evaluate.outputs.junit_report import SHOWN_SAMPLES, report_lines

WHY = "ValueError: \x00\x1b[31m <b> \ud800 \ufffe ]]> & \"'"


def verdict(line: int, why: str | None = None, failure: str = "exception") -> dict[str, Any]:
    failed = {"failure": failure, "failed_test": 'assert f("<") == 1'} if why else {}
    none = {"failure": None, "failed_test": None}
    return {"line": line, "passed": why is None, "why": why} | none | failed


def report(**tasks: list[dict[str, Any]]) -> str:
    evaluated: Any = SimpleNamespace(
        request=SimpleNamespace(evaluation=SimpleNamespace(suite='a "set"', left_out=())),
        verdicts_by_task=lambda *columns: tasks,
    )
    return "".join(report_lines(evaluated))


def test_a_case_for_each_task() -> None:
    text = report(
        right=[verdict(1)],
        wrong=[verdict(2, WHY)],
        some=[verdict(3), verdict(4, "AssertionError", "wrong_answer")],
        none=[verdict(n, "AssertionError", "wrong_answer") for n in range(5, 5 + 15)],
    )
    root = ElementTree.fromstring(text.encode())
    assert (root.get("tests"), root.get("failures")) == ("4", "2")
    suite = root[0]
    assert suite.get("name") == 'a "set"'
    right, wrong, some, none = suite
    assert (right.attrib, len(right)) == ({"classname": 'a "set"', "name": "right"}, 0)
    told = "ValueError: \\x00\\x1b[31m <b> \\ud800 \\ufffe ]]> & \"'"
    assert wrong[0].attrib == {"type": "exception", "message": told}
    assert wrong[0].text == f'line 2: exception: {told}\n    assert f("<") == 1'
    assert (some[0].tag, some[0].text.splitlines()[0]) == ("system-out", "1 of 2 samples passed")
    assert none[0].get("message") == "0 of 15 samples passed; the first: AssertionError"
    assert none[0].text.splitlines()[-1] == f"and {15 - SHOWN_SAMPLES} more"
