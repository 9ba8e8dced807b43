"""Answers are compared outside the sandbox: types, NaN, order, tolerance, tokens."""

import datetime
import math
import time
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.lib.sandbox import Opaque, Raised, Returned
from transforms.lib.trials.compare_answers import agree, printed_alike
from transforms.lib.trials.compare_values import RULE_KINDS, AnswerRule, equal, tokens_agree

FLOAT, UNORDERED, DEEP = (
    AnswerRule.of("float"),
    AnswerRule.of("unordered"),
    AnswerRule("unordered", levels=2),
)

NOON = datetime.datetime(2000, 1, 1, 12)


@pytest.mark.parametrize(
    ("a", "b", "rule", "same"),
    [
        (1, 1, AnswerRule(), True),
        (1, True, AnswerRule(), False),
        (1, 1.0, AnswerRule(), False),
        (0.0, -0.0, AnswerRule(), True),
        (math.nan, math.nan, AnswerRule(), True),
        (math.nan, 1.0, AnswerRule(), False),
        ([1], (1,), AnswerRule(), False),
        ("1", 1, AnswerRule(), False),
        (None, False, AnswerRule(), False),
        ([math.nan], [math.nan], AnswerRule(), True),
        ({1: "a", 2: "b"}, {2: "b", 1: "a"}, AnswerRule(), True),
        ({1: 1}, {True: 1}, AnswerRule(), False),
        ({1: [1]}, {1: [True]}, AnswerRule(), False),
        ({1, 2}, {2, 1}, AnswerRule(), True),
        ({1}, {1.0}, AnswerRule(), False),
        ({1}, frozenset({1}), AnswerRule(), False),
        ({math.nan}, {math.nan}, AnswerRule(), True),
        (b"a", bytearray(b"a"), AnswerRule(), False),
        ([1, 2], [1, 2, 3], AnswerRule(), False),
        ({"a": 1}, {"a": 1, "b": 2}, AnswerRule(), False),
        ("\ud800", "\ud800", AnswerRule(), True),
        (0.1 + 0.2, 0.3, AnswerRule(), False),
        (0.1 + 0.2, 0.3, FLOAT, True),
        (1, 1.0, FLOAT, True),
        (1, True, FLOAT, False),
        (100_000.0, 100_000.5, FLOAT, True),
        (1.0, 1.00002, FLOAT, False),
        (math.inf, math.inf, FLOAT, True),
        (math.inf, 1e308, FLOAT, False),
        (math.inf, -math.inf, FLOAT, False),
        (math.nan, math.nan, FLOAT, True),
        (10**400, 1e308, FLOAT, False),
        (10**400, 10**400, FLOAT, True),
        (10**400, 10**400 + 1, FLOAT, False),
        ([[1.0], {"k": 2.0}], [[1.0000001], {"k": 2}], FLOAT, True),
        (Decimal("1.0"), Decimal("1.00"), AnswerRule(), True),
        ({Decimal("10"), Decimal("9.0")}, {Decimal("1E+1"), Decimal("9")}, AnswerRule(), True),
        ({Fraction(1, 3), Fraction(-2)}, {Fraction(-2), Fraction(1, 3)}, AnswerRule(), True),
        (
            {NOON, NOON.replace(hour=11)},
            {NOON.replace(fold=1), NOON.replace(hour=11)},
            AnswerRule(),
            True,
        ),
        ([2, 1], [1, 2], AnswerRule(), False),
        ([2, 1], [1, 2], UNORDERED, True),
        ([1, 1, 2], [1, 2, 2], UNORDERED, False),
        ([1, True], [True, 1], UNORDERED, True),
        ([1, 1], [1, True], UNORDERED, False),
        ("ba", "ab", UNORDERED, False),
        ([[2, 1], [3]], [[3], [2, 1]], UNORDERED, True),
        ([[1, 2], [3]], [[3], [2, 1]], UNORDERED, False),
        ([[1, 2], [3]], [[3], [2, 1]], DEEP, True),
        ([None, "a", 1, (2,)], ["a", (2,), None, 1], UNORDERED, True),
        ([0.30000000000000004, 1.0], [1, 0.3], AnswerRule("unordered", 1e-5, 1), True),
    ],
)
def test_equal(a: object, b: object, rule: AnswerRule, same: bool) -> None:
    assert equal(a, b, rule) == equal(b, a, rule) == same


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(width=16) | st.text(max_size=2),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.integers(0, 3), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([AnswerRule(), FLOAT, UNORDERED, DEEP]))
def test_everything_equals_itself(value: object, rule: AnswerRule) -> None:
    assert equal(value, value, rule)


