"""Source of strangers: a tree, or one reason why there is none."""

import ast
import gc
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

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


def test_threads_may_parse_at_once():
    """CPython 3.11 fails where another thread makes a tree meanwhile, as when garbage is found."""
    texts = [f"x = {'[' * depth}1{']' * depth}\n" * 60 for depth in (2, 30)]

    def wait(phase, info):
        time.sleep(0.0005)  # another thread's turn

    threshold = gc.get_threshold()
    gc.callbacks.append(wait)
    gc.set_threshold(60)
    try:
        with ThreadPoolExecutor(2) as pool:
            trees = list(pool.map(parse, texts * 4))
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(wait)
    assert {len(tree.body) for tree in trees} == {60}
