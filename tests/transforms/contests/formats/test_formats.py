"""Formats of records: rows as collections have them, right, odd and broken."""

import json
from pathlib import Path

import pytest

from tests.support.judged import passes
from transforms.contests.formats import by_name
from transforms.contests.stage import extract_problems
from transforms.lib.problems.problem import Dropped, Origin, Problem
from transforms.lib.records.entry import Entry

FIXTURES = {
    row["id"]: row
    for row in map(json.loads, (Path(__file__).parent / "fixtures.jsonl").read_text().splitlines())
}


def outcome(contest, record):
    (found,) = extract_problems(by_name(contest), Entry("f.jsonl:1", record=record))
    return found


def row(contest, record):
    found = outcome(contest, record)
    assert isinstance(found, Problem), found
    return found.row(Origin(contest, contest, None, "f.jsonl:1"))


@pytest.mark.parametrize("name", ["apps-call", "apps-stdin"])
@pytest.mark.parametrize("contest", ["apps", "taco"])
def test_fixtures(contest, name):
    expected = FIXTURES[name]["expect"]
    found = row(contest, FIXTURES[name])
    assert (found["kind"], found["compare"]) == (expected["kind"], expected["compare"])
    assert found["n_tests"] == expected["tests"]
    assert passes(found)


CALL = {
    "question": "Add.",
    "starter_code": "class Solution:\n    def add(self, a: List[int], b: int) -> int:\n        ",
    "input_output": json.dumps(
        {"fn_name": "add", "inputs": [[[1], 2], [[3], 4]], "outputs": [3, 7]}
    ),
    "solutions": json.dumps(
        [
            "class Solution:\n    def add(self, a, b):\n        return a[0] + b\n",
            "class Solution:\n    def add(self, x, y): return y + sum(x)\n",
        ]
    ),
}


def changed(record, **fields):
    return record | {
        k: v if isinstance(v, str | None) else json.dumps(v) for k, v in fields.items()
    }


def call_based(fn_name, inputs, outputs):
    return {"fn_name": fn_name, "inputs": inputs, "outputs": outputs}


def test_the_signature_is_the_starters():
    found = row("apps", CALL)
    assert found["signature"] == "def add(a: List[int], b: int) -> int:"
    assert "from typing import List\n" in found["prompt"]
    assert passes(found) and all(passes(found, text) for text in found["solutions"])


@pytest.mark.parametrize(
    ("solution", "starter", "outputs", "output"),
    [
        ("def f(n): return n", "", [[1], [2]], "1"),
        ("def f(n) -> list: return [n]", "", [[1], [2]], "[1]"),
        ("def f(n): return [n]", "def f(n) -> List[int]:\n", [[1], [2]], "[1]"),
        ("def f(n): return [n] * n", "", [[1], [2, 2]], "[1]"),
        ("def f(n): return {1: n}", "", [{"1": 1}, {"1": 2}], "{1: 1}"),
        ("def f(n): return ((n, n),)", "", [[[1, 1]], [[2, 2], [3]]], "[[1, 1]]"),
    ],
)
def test_results_in_lists_of_one_and_dicts(solution, starter, outputs, output):
    record = changed(
        CALL,
        solutions=[solution],
        starter_code=starter,
        input_output=call_based("f", [[1], [2]], outputs),
    )
    found = row("apps", record)
    assert found["tests"][0]["output"] == output
    assert passes(found) or output == "[[1, 1]]"


def test_lines_of_standard_input():
    record = {
        "question": "Echo.",
        "solutions": '["print(input())", "print 1"]',
        "input_output": json.dumps(
            {"inputs": [["a", "b"], "c\n", 3], "outputs": [["a"], "c", "d"]}
        ),
    }
    found = row("apps", record)
    assert [case["input"] for case in found["tests"]] == ["a\nb\n", "c\n"]
    assert (found["unused_tests"], len(found["solutions"])) == (1, 1)
    assert passes(found)


