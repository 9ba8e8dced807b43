"""How results are compared: sentences as statements have them, each with the rule that it makes."""

import time

import pytest

from transforms.contests.judged.stated_rules import (
    ExpectedResults,
    sentences,
    stated_rule,
    stdio_rule,
)
from transforms.lib.problems.compare_rule import CompareRule

LIST = ExpectedResults("List[int]", ([1, 2],))
NESTED = ExpectedResults("List[List[int]]", ([[1, 2]],))
TEXT = ExpectedResults("str", ("ab",))
INT = ExpectedResults("int", (3,))
TRUTH = ExpectedResults("bool", (True,))
FLOAT = ExpectedResults("float", (0.5,))


@pytest.mark.parametrize(
    ("statement", "answer", "compare"),
    [
        ("Return the sum.", LIST, "exact"),
        ("You may return the answer in any order.", LIST, "unordered"),
        ("Return them in any arbitrary order.", LIST, "unordered"),
        ("The order of the output does not matter.", LIST, "unordered"),
        ("You may return the answer in any order.", INT, "exact"),
        ("You can visit the rooms in any order.", LIST, "exact"),
        ("Pairs can be taken in any order; the result is the same.", LIST, "exact"),
        ("Return the answer in any order that satisfies this.", LIST, "checker"),
        (
            "Input: a = [1] Output: [1] Explanation: a is [1] (this order does not matter).",
            LIST,
            "exact",
        ),
        ("If there is more than one sequence, any one is ok.", LIST, "checker"),
        ("Return all triplets. Return the answer in any order.", NESTED, "unordered_nested"),
        ("Return all paths. Return the answer in any order.", NESTED, "unordered"),
        ("The integers in the lists may be returned in any order.", NESTED, "unordered_items"),
        ("Return all words on the board.", LIST, "unordered"),
        ("Return all words sorted.", LIST, "exact"),
        ("Write a method to compute all permutations of a string.", LIST, "unordered"),
        ("Compute the sizes of all ponds.", LIST, "exact"),
        ("You can return the indices of the edges in any order.", NESTED, "unordered_items"),
        ("You can return the indices of the numbers in any order.", LIST, "unordered"),
        ("Find all pairs of integers with this sum.", NESTED, "unordered_nested"),
        ("Return all the palindrome pairs of words.", NESTED, "unordered"),
        ("Rearrange s such that the same letters are at least k apart.", TEXT, "checker"),
        ("The only way to rearrange them such that all hold is [3,-2].", LIST, "exact"),
        ("Rearrange nums such that the following holds: [...]", LIST, "exact"),
        ("Find an order of movements for the knight.", NESTED, "checker"),
        ("Find a path for the robot.", NESTED, "checker"),
        ("Find a path for the robot and return its length.", INT, "exact"),
        ("Explanation: Either 2 or 3 is the nearest leaf node.", INT, "checker"),
        ("Return a list that represents a valid split containing most integers.", LIST, "checker"),
        ("Return all elements of the matrix.", LIST, "exact"),
        ("If there are multiple answers, return any of them.", LIST, "checker"),
        ("If there are multiple answers, return the smallest.", LIST, "exact"),
        ("Return the index of any of the peaks.", INT, "checker"),
        ("Return true if any of them is odd.", TRUTH, "exact"),
        ("You cannot return any node twice.", LIST, "exact"),
        ('"aba" is also a valid answer.', TEXT, "checker"),
        ("There are also 3 valid ways.", TEXT, "exact"),
        ("There are multiple optimal solutions.", INT, "exact"),
        ("There may be many valid solutions.", LIST, "checker"),
        ("Try to come up with as many solutions as you can.", LIST, "exact"),
        ("Return a random element.", ExpectedResults("int", (3,), random=True), "checker"),
        ("Each list has a random pointer.", LIST, "exact"),
        ("Return the mean.", FLOAT, "float"),
        ("Any answer with an error below 10^-6 will be accepted.", FLOAT, "float"),
        (
            "The order of returned ids does not matter.",
            ExpectedResults(None, ([None, [1]],), steps=True),
            "unordered_items",
        ),
    ],
)
def test_rules(statement, answer, compare):
    found = stated_rule(statement, answer)
    assert found.compare == compare
    if compare not in ("exact", "float"):
        assert found.evidence in sentences(statement), "no rule without its sentence"


@pytest.mark.parametrize(
    ("statement", "tolerance", "origin"),
    [
        ("Answers within 10^-6 of the actual one are accepted.", 1e-6, "statement"),
        ("The error must not exceed 10-9.", 1e-9, "statement"),
        ("Print it with an absolute error of at most 0.0001.", 1e-4, "statement"),
        ("1 <= n <= 10^-5", 1e-5, "type"),
        ("", 1e-5, "type"),
    ],
)
def test_tolerances(statement, tolerance, origin):
    found = stated_rule(statement, FLOAT)
    assert (found.compare, found.tolerance, found.origin) == ("float", tolerance, origin)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("Print the sum.", CompareRule("tokens", "kind")),
        ("You can print each letter in any case.", "tokens_caseless"),
        ("If there are several answers, print any of them.", "checker"),
        ("Print them in any order.", "checker"),
        ("Absolute or relative error should not exceed 10^{-6}.", "tokens"),
    ],
)
def test_standard_output(statement, expected):
    found = stdio_rule(sentences(statement))
    assert (found if isinstance(expected, CompareRule) else found.compare) == expected


def test_no_statement_takes_long():
    parts = (
        "return ",
        "any order ",
        "return any ",
        "return the ",
        "of ",
        "not return ",
        "10^- ",
        "within 10 ",
        "error 0.0",
        "multiple ",
        "print any valid ",
        "w ",
        "\n",
        ".",
    )
    for part in parts:
        text = part * (100_000 // len(part))
        begin = time.process_time()
        for answer in (LIST, NESTED, FLOAT, ExpectedResults(None, (1.5,), random=True)):
            stated_rule(text, answer)
        stdio_rule(sentences(text))
        assert time.process_time() - begin < 5, part