@given(st.lists(VALUES, max_size=6), st.randoms(use_true_random=False))
def test_a_shuffled_list_is_equal_without_order(values: list, random: object) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert equal(values, shuffled, UNORDERED)


@given(VALUES, VALUES)
def test_equal_values_are_equal_in_python_too(a: object, b: object) -> None:
    """Python looks at types less closely, and at a NaN more."""
    if equal(a, b) and "nan" not in repr(a):
        assert a == b


def test_outcomes_of_calls() -> None:
    raised = Raised("ValueError", "no")
    assert agree(Returned([1]), Returned([1]))
    assert not agree(Returned([1]), Returned([2]))
    assert agree(raised, Raised("ValueError", "no", "memory"))
    assert not agree(raised, Raised("ValueError", "yes"))
    assert not agree(raised, Returned("ValueError"))
    assert not agree(Opaque("x"), Opaque("x"))
    assert not agree(Returned(None), Opaque("x"))


def test_arguments_after_a_call() -> None:
    in_place, named = AnswerRule.of("inplace"), AnswerRule("inplace", argument="nums")
    assert agree(Returned([1, 2]), Returned(None, ([1, 2], 5)), in_place)
    assert not agree(Returned([1, 2]), Returned([1, 2], ([2, 1], 5)), in_place)
    assert agree(Returned([1]), Returned(None, {"k": 1, "nums": [1]}), named)
    assert agree(Returned([1]), Returned(None, {"nums": [1]}), in_place)
    assert not agree(Returned([1]), Returned(None, ()), in_place)
    assert not agree(Returned([1]), Returned([1], None), in_place)
    assert agree(Returned(1, ([2],)), Returned(1, ([2],)))
    assert not agree(Returned(1, ([2],)), Returned(1, ([3],)))
    assert agree(Returned(1), Returned(1, ([3],)))


@pytest.mark.parametrize(
    ("expected", "got", "tolerance", "same"),
    [
        ("1 2\n3\n", "1  2 \n3", 0, True),
        ("1 2\n3", "1 2 3", 0, False),
        ("1\n\n2", "1\n2", 0, False),
        ("", "\n\n", 0, True),
        ("a", "A", 0, False),
        ("1.0", "1", 0, False),
        ("1.0", "1", 1e-9, True),
        ("0.333333", "0.3333334", 1e-6, True),
        ("0.333333", "0.34", 1e-6, False),
        ("abc", "abd", 1.0, False),
        ("1e3", "1000", 1e-9, True),
        ("nan", "nan", 1e-9, True),
        ("nan", "1", 1e9, False),
        ("inf", "1", 1e9, False),
        ("100000000000000000001", "100000000000000000002", 0, False),
        ("1e999999999", "1", 1e-6, False),
        ("१", "1", 1e-6, False),
        ("1_0", "10", 1e-6, False),
        (" 5", "5 ", 0, True),
        ("1\r\n2", "1\n2", 0, True),
    ],
)
def test_tokens(expected: str, got: str, tolerance: float, same: bool) -> None:
    assert tokens_agree(expected, got, tolerance) == same


def test_rules_by_name() -> None:
    assert [AnswerRule.of(kind).kind for kind in RULE_KINDS] == list(RULE_KINDS)
    with pytest.raises(ValueError, match="no such rule: 'checker'"):
        AnswerRule.of("checker")


EQUAL, NESTED, ITEMS = (
    AnswerRule.of("equal"),
    AnswerRule.of("unordered_nested"),
    AnswerRule.of("unordered_items"),
)


