"""What a function misses beside its humaneval_prompt, and whether that is all that it needs."""

import pytest

from transforms.functions.extraction import extract_functions

MODULE = """\
import os, numpy as np
from . import near
from ..up import far as away
LIMIT = 3
def helper(): pass
class Base: pass
"""


def found(function: str, module: str = MODULE) -> tuple[list[str], list[str], bool | None]:
    """imports, missing and self_contained of the last function of a file."""
    row = extract_functions(module + function)[-1]
    return row["imports"], row["missing"], row["self_contained"]


@pytest.mark.parametrize(
    ("function", "imports", "missing"),
    [
        ("def f(x): 'd'; return os.path.join(len(x), __name__)", ["os"], []),
        ("def f(x): 'd'; return f(x - 1)", [], []),
        ("def f(x): 'd'; return helper(x, LIMIT, unknown)", [], ["LIMIT", "helper", "unknown"]),
        ("def f(x: Base) -> np.array: 'd'", ["numpy"], ["Base"]),
        ("@near\ndef f(x=away): 'd'", [".", "..up"], ["away", "near"]),
        ("def f(x):\n  'd'\n  from .a import b, c as d\n  return b", [], ["b", "d"]),
        ("def f(x):\n  'd'\n  from a import b\n  return b", [], []),
        ("def f[T](x: T) -> T:\n  'd'\n  type X = T\n  return X", [], []),
        ("def f(x):\n  'd'\n  global y\n  y = 1", [], []),
        ("def g(y):\n  def f(): 'd'; return y", [], ["y"]),
        ("def g(y):\n  def f():\n    'd'\n    nonlocal y\n    y = 1", [], ["y"]),
        ("class A:\n  def f(self): 'd'; return 1", [], []),
        ("class A:\n  def f(self): 'd'; return self.x", [], ["self"]),
        ("class A:\n  def f(self): 'd'; return lambda: self", [], ["self"]),
        ("class A:\n  def f(self): 'd'; return super().f()", [], ["super"]),
        ("class A:\n  @classmethod\n  def f(cls): 'd'; return cls()", [], ["cls"]),
        ("class A:\n  @staticmethod\n  def f(x): 'd'; return x", [], []),
        ("class A:\n  def helper(self): 'd'; return helper()", [], ["helper"]),
        ("class A:\n  y = 1\n  @y.setter\n  def f(self): 'd'", [], ["y"]),
    ],
)
def test_missing(function: str, imports: list[str], missing: list[str]) -> None:
    assert found(function) == (imports, missing, not missing)


@pytest.mark.parametrize(
    ("function", "missing", "expected"),
    [
        ("def f(x): 'd'; return x", [], True),
        ("def f(x): 'd'; return os.sep", [], True),
        ("def f(x): 'd'; return sum(x)", [], None),  # numpy has another sum
        ("def f(x): 'd'; return sin(x)", ["sin"], None),
        ("def f(x): 'd'; return sin(LIMIT)", ["LIMIT", "sin"], False),
        ("def g(sin): pass\ndef f(x): 'd'; return sin(x)", ["sin"], None),
        ("def g(sin):\n  def f(x): 'd'; return sin(x)", ["sin"], False),
        ("class A:\n  def f(self): 'd'; return self", ["self"], False),
        ("def f(x): 'd'; return near", ["near"], False),
    ],
)
def test_star_imports_make_it_unknown(
    function: str, missing: list[str], expected: bool | None
) -> None:
    module = MODULE + "if LIMIT:\n  from math import *\n"
    assert found(function, module)[1:] == (missing, expected)