def test_an_int_of_too_many_digits_loses_its_test_alone():
    text = '{"fn_name": "f", "inputs": [[1], [%s]], "outputs": [1, 2]}' % ("9" * 5000)
    found = row("apps", changed(CALL, solutions=["def f(n): return n"], input_output=text))
    assert (found["n_tests"], found["unused_tests"]) == (1, 1)


def test_defaults_may_be_left_out():
    record = changed(
        CALL,
        solutions=["def f(a, b=1): return a + b"],
        starter_code="",
        input_output=call_based("f", [[1], [1, 2], [1, 2, 3]], [2, 3, 6]),
    )
    found = row("apps", record)
    assert [case["input"] for case in found["tests"]] == ["(1,)", "(1, 2)"]
    assert found["unused_tests"] == 1 and passes(found)


SURROGATE = json.loads('"\\ud800"')


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"question": None}, "missing_field"),
        ({"solutions": ""}, "no_python_solution"),
        ({"solutions": []}, "no_python_solution"),
        ({"solutions": "[1"}, "bad_json"),
        ({"solutions": {"a": 1}}, "bad_field"),
        ({"solutions": ["print 1"]}, "not_python3"),
        ({"solutions": [f"x = '{SURROGATE}'"]}, "not_python3"),
        ({"solutions": ["import scipy\ndef add(a, b): return 3"]}, "third_party"),
        ({"input_output": ""}, "no_tests"),
        ({"input_output": {"inputs": [], "outputs": []}}, "no_tests"),
        ({"input_output": [1]}, "bad_field"),
        ({"input_output": "[" * 100_000}, "bad_json"),
        ({"input_output": call_based("add", ["x"], [1])}, "no_tests"),
        ({"input_output": call_based("add", [[1]], [1])}, "signature"),
    ],
)
def test_broken_rows_say_why(fields, reason):
    found = outcome("apps", changed(CALL, **fields))
    assert isinstance(found, Dropped) and found.reason == reason


TESTS = {"input": ["1\n", "2\n"], "output": ["2\n", "4\n"]}
CONTEST = {
    "name": "1_A. Double",
    "description": "Print n doubled. <image> Print YES in any case.",
    "public_tests": TESTS,
    "private_tests": {"input": ["3\n"], "output": ["6\n"]},
    "generated_tests": {"input": ["3\n", "9\n"], "output": ["6\n", "18\n"]},
    "solutions": {
        "language": [3, 2, 3],
        "solution": ["print(int(input()) * 2)", "int main() {}", "n = int(input())\nprint(n + n)"],
    },
    "incorrect_solutions": {"language": [3, 1], "solution": ["print(input() * 2)", "print 1"]},
    "source": 2,
    "cf_contest_id": 1,
    "cf_index": "A",
    "cf_rating": 800,
    "cf_tags": ["math"],
    "input_file": "",
    "difficulty": 7,
}


@pytest.mark.parametrize("rows_of_structs", [False, True])
def test_codecontests(rows_of_structs):
    record = dict(CONTEST)
    if rows_of_structs:
        for name, value in CONTEST.items():
            if isinstance(value, dict):
                record[name] = [
                    dict(zip(value, each, strict=True))
                    for each in zip(*value.values(), strict=True)
                ]
    found = row("codecontests", record)
    origins = [case["origin"] for case in found["tests"]]
    assert origins == ["public", "public", "private", "generated"], "each input once"
    assert found["wrong_solutions"] == ["print(input() * 2)\n"]
    assert len(found["solutions"]) == 2 and found["tags"] == ["CODEFORCES", "math"]
    assert found["url"] == "https://codeforces.com/problemset/problem/1/A"
    assert (found["difficulty"], found["compare"]) == ("800", "tokens_caseless")
    assert passes(found) and not passes(found, found["wrong_solutions"][0])


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"input_file": "in.txt"}, "file_input"),
        ({"solutions": {"language": [2], "solution": ["int main() {}"]}}, "no_python_solution"),
        ({"public_tests": None, "private_tests": {}, "generated_tests": []}, "no_tests"),
        ({"public_tests": "x"}, "bad_field"),
        ({"description": ""}, "missing_field"),
    ],
)
def test_codecontests_that_are_none(fields, reason):
    found = outcome("codecontests", CONTEST | fields)
    assert isinstance(found, Dropped) and found.reason == reason


