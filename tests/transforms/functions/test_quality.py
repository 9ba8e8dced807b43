"""The columns to select functions by."""

import ast

import pytest

from transforms.functions import quality


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
        ("a", "x/testing/b/a.py", False),
        ("a", "x/testing/test_b.py", True),
        ("a", "numpy/testing/_private/a.py", False),
        ("a", "app/tests.py", True),
        ("a", "app/test.py", True),
        ("a", "app/Tests/a.py", True),
        ("a", "unit_tests/a.py", True),
        ("a", "tests_slow/a.py", True),
        ("a", "_pytest/a.py", False),
        ("a", "x/attest.py", False),
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
        ("return", True, False),
        ("return None", True, False),
        ("if a:\n      return None", False, False),
        ("if a:\n      return None\n    return a", False, True),
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
