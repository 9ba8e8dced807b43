"""checks: records with the fields of HumanEval, whose assertions become test cases."""

import pytest

from tests.support.judged import passes
from transforms.contests.formats import by_name
from transforms.contests.stage import extract_problems
from transforms.lib.problems.problem import Dropped, Origin, Problem
from transforms.lib.records.entry import Entry

PROMPT = 'from typing import List\n\n\ndef mean(a: List[float], b=0):\n    """Mean.\n    """\n'
BODY = "    return sum(a) / len(a) + b\n"
CHECK = """
METADATA = {"author": "tests"}

def check(f):
    assert True, "begin"
    assert f([1, 2]) == 1.5, "message"
    assert abs(f([2.0], b=1) - 9 / 3) < 1e-4
    assert f([1])
    assert not f([0.0], 0)
    want = [1, 3]
    assert f(want) == 2
    for n in range(3):
        assert f([n]) == n
    assert f([5]) == f([5])
    assert f([1, 2]) > 1
"""


def outcome(**fields):
    record = {
        "task_id": "T/0",
        "prompt": PROMPT,
        "entry_point": "mean",
        "canonical_solution": BODY,
        "test": CHECK,
    }
    (found,) = extract_problems(by_name("checks"), Entry("f.jsonl:1", record=record | fields))
    return found


def test_assertions_become_cases():
    found = outcome()
    assert isinstance(found, Problem), found
    row = found.row(Origin("checks", "f.jsonl", None, "f.jsonl:1"))
    assert [(case["input"], case["output"]) for case in row["tests"]] == [
        ("([1, 2],)", "1.5"),
        ("([2.0], 1)", "3.0"),
        ("([1],)", "True"),
        ("([0.0], 0)", "False"),
        ("([1, 3],)", "2"),
    ]
    assert (row["compare"], row["tolerance"], row["unused_tests"]) == ("float", 1e-4, 3)
    assert (row["prompt"], row["canonical_solution"]) == (PROMPT, BODY)
    assert (row["statement"], row["slug"], row["title"]) == ("Mean.", "T/0", "mean")
    assert row["signature"] == "def mean(a: List[float], b=0):"


def test_without_an_error_values_are_compared_by_equality():
    found = outcome(test="def check(candidate):\n    assert candidate([1]) == 1\n")
    assert isinstance(found, Problem) and found.rule.compare == "equal"
    row = found.row(Origin("checks", "f.jsonl", None, "f.jsonl:1"))
    assert passes(row) and not passes(row, PROMPT + "    return 0\n")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"test": "def check(candidate):\n    assert candidate(open('f')) == 1\n"}, "no_tests"),
        ({"test": "def verify(candidate):\n    assert candidate(1) == 1\n"}, "no_tests"),
        ({"test": "def check(candidate: print 1"}, "not_python3"),
        ({"entry_point": "median"}, "no_solution"),
        ({"canonical_solution": "    return (\n"}, "not_python3"),
        ({"prompt": None}, "missing_field"),
    ],
)
def test_what_is_no_problem(fields, reason):
    found = outcome(**fields)
    assert isinstance(found, Dropped) and found.reason == reason