FORCES = {
    "id": "1/A",
    "contest_id": "1",
    "index": "A",
    "title": "Double",
    "rating": 800,
    "tags": ["math"],
    "description": "Double it.",
    "input_format": "A number.",
    "output_format": "Its double.",
    "note": "Easy.",
    "interaction_format": None,
    "input_mode": "stdio",
    "generated_checker": None,
    "examples": [{"input": "1\n", "output": "2\n"}],
    "official_tests": [{"input": "1\n", "output": "2\n"}, {"input": "5\n", "output": "10\n"}],
    "solutions": ["print(int(input()) * 2)"],
}


def test_codeforces():
    found = row("codeforces", FORCES)
    assert [case["origin"] for case in found["tests"]] == ["statement", "official"]
    assert "Output\n\nIts double." in found["statement"]
    assert passes(found)
    judged = row("codeforces", FORCES | {"generated_checker": "import sys"})
    assert (judged["compare"], judged["compare_origin"], judged["test"]) == (
        "checker",
        "dataset",
        None,
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"interaction_format": "Ask."}, "interactive"),
        ({"input_mode": "file"}, "file_input"),
        ({"solutions": None}, "no_python_solution"),
        ({"examples": 3}, "bad_field"),
    ],
)
def test_codeforces_that_are_none(fields, reason):
    found = outcome("codeforces", FORCES | fields)
    assert isinstance(found, Dropped) and found.reason == reason


CODE = {
    "task_id": "add-all",
    "difficulty": "Easy",
    "tags": "['Array']",
    "problem_description": "Return the sum of nums and k.",
    "entry_point": "Solution().addAll",
    "completion": "class Solution:\n    def addAll(self, nums: List[int], k: int) -> int:\n"
    "        return sum(nums) + k\n",
    "test": "def check(candidate):\n    assert candidate(nums = [1,2], k = 3) == 6\n"
    "    assert candidate(nums = [], k = 0) == 0\n    assert same(candidate(nums = []), 1)\n",
    "input_output": [{"input": "nums = [9], k = 1", "output": "10"}],
}


def test_leetcodedataset():
    found = row("leetcodedataset", CODE)
    assert [case["input"] for case in found["tests"]] == ["([1, 2], 3)", "([], 0)"]
    assert (found["unused_tests"], found["tags"], found["title"]) == (1, ["Array"], "Add all")
    assert passes(found)


def test_leetcodedataset_without_asserts():
    old = {k: v for k, v in CODE.items() if k not in ("test", "problem_description", "difficulty")}
    old |= {"meta": {"question_title": "The sum.", "difficulty": "Hard"}}
    found = row("leetcodedataset", old)
    assert (found["statement"], found["difficulty"]) == ("The sum.", "Hard")
    assert [case["input"] for case in found["tests"]] == ["([9], 1)"]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"entry_point": "addAll"}, "bad_field"),
        ({"completion": "print 1"}, "no_solution"),
        ({"completion": ""}, "missing_field"),
        ({"test": "", "input_output": None}, "missing_field"),
        ({"test": "", "input_output": [{"input": "x", "output": "y"}]}, "no_tests"),
    ],
)
def test_leetcodedataset_that_are_none(fields, reason):
    found = outcome("leetcodedataset", CODE | fields)
    assert isinstance(found, Dropped) and found.reason == reason


def test_texts_that_arrow_cannot_hold_are_escaped():
    record = CONTEST | {"name": SURROGATE, "cf_tags": [SURROGATE]}
    found = row("codecontests", record)
    assert found["title"] == "\\ud800"
    json.dumps(found).encode()
    assert "\\ud800" in found["tags"]
