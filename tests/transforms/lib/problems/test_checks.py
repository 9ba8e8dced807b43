"""check(candidate): the text that is written passes what is right by each rule, and fails the rest."""

from typing import Any

import pytest

from tests.support.judged import agrees
from transforms.lib.problems.checks import TestCase, check_text
from transforms.lib.problems.compare_rule import CompareRule

RULES: dict[str, tuple[str, list[Any], list[Any]]] = {
    "exact": ("[1, 2]", [[1, 2]], [[2, 1], None, [1]]),
    "equal": ("[1, 2]", [[1, 2], [1.0, 2]], [[2, 1], "12"]),
    "inplace": ("[1]", [[1]], [[2]]),
    "unordered": ("[[1, 2], [3]]", [[[3], [1, 2]]], [[[3], [2, 1]], [[3]], [[3], [3], [1, 2]]]),
    "unordered_nested": ("[[1, 2], [3]]", [[[3], [2, 1]]], [[[3], [2, 2]], [[1, 2]]]),
    "unordered_items": (
        "[[1, 2], [3], 4]",
        [[[2, 1], [3], 4]],
        [[[3], [1, 2], 4], [[2, 2], [3], 4]],
    ),
    "float": (
        "[1.5, 2]",
        [[1.5, 2], [1.5000001, 2], [1.5, 2.0000001]],
        [[1.6, 2], [1.5], 1.5, None],
    ),
}


@pytest.mark.parametrize("compare", RULES)
def test_rules_of_values(compare):
    output, right, wrong = RULES[compare]
    rule = CompareRule(compare, tolerance=1e-5 if compare == "float" else None)
    check = check_text([TestCase("(7,)", output, "")], rule, None, "function")
    assert all(agrees(check, lambda n, value=value: value) for value in right)
    assert not any(agrees(check, lambda n, value=value: value) for value in wrong)


@pytest.mark.parametrize(
    ("rule", "right", "wrong"),
    [
        (CompareRule("tokens"), ["1 2\n", " 1\n2"], ["1", "2 1", "1 2 3", "1.0 2"]),
        (CompareRule("tokens", tolerance=1e-6), ["1.0 2", "1 2.0000001"], ["1.1 2", "1", "a 2"]),
        (CompareRule("tokens_caseless"), ["1 2"], ["2 1"]),
    ],
)
def test_rules_of_standard_output(rule, right, wrong):
    check = check_text([TestCase("3 'x'\n", "1 2\n", "")], rule, None, "stdio")
    assert all(agrees(check, lambda given, value=value: value) for value in right)
    assert not any(agrees(check, lambda given, value=value: value) for value in wrong)
    assert agrees(check, lambda given: {"3 'x'\n": "1 2"}[given]), "it is given what it should be"


def test_letters_in_any_case():
    check = check_text([TestCase("", "YES", "")], CompareRule("tokens_caseless"), None, "stdio")
    assert agrees(check, lambda given: "yes") and not agrees(check, lambda given: "no")


def test_a_checkers_problem_has_no_text():
    assert check_text([TestCase("(1,)", "1", "")], CompareRule("checker"), None, "function") is None


@pytest.mark.parametrize(("entry", "harness"), [("check", None), ("call", "HARNESS"), ("f", None)])
def test_an_entry_point_that_is_called_like_what_the_text_defines(entry, harness):
    text = harness and "def call(candidate, arguments):\n    return candidate(*arguments)\n"
    case = TestCase("(3,)", "4", "")
    check = check_text([case], CompareRule("exact"), text, "function", entry)
    names: dict[str, Any] = {}
    exec(f"def {entry}(x):\n    return x + 1\n\n\n{check}\n\ncheck({entry})\n", names)
    with pytest.raises(AssertionError):
        exec(f"def {entry}(x):\n    return x\n\n\n{check}\n\ncheck({entry})\n", names)


def test_no_object_says_itself_that_it_is_close():
    class Zero(float):
        def __sub__(self, other):
            return 0.0

        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    check = check_text(
        [TestCase("(1,)", "78.5", "")], CompareRule("float", tolerance=1e-6), None, "function"
    )
    assert agrees(check, lambda n: 78.5) and not agrees(check, lambda n: Zero(1.0))
