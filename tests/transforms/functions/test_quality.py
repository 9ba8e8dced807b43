"""The columns to select functions by, signatures as written, and the language of docstrings."""

import ast

import pytest

from transforms.functions import quality
from transforms.functions.extraction import extract_functions
from transforms.functions.language import language
from transforms.functions.rewriting import rewritten


@pytest.mark.parametrize(
    ("qualname", "path", "expected"),
    [
        ("test_a", "a.py", True),
        ("TestA.a", "a.py", True),
        ("ATests.setUp", "a.py", True),
        ("a.<locals>.b", "a.py", False),
        ("run_tests", "a.py", True),
        ("latest", "a.py", False),
        ("attest_Contest", "a.py", False),
        ("aTest", "a.py", True),
        ("a", "tests/a.py", True),
        ("a", "x/testing/b/a.py", True),
        ("a", "test_a.py", True),
        ("a", "x/a_test.py", True),
        ("a", "conftest.py", True),
        ("a", "x/contests/latest.py", False),
        ("a", None, False),
    ],
)
def test_is_test(qualname: str, path: str | None, expected: bool) -> None:
    assert quality.is_test(qualname, path) == expected


def function(body: str) -> ast.FunctionDef:
    (node,) = ast.parse(f"def f():\n    'd'\n    {body}\n").body
    return node


@pytest.mark.parametrize(
    ("body", "stub", "returns"),
    [
        ("", True, False),
        ("pass", True, False),
        ("...", True, False),
        ("raise NotImplementedError", True, False),
        ("raise NotImplementedError('a')", True, False),
        ("'more'; pass", True, False),
        ("return", False, False),
        ("return None", False, True),
        ("raise ValueError", False, False),
        ("f()", False, False),
        ("yield 1", False, False),
        ("if a:\n      for b in c:\n        return b", False, True),
        ("def g(): return 1", False, False),
        ("try: pass\n    except A: return 1", False, True),
        ("match a:\n      case 1: return 2", False, True),
        ("class A:\n      def g(self): return 1", False, False),
        ("return lambda: 1", False, True),
    ],
)
def test_stubs_and_returns(body: str, stub: bool, returns: bool) -> None:
    node = function(body)
    assert (quality.is_stub(node), quality.has_return(node)) == (stub, returns)


def test_dunder() -> None:
    names = ["__init__", "__", "____", "__a", "a__", "_a_", "__é__"]
    assert [quality.is_dunder(name) for name in names] == [True, *[False] * 5, True]


SIGNED = '''
@ a.b (1)
@(c)
async  def f(a, b: "x" = (1), /, c=[1,
        2], *d: int, e, g: (h) = ( # )
        -1), **i: "j") -> (
    k):  # c
    """Doc."""
'''


def test_signature_as_written() -> None:
    (row,) = extract_functions(SIGNED, rewritten)
    assert row["decorators"] == ["a.b (1)", "(c)"]
    assert row["signature"] == SIGNED[SIGNED.index("async") : SIGNED.index(":  # c")]
    assert row["parameters"] == [
        ("a", "positional_only", None, None),
        ("b", "positional_only", '"x"', "(1)"),
        ("c", "positional_or_keyword", None, "[1,\n        2]"),
        ("d", "var_positional", "int", None),
        ("e", "keyword_only", None, None),
        ("g", "keyword_only", "(h)", "( # )\n        -1)"),
        ("i", "var_keyword", '"j"', None),
    ]
    assert row["returns"] == "(\n    k)"
    assert row["kind"] == "async_function" and row["min_python"] == "3.8"


@pytest.mark.parametrize(
    ("docstring", "expected"),
    [
        ("Return the number of items.", "en"),
        ("int", "en"),
        ("", None),
        ("1 + 2\n\n\t***", None),
        ("返回列表中所有元素的总和，并检查输入是否有效。", "zh"),
        ("リストの要素の合計を返します。", "ja"),
        ("Возвращает сумму всех элементов списка.", "ru"),
        ("Gibt die Summe aller Elemente der Liste zurück und prüft, ob sie gültig sind.", "de"),
    ],
)
def test_language(docstring: str, expected: str | None) -> None:
    assert language(docstring) == expected


def test_surrogates_become_escapes() -> None:
    (row,) = extract_functions("def f():\n  'a \\ud800 b'\n", rewritten)
    assert row["docstring"] == "a \\ud800 b"
