"""Imports that judges provide: for names that nothing defines, and for no other."""

import pytest

from transforms.lib.problems.provided_imports import (
    imports_for,
    required_distributions,
    undefined_names,
)
from transforms.lib.python.modules import Module
from transforms.lib.python.parsing import Rejected, parse
from transforms.lib.python.scopes import free_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("def f(x: List[int]): return pow(2, x, 5) + inf", {"List", "inf"}),
        ("from math import inf\ndef f(): return inf", set()),
        ("def f():\n  def g(): return h\n  h = 1\n  return g", set()),
        ("class A:\n  def top(self): return self.a", set()),
        ("def f(): global k; k = 1\ndef g(): return k", set()),
        ("x = [i for i in y]", {"y"}),
        ("lambda a: a + b", {"b"}),
    ],
)
def test_undefined(text, names):
    assert undefined_names(Module(text)) == names


def test_builtins_are_free_names_too():
    assert free_names("def f(x): return sum(x)") == {"sum"}


@pytest.mark.parametrize(
    ("text", "lines", "unknown"),
    [
        ("List gcd", ["from math import gcd", "from typing import List"], set()),
        ("Counter", ["from collections import Counter"], set()),
        ("bisect(a, 1)", ["from bisect import bisect"], {"a"}),
        ("bisect.bisect(a, 1)", ["import bisect"], {"a"}),
        ("random.random()", ["import random"], set()),
        ("re.sub", ["import re"], set()),
        ("np", ["import numpy as np"], set()),
        ("heappop heappush heapify", ["from heapq import heapify, heappop, heappush"], set()),
        ("knows", [], {"knows"}),
    ],
)
def test_imports_for(text, lines, unknown):
    names = set(
        text.replace("(", " ").replace(")", " ").replace(",", " ").replace(".", " ").split()
    )
    names -= {"1", "sub"}
    assert imports_for(names & free_names(text.replace(" ", "\n")), text) == (lines, unknown)


def test_required_distributions():
    text = (
        "import os.path, numpy as np\nfrom sortedcontainers import SortedList\ndef f(): import re"
    )
    assert required_distributions(parse(text)) == ["numpy", "sortedcontainers"]
    for text in ("import pandas", "from .a import b", "from . import a"):
        with pytest.raises(Rejected):
            required_distributions(parse(text))
