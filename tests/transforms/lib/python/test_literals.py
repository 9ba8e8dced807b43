"""Literals of strangers: what is taken comes back equal, what is not has a reason."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.lib.python.literals import literal, literal_text
from transforms.lib.python.parsing import Rejected

scalars = (
    st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.floats(allow_nan=False)
)
keys = st.none() | st.booleans() | st.integers() | st.text()
values = st.recursive(
    scalars | st.frozensets(st.integers()).map(set),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(keys, inner),
    max_leaves=20,
)


def same(a, b):
    """Equal, and of the same types all through: 1 is not True, 1.0 is not 1, -0.0 is not 0.0."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(map(type, a)) == list(map(type, b)) and all(same(a[k], b[k]) for k in b)
    return a == b and (not isinstance(a, float) or math.copysign(1, a) == math.copysign(1, b))


@given(values)
def test_a_value_survives_its_text(value):
    assert same(literal(literal_text(value)), value)


@given(st.sets(st.text(), max_size=8))
def test_the_text_of_a_set_has_one_order(items):
    assert literal_text(set(items)) == literal_text(set(sorted(items, reverse=True)))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not_literal"),
        (" \n", "not_literal"),
        ("...", "not_literal"),
        ("[1, ...]", "not_literal"),
        ("x", "not_literal"),
        ("f(1)", "not_literal"),
        ("__import__('os')", "not_literal"),
        ("9**9**9", "not_literal"),
        ("'a' * 9", "not_literal"),
        ("1)\nx = (2", "not_literal"),
        ("9" * 5000, "not_python3"),
        ("(" * 5000, "not_python3"),
        ("-" * 5000 + "1", "too_deep"),
        ("[" * 150 + "]" * 150, None),
        ("'" + "a" * 1_000_001 + "'", "too_large"),
        ("'\\ud800'", None),
    ],
)
def test_a_literal_or_a_reason(text, reason):
    if reason is None:
        assert literal_text(literal(text))
        return
    with pytest.raises(Rejected) as error:
        literal(text)
    assert error.value.reason == reason


@pytest.mark.parametrize(
    "value",
    [float("nan"), object(), 10**5000, frozenset({1}), [range(3)]],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_literal(value):
    with pytest.raises(Rejected):
        literal_text(value)


def test_infinity_is_a_literal():
    assert literal(literal_text([math.inf, -math.inf])) == [math.inf, -math.inf]
