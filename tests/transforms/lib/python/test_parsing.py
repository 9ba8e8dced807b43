"""Source of strangers: a tree, or one reason why there is none."""

import ast
import warnings

import pytest

from transforms.lib.python.parsing import (
    Rejected,
    parse,
    parse_expression,
    parse_or_none,
    symbol_table,
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("print 1", "not_python3"),
        ("x = '\0'", "not_python3"),
        ("x = '\ud800'", "not_python3"),
        ("a" + ".b" * 300, "too_deep"),
        ("a" + ".b" * 100_000, "too_deep"),
        ("if 1:pass\n" + "elif 1:pass\n" * 300, "too_deep"),
        ("x = 1\n" * 200_000, "too_large"),
    ],
)
def test_a_module_or_a_reason(text, reason):
    with pytest.raises(Rejected) as error:
        parse(text)
    assert error.value.reason == reason


@pytest.mark.parametrize("text", ["print 1", "x = '\0'", "x = '\ud800'", "-" * 100_000 + "1"])
def test_none_or_a_reason(text):
    assert parse_or_none(text) is None
    for read in (parse_expression, symbol_table):
        with pytest.raises(Rejected):
            read(text)


def test_without_bounds_a_large_tree_is_parsed():
    assert parse_or_none("x = 1\n" * 200_000 + "a" + ".b" * 300) is not None


@pytest.mark.parametrize(
    "text", ["nonlocal x", "def f(a, a): pass", "def f():\n    x = 1\n    global x"]
)
def test_a_tree_without_a_symbol_table_is_rejected(text):
    assert parse(text)
    with pytest.raises(Rejected, match="not_python3: SyntaxError"):
        symbol_table(text)


def test_nothing_is_said_of_a_strangers_source():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(parse("x = '\\d'"), ast.Module)
