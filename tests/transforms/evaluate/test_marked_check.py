"""Which statements of a check are tests, and how they are counted."""

import pytest

from transforms.evaluate.marked_check import CountedTests, MarkedCheck, count_tests, mark_tests
from transforms.lib.sandbox import Checked
from transforms.lib.sandbox.outcomes import Ending, MarkCounts

ENDING = Ending("bubblewrap")
STRAIGHT = """import math
def helper(x):
    assert x
def check(candidate):
    assert True, "always"
    assert candidate('é', "\\
") == 1  # one
    x = candidate(2)
    assert (x ==
            3), "three"
    helper(candidate(4))
"""
LOOP = """def check(candidate):
    assert candidate(0) == 0
    for x in range(3):
        if x:
            assert candidate(x) == x
"""


def test_assertions_and_calls_are_marked_where_they_stand() -> None:
    marked = mark_tests(STRAIGHT)
    assert marked.tests == (
        "assert candidate('é', \"\\\n\") == 1",
        'assert (x ==\n            3), "three"',
        "helper(candidate(4))",
    )
    assert marked.fixed
    assert marked.text.count("\n") == STRAIGHT.count("\n")
    for number, test in enumerate(marked.tests):
        assert f"    with __test__({number}): {test}" in marked.text
    compile(marked.text, "check", "exec")


def test_tests_of_loops_and_conditions() -> None:
    marked = mark_tests(LOOP)
    assert (len(marked.tests), marked.fixed) == (2, False)
    assert "            with __test__(1): assert candidate(x) == x\n" in marked.text


@pytest.mark.parametrize(
    "text",
    [
        "def check(candidate):\n    assert candidate(1); assert candidate(2)\n",
        "def check(candidate): assert candidate(1)\n",
        "def check(candidate):\n    if 1: assert candidate(1)\n",
        "def check(candidate):\n    assert (x := candidate(1))\n    assert x == 2\n",
        "def check(candidate):\n    assert candidate(1)\n    while x: assert x\n",
        "def check(candidate):\n    try:\n        assert candidate(1)\n    finally: pass\n",
        "def check(candidate):\n    x = 1\r    assert candidate(1)\n",
        "def check():\n    assert f(1)\n",
        "async def check(candidate):\n    assert candidate(1)\n",
        "check = print\n",
        "@retry\ndef check(candidate):\n    assert candidate(1)\n",
        "def check(candidate):\n    assert candidate(1)\ncheck = retry(check)\n",
        "def check(x):\n    assert x(1)\ndef check(candidate):\n    assert candidate(1)\n",
        "def check(candidate):\n    assert (\n",
        "def check(candidate):\n    assert True\n",
    ],
)
def test_what_cannot_be_split_stays_as_it_is(text: str) -> None:
    assert mark_tests(text) == MarkedCheck(text)


@pytest.mark.parametrize(
    ("check", "counts", "expected"),
    [
        (STRAIGHT, MarkCounts(3, 3, whole=True), CountedTests(3, 3)),
        (
            STRAIGHT,
            MarkCounts(3, 2, 0, True, True),
            CountedTests(3, 2, "assert candidate('é', \"\\\n\") == 1"),
        ),
        (STRAIGHT, MarkCounts(3, 2), CountedTests(3, 2, "helper(candidate(4))")),
        (STRAIGHT, MarkCounts(0, 0), CountedTests(3, 0)),
        (STRAIGHT, None, CountedTests(3, 0)),
        (LOOP, MarkCounts(3, 3, whole=True), CountedTests(3, 3)),
        (LOOP, MarkCounts(2, 1, 1), CountedTests(None, 1, "assert candidate(x) == x")),
        (LOOP, None, CountedTests(None, 0)),
        ("def check(candidate): assert 0", None, CountedTests(1, 0)),
    ],
)
def test_counts(check: str, counts: MarkCounts | None, expected: CountedTests) -> None:
    assert count_tests(mark_tests(check), Checked(ENDING, False, "", counts)) == expected
