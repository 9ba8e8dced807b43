"""Each kind of tests judges right programs, wrong ones and those that would deceive it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from transforms.evaluate.judgement import judge
from transforms.evaluate.judges.printed_lines import lines_agree
from transforms.evaluate.least_limits import LEAST_LIMITS
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.sandbox import Limits, Sandbox

EQUAL = """
class Same:
    def __eq__(self, other): return True
    __hash__ = lambda self: 0
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def task(judged_by: str, reference: str = "", name: str = "f", **cases: Any) -> RunnableTask:
    return RunnableTask("Write f.", name, "", judged_by, json.dumps(cases), reference)


HALF = "def f(x):\n    return x / 2 if x else None\n"
PLUS = task("inputs", HALF, task="HumanEval/1", base=[[1], [2.0]], plus=[[0], [3]], atol=0)


@pytest.mark.parametrize(
    ("program", "base", "plus", "why"),
    [
        (HALF, True, True, ""),
        ("def f(x):\n    return x * 0.5 + 1e-12 if x else None", True, True, ""),
        ("def f(x):\n    return x / 2", True, False, "plus test 0: another answer"),
        (
            "def f(x):\n    return x // 2 if x else None",
            False,
            False,
            "base test 0: another answer",
        ),
        ("def f(x):\n    return 1 / (x - 2)", False, False, "base test 0: another answer"),
        (
            "def f(x):\n    return x / 2 if x else 1 / 0",
            True,
            False,
            "plus test 0: ZeroDivisionError: division by zero",
        ),
        (
            "def f(x):\n    while not x: pass\n    return x / 2",
            True,
            False,
            "plus test 0: limit: cpu",
        ),
        (f"{EQUAL}\ndef f(x): return Same()", False, False, "base test 0: another answer"),
        ("def g(x): 1", False, False, "NameError: name 'f' is not defined"),
    ],
)
def test_base_and_plus(
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    program: str,
    base: bool,
    plus: bool,
    why: str,
) -> None:
    monkeypatch.setitem(LEAST_LIMITS, "inputs", {})
    judged = judge(sandbox, PLUS, program, Limits(cpu=1))
    assert (judged.base_passed, judged.plus_passed) == (base, plus)
    assert judged.passed == (base and plus)
    assert judged.why == why


def test_a_reference_without_answers_fails_every_program(sandbox: Sandbox) -> None:
    for reference, why in (
        ("def f(x): return 1 / 0", "the reference itself: ZeroDivisionError: division by zero"),
        ("def f(x): return f", "the reference itself: no data (a value of type function)"),
        ("def f(x): return (", "the reference itself: SyntaxError: '(' was never closed"),
    ):
        one = task("inputs", reference, task="Mbpp/3", base=[[1]], plus=[], atol=0)
        judged = judge(sandbox, one, HALF, Limits())
        assert not judged.passed
        assert judged.why.startswith(why[:45])


TESTS = """
import unittest
from unittest.mock import patch
class TestCases(unittest.TestCase):
    def test_one(self):
        self.assertEqual(f(2), 4)
    @patch("builtins.print")
    def test_two(self, printed):
        f(3)
        printed.assert_called_with("3")
"""


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("def f(x):\n    print(str(x))\n    return x * x", ""),
        ("def f(x):\n    print(str(x))", "test_one: AssertionError: None != 4"),
        ("def f(x): return (", "SyntaxError: "),
        ("import pandas", "ModuleNotFoundError: No module named 'pandas'"),
        ("import os\nos._exit(0)", "exit 0"),
        (
            "import unittest\nunittest.TestCase.run = lambda *a: None\nf = abs",
            "tests that did not run",
        ),
    ],
)
def test_a_test_class(sandbox: Sandbox, program: str, why: str) -> None:
    judged = judge(sandbox, task("test_class", test=TESTS), program, Limits())
    assert judged.passed == (not why)
    assert judged.why.startswith(why)


def test_printed_lines(sandbox: Sandbox) -> None:
    one = task("printed", tests=[["1 2\n", "3\n"], ["2 2", "4"]])
    adds = "print(sum(map(float, input().split())))"
    assert judge(sandbox, one, adds, Limits()).passed
    assert judge(sandbox, one, "print(3)", Limits()).why == "test 1: other lines"
    assert judge(sandbox, one, f"{adds}\nexit(3)", Limits()).why == "test 0: exit 3"
    assert judge(sandbox, one, "1 / 0", Limits()).why.startswith("test 0: ZeroDivisionError")


@pytest.mark.parametrize(
    ("expected", "printed", "agree"),
    [
        ("a\nb\n", "a  \nb", True),
        ("a b", "a  b", False),
        ("1.50 2", " 1.5  2.0\n", True),
        (str(10**30), str(10**30 + 1), False),
        ("1\n2", "1 2", False),
        ("1", "1 1", False),
        ("1", "nan", False),
    ],
)
def test_lines(expected: str, printed: str, agree: bool) -> None:
    assert lines_agree(expected, printed) == agree


def test_answers_as_json(sandbox: Sandbox) -> None:
    one = task("answers", calls="Solution().add", tests=[["[1]\n2", "[1, 2]"], ["[]\n1", "[1]"]])
    program = "class Solution:\n    def add(self, a: List[int], b: int):\n        return {}\n"
    for answer, why in (("a + [b]", ""), ("(*a, b)", ""), ("[1, 2]", "test 1: another answer")):
        judged = judge(sandbox, one, program.format(answer), Limits())
        assert (judged.passed, judged.why) == (not why, why)
    assert judge(sandbox, one, "x = 1", Limits()).why.startswith("NameError: name 'Solution'")
