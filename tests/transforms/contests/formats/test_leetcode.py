"""leetcode: statements of the tests' own, in both mark-ups; what each is to become stands beside it."""

import json
from pathlib import Path

import pytest

from tests.support.judged import passes
from transforms.contests.formats.leetcode import FORMAT, folder_of
from transforms.contests.stage import extract_problems
from transforms.lib.problems.problem import Dropped, Origin, Problem
from transforms.lib.records.entry import Entry

FIXTURES = [
    json.loads(line) for line in (Path(__file__).parent / "fixtures.jsonl").read_text().splitlines()
]
STATEMENTS = {row["id"]: row for row in FIXTURES if "statement_html" in row}
README = """---
comments: true
difficulty: Medium
tags:
    - Array
    - Hash Table
---

# [7. {id}](https://example.org/problems/{id}) 🔒

## Description

<!-- description:start -->

{html}

<!-- description:end -->

## Solutions

<p>Return any of them.</p>
"""


def outcome(html, *solutions, name="README_EN.md"):
    files = {f"7.a/{name}": README.format(id="a-b", html=html)}
    files |= {f"7.a/Solution{n or ''}.py": text for n, text in enumerate(solutions)}
    (found,) = extract_problems(FORMAT, Entry("7.a", files))
    return found


def row(found):
    assert isinstance(found, Problem), found
    return found.row(Origin("leetcode", "tests", None, "7.a", "CC0-1.0"))


@pytest.mark.parametrize("name", STATEMENTS)
def test_fixtures(name):
    fixture = STATEMENTS[name]
    found = row(outcome(fixture["statement_html"], fixture["solution"]))
    expected = fixture["expect"]
    compare = {"needs_checker": "checker"}.get(expected["compare"], expected["compare"])
    if name == "random-ref":  # its solution draws, which the fixture leaves to verification
        compare = "checker"
    assert (found["kind"], found["entry_point"]) == (expected["kind"], expected["entry"])
    assert found["compare"] == compare
    assert found["n_tests"] == expected["tests"]
    assert (found["test"] is None) == (compare == "checker")
    if compare != "checker":
        assert passes(found) == expected["ref_passes"]
    for helper in expected.get("helpers", []):
        assert f"class {helper}:" in found["prompt"]


PAIRS = STATEMENTS["pair-gap"]


def test_what_a_readme_says():
    found = row(outcome(PAIRS["statement_html"], PAIRS["solution"]))
    assert found["title"] == "a-b"
    assert found["slug"] == "a-b"
    assert found["url"] == "https://example.org/problems/a-b"
    assert (found["difficulty"], found["tags"]) == ("Medium", ["Array", "Hash Table"])
    assert found["statement"].startswith("Given an integer array marks and")
    assert "Return any of them" not in found["statement"]
    assert found["prompt"].startswith("from typing import List\n\n\ndef ")
    assert found["canonical_solution"].startswith("    from itertools import combinations\n\n")
    assert found["solutions"][0].startswith("from itertools import combinations\n")
    assert found["needs_picture"] is False
    assert found["tests"][0] == {"input": "([1, 4, 2, 3], 1)", "output": "3", "origin": "statement"}


def test_every_independent_solution_is_kept_and_runs_by_itself():
    other = "class Solution:\n    def countPairs(self, a, b):\n        return self.h(a, b) // 2\n"
    other += (
        "    def h(self, a, b):\n        return sum(abs(x - y) == b for x in a for y in a if b)"
        " + (b == 0) * 2\n"
    )
    found = row(outcome(PAIRS["statement_html"], PAIRS["solution"], other, "def no(: pass"))
    assert len(found["solutions"]) == 2
    assert all(passes(found, solution) for solution in found["solutions"])


def test_a_helper_of_the_same_parameters_is_not_the_entry():
    solution = """class Solution:
    def inner(self, marks, gap):
        return sum(abs(a - b) == gap for a, b in combinations(marks, 2))

    def outer(self, marks, gap):
        return self.inner(marks, gap)
"""
    found = row(outcome(PAIRS["statement_html"], solution))
    assert found["entry_point"] == "outer" and passes(found)


def test_a_wrong_solution_does_not_pass():
    wrong = PAIRS["solution"].replace("== gap", ">= gap")
    found = row(outcome(PAIRS["statement_html"], PAIRS["solution"], wrong))
    assert [passes(found, solution) for solution in found["solutions"]] == [True, False]


DESIGN = STATEMENTS["tally"]


@pytest.mark.parametrize(
    ("html", "solutions", "reason"),
    [
        (PAIRS["statement_html"], [], "no_python_solution"),
        ("", ["class Solution:\n    def f(self, a): pass\n"], "no_examples"),
        ("<p>给定一个整数数组，返回最大的数。</p>", ["class Solution: pass"], "not_english"),
        (PAIRS["statement_html"], ["class Solution:\n    def f(self, a): pass\n"], "signature"),
        (PAIRS["statement_html"], ["import pandas\nclass Solution: pass\n"], "third_party"),
        (
            PAIRS["statement_html"],
            ["class Solution:\n    def f(self, a: Sea, b): pass\n"],
            "helper_type",
        ),
        (
            PAIRS["statement_html"],
            ["class Solution:\n    def f(self, a, b): return knows(a)\n"],
            "undefined_name",
        ),
        (PAIRS["statement_html"], ["print 1\n"], "not_python3"),
        (PAIRS["statement_html"], ["x" + ".y" * 300], "too_deep"),
        (DESIGN["statement_html"], ["class Other:\n    def add(self, x): pass\n"], "signature"),
    ],
)
def test_what_is_no_problem_says_why(html, solutions, reason):
    found = outcome(html, *solutions)
    assert isinstance(found, Dropped) and found.reason == reason


def test_a_prefix_is_what_an_in_place_function_leaves():
    html = (
        "<p>Remove what equals <code>val</code> in place; return k.</p><pre>\n<b>Input:</b> nums = "
        "[3,2,2,3], val = 3\n<b>Output:</b> 2, nums = [2,2,_,_]\n</pre>"
    )
    solution = """class Solution:
    def f(self, nums, val):
        kept = [n for n in nums if n != val]
        nums[: len(kept)] = kept
        return len(kept)
"""
    found = row(outcome(html, solution))
    assert (found["compare"], found["tests"][0]["output"]) == ("inplace", "[2, 2]")
    assert passes(found)


def test_a_statement_without_marks():
    html = PAIRS["statement_html"]
    readme = f"# Pairs\n\n{html}\n\n## Solution\n\nReturn any of them.\n"
    files = {"p/README.md": readme, "p/Solution.py": PAIRS["solution"]}
    (found,) = extract_problems(FORMAT, Entry("p", files))
    assert row(found)["compare"] == "exact" and row(found)["title"] == "Pairs"


def test_folders():
    assert folder_of("solution/7.a/README_EN.md") == "solution/7.a"
    assert folder_of("solution/7.a/Solution12.py") == "solution/7.a"
    assert folder_of("solution/7.a/Solution.java") is None
    assert folder_of("solution/util.py") is None