@pytest.mark.parametrize(
    ("a", "b", "rule", "same"),
    [
        (1, 1.0, EQUAL, True),
        (1, True, EQUAL, True),
        ([1], (1,), EQUAL, False),
        ({1: [2]}, {1.0: [2.0]}, EQUAL, True),
        (0.1 + 0.2, 0.3, EQUAL, False),
        (math.nan, math.nan, EQUAL, True),
        ("1", 1, EQUAL, False),
        (10**400, 1e308, EQUAL, False),
        ([[3, 1], [2]], [[2], [1, 3]], NESTED, True),
        ([[[2, 1]], [0]], [[0], [[1, 2]]], NESTED, True),
        ([[1]], [[1], [1]], NESTED, False),
        ([[2, 1], [3]], [[1, 2], [3]], ITEMS, True),
        ([[2, 1], [3]], [[3], [1, 2]], ITEMS, False),
        ([1, [2]], [1, [2]], ITEMS, True),
        (
            [range(10**5000), Fraction(10**4500, 3)],
            [Fraction(10**4500, 3), range(10**5000)],
            UNORDERED,
            True,
        ),
    ],
)
def test_rules_of_problems(a: object, b: object, rule: AnswerRule, same: bool) -> None:
    assert equal(a, b, rule) == equal(b, a, rule) == same


def test_output_of_programs() -> None:
    assert printed_alike("Yes 1\n", "YES 1", AnswerRule.of("tokens_caseless"))
    assert not printed_alike("Yes", "YES", AnswerRule.of("tokens"))
    assert printed_alike("0.333333", "0.33333334", AnswerRule.of("tokens", 1e-6))


def nested(value: object, depth: int, kind: Callable = list) -> object:
    for _ in range(depth):
        value = kind([value])
    return value


def pairs(depth: int) -> tuple:
    value: tuple = (0,)
    for _ in range(depth):
        value = (value, value)
    return value


MANY = 50_000
# What is compared, and whether it is equal under rules without order.
SLOW = {
    "one list, nested": (nested([1] * MANY, 90), nested([1] * MANY, 90), True),
    "lists nested two by two": (pairs(13), pairs(13), True),
    "sets in sets": (
        nested(frozenset(range(MANY)), 90, frozenset),
        nested(frozenset(range(MANY)), 90, frozenset),
        True,
    ),
    "a set of deep tuples": (
        {nested((n,), 90, tuple) for n in range(500)},
        {nested((n,), 90, tuple) for n in range(500)},
        True,
    ),
    "dicts in dicts": (
        nested(dict.fromkeys(range(MANY)), 90, lambda parts: {1: parts[0]}),
        nested(dict.fromkeys(range(MANY)), 90, lambda parts: {1: parts[0]}),
        True,
    ),
    "another size": ([[1, 2], [3, 4]] * 2, [nested([[1]] * MANY, 90)] * 4, False),
    "ints with equal hashes": (
        [n * (2**61 - 1) for n in range(MANY)],
        [-n * (2**61 - 1) for n in range(MANY)],
        False,
    ),
    "ints of a megabyte": ([1 << 8_000_000] * 4, [1 << 8_000_001] * 4, False),
    "decimals of a megabyte": ([Decimal("9" * 10**6)] * 4, [Decimal("8" * 10**6)] * 4, False),
    "decimals that are huge": ([Decimal("1E+999999999"), Decimal(1)], [Decimal(2)] * 2, False),
}


@pytest.mark.parametrize("rule", RULE_KINDS)
@pytest.mark.parametrize("name", SLOW)
def test_answers_that_are_made_to_be_slow(name: str, rule: str) -> None:
    expected, answer, same = SLOW[name]
    begin = time.process_time()
    got = equal(expected, answer, AnswerRule.of(rule))
    assert time.process_time() - begin < 3  # they take 0.3 s at most; some took minutes
    assert got == same


def test_output_that_is_made_to_be_slow() -> None:
    begin = time.process_time()
    for output in ("x " * 10**6, "1 " * 10**6, "\n" * 10**6, "9" * 10**6, "İ" * 10**6):
        for kind in ("tokens", "tokens_caseless"):
            assert not printed_alike("1 2\n3", output, AnswerRule.of(kind, 1e-6))
            assert not printed_alike("1", output, AnswerRule.of(kind, 1e-6))
    assert time.process_time() - begin < 3


@given(st.lists(VALUES, max_size=4), st.lists(VALUES, max_size=4))
def test_without_order_is_some_order(a: list, b: list) -> None:
    """The definition: lists are equal without order if they are equal in some order."""
    left = list(b)
    for value in a:
        match = next((n for n, other in enumerate(left) if equal(value, other)), None)
        if match is None:
            break
        left.pop(match)
    else:
        assert equal(a, b, UNORDERED) == (not left)
        return
    assert not equal(a, b, UNORDERED)
