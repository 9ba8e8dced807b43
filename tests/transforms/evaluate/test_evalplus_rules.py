"""When an answer counts as right, as EvalPlus 0.3.1 has it."""

from typing import Any

import pytest

from transforms.evaluate.evalplus_rules import Rules
from transforms.lib.sandbox import Opaque, Outcome, Raised, Returned

MATCH = Opaque("a Match")  # such as what re.match returns
ERROR = Raised("ValueError", "no")


def right(suite: str, name: str, pair: tuple[Any, Any], atol: float = 0, *arguments: Any) -> bool:
    outcomes = [each if isinstance(each, Opaque | Raised) else Returned(each) for each in pair]
    return Rules(suite, name, atol).comparison()(arguments, *outcomes)


@pytest.mark.parametrize(
    ("pair", "atol", "expected"),
    [
        ((1, 1), 0, True),
        ((1, True), 0, True),
        ((1, 2), 0, False),
        (([1, 2], (1, 2)), 0, False),
        ((0.3, 0.1 + 0.2), 0, True),
        ((0.3, 0.301), 0, False),
        ((0.3, 0.301), 0.01, True),
        ((1.0, 1), 0, True),
        ((1.0, "1.0"), 0, False),
        (([0.3, 1.0], [0.1 + 0.2, 1]), 0, True),
        (([0.3], [0.3, 0.3]), 0, False),
        (([0.3, "a"], [0.1 + 0.2, "a"]), 0, False),
        ((1.0, 10**400), 0, False),
        ((float("inf"), float("inf")), 0, True),
        ((1.0, float("nan")), 0, False),
        ((1, ERROR), 0, False),
        ((MATCH, MATCH), 0, False),
    ],
)
def test_values(pair: tuple, atol: float, expected: bool) -> None:
    assert right("HumanEval", "f", pair, atol) == expected


def test_floats_bring_a_tolerance_for_the_tests_after_them() -> None:
    def outcome(*value: Any) -> Outcome:
        return Returned(list(value))

    compare = Rules("HumanEval", "f", 0).comparison()
    close = outcome(1, 0.1 + 0.2), outcome(1, 0.3)
    assert not compare((), *close)
    assert compare((), outcome(0.5), outcome(0.5))
    assert compare((), *close)


def test_tasks_with_rules_of_their_own() -> None:
    assert right("Mbpp", "similar_elements", ((1, 2), [2, 1]))
    assert not right("Mbpp", "similar_elements", ((1, 2), [2, 1, 3]))
    assert not right("Mbpp", "similar_elements", ((1, 2), 3))
    assert not right("HumanEval", "similar_elements", ((1, 2), [2, 1]))
    assert right("HumanEval", "find_zero", (None, 0.5), 1e-4, [-1, 2])
    assert not right("HumanEval", "find_zero", (None, 0.6), 1e-4, [-1, 2])
    assert not right("HumanEval", "find_zero", (None, 1e308), 1e-4, [-1, 2, 3])
    assert not right("HumanEval", "find_zero", (None, "0.5"), 1e-4, [-1, 2])
    assert right("Mbpp", "are_equivalent", (False, True))
    assert right("Mbpp", "sum_div", (7, 0))
    assert not right("Mbpp", "sum_div", (7, 1))
    assert right("Mbpp", "surface_Area", (33, 35), 0, 3, 4)
    assert right("Mbpp", "digit_distance_nums", (1, 13), 0, 23, 156) is False
    assert right("Mbpp", "digit_distance_nums", (1, 7), 0, 123, 256)
    assert not right("Mbpp", "digit_distance_nums", (1, 7), 0, -123, 256)


@pytest.mark.parametrize(
    ("reference", "outcome", "expected"),
    [
        (MATCH, MATCH, True),
        (MATCH, Returned(True), True),
        (MATCH, Returned(None), False),
        (Returned(None), Returned(None), True),
        (Returned(None), Returned(False), True),
        (Returned(None), MATCH, False),
        (MATCH, ERROR, False),
        (Returned(None), ERROR, False),
    ],
)
def test_where_any_answer_counts(reference: Outcome, outcome: Outcome, expected: bool) -> None:
    assert Rules("Mbpp", "check_str", 0).comparison()((), reference, outcome) == expected
