"""Kinds of failures, and the line that tells them."""

import pytest

from transforms.evaluate.failure_kinds import FAILURES, failure_of, reason
from transforms.lib.sandbox import Checked, Ending, Limits

BODY = "    return 1\n"


@pytest.mark.parametrize(
    ("ending", "why", "kind", "told"),
    [
        ({}, "AssertionError: ", "wrong_answer", "AssertionError"),
        ({}, "NotData: a value of type object", "wrong_answer", "NotData: a value of type object"),
        ({}, "ValueError: no", "exception", "ValueError: no"),
        ({}, "Ended: no answer", "exception", "Ended: no answer"),
        (
            {},
            "SyntaxError: no (<program>, line 1)",
            "syntax",
            "SyntaxError: no (<program>, line 1)",
        ),
        (
            {},
            "SyntaxError: no (<string>, line 1)",
            "exception",
            "SyntaxError: no (<string>, line 1)",
        ),
        ({"limit": "cpu"}, "Ended: no answer", "time", "limit: cpu (0.5 s)"),
        ({"limit": "wall"}, "limit: wall", "time", "limit: wall (2.5 s)"),
        ({"limit": "memory"}, "MemoryError: ", "limit", "limit: memory (256 MB): MemoryError"),
        ({"limit": "output"}, "", "limit", "limit: output"),
        ({"exit_code": None}, "sandbox lost", "lost", "sandbox lost"),
    ],
)
def test_kinds(ending: dict, why: str, kind: str, told: str) -> None:
    checked = Checked(Ending("bubblewrap", **ending), False, why)
    assert failure_of(checked, BODY) == kind
    assert kind in FAILURES
    assert reason(checked, Limits(wall=2.5, cpu=0.5, memory=256 << 20)) == told


def test_passed_and_empty() -> None:
    assert failure_of(Checked(Ending("bubblewrap"), True), BODY) is None
    assert failure_of(Checked(Ending("bubblewrap"), True), "") is None
    assert failure_of(Checked(Ending("bubblewrap"), False, "AssertionError: "), " \n") == "empty"


@pytest.mark.parametrize("character", ["\0", "\ud800"])
def test_what_no_source_can_have_does_not_parse(character: str) -> None:
    checked = Checked(Ending("bubblewrap"), False, "ValueError: of a version of its own")
    assert failure_of(checked, BODY + character) == "syntax"
