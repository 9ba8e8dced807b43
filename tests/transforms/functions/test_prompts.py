"""Prompts as HumanEval writes them: their imports, their dedenting, and that they say the same."""

import ast
import gzip
import inspect
import json
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.functions.extraction import extract_functions
from transforms.functions.prompts import dedented_docstring
from transforms.functions.rewriting import rewritten

HUMAN_EVAL = '''\
from typing import List


def has_close_elements(numbers: List[float], threshold: float) -> bool:
    """ Check if in given list of numbers, are any two numbers closer to each other than
    given threshold.
    >>> has_close_elements([1.0, 2.0, 3.0], 0.5)
    False
    """
'''
BODY = "    return min(numbers) < threshold\n"


def prompt(text: str) -> str:
    """The humaneval_prompt of the only function of a file."""
    (row,) = extract_functions(text, rewritten)
    return row["humaneval_prompt"]


def test_humaneval_is_its_own_prompt() -> None:
    assert prompt(HUMAN_EVAL + BODY) == HUMAN_EVAL


def test_a_method_becomes_a_function() -> None:
    imports, function = HUMAN_EVAL.split("\n\n\n")
    method = textwrap.indent(function + BODY, "        ")
    text = f"import os\n{imports}, Dict\n\nif True:\n    class A:\n{method}"
    assert prompt(text) == HUMAN_EVAL
    assert prompt(text.replace("\n", "\r\n")) == HUMAN_EVAL


IMPORTS = """\
'''Module.'''
from __future__ import annotations, division
import os, sys as system
import xml.dom, xml.sax
import xml.etree as tree
from a.b import (c, d as e,
                 g)
from . import near
from ..up import over as under
from star import *
try:
    import fast as quick
except ImportError:
    import slow as quick
if True:
    from typing import List
def other():
    import hidden
"""


@pytest.mark.parametrize(
    ("function", "imports"),
    [
        ("def f(): 'd'; return 1", ""),
        ("def f(): 'os'; x.sys  # os", ""),
        (
            "def f(x): 'd'; return os.path, system, e, c",
            "import os\nimport sys as system\nfrom a.b import c, d as e",
        ),
        ("def f(): 'd'; xml.sax", "import xml.dom\nimport xml.sax"),
        ("def f(): 'd'; tree, hidden", "import xml.etree as tree"),
        ("def f(os): 'd'; return [near for near in os]", ""),
        ("def f(): 'd'; near(under)", "from . import near\nfrom ..up import over as under"),
        ("def f(): 'd'; quick", "import fast as quick"),
        (
            "@g\ndef f(a: List): 'd'",
            "from __future__ import annotations\nfrom a.b import g\nfrom typing import List",
        ),
    ],
)
def test_the_imports_that_a_function_needs(function: str, imports: str) -> None:
    written = prompt(IMPORTS + function + "\n")
    head, _, tail = written.rpartition("\n\n\n")
    assert head == imports
    signature = function.split(": 'd'")[0].split(": 'os'")[0]
    assert tail == signature + written[written.index(":\n    '") :]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "class A:\n  def f(\n a,\n      b,\n  ):\n    '''D\n\n    e\n    '''\n",
            "def f(\na,\n    b,\n):\n  '''D\n\n  e\n  '''\n",
        ),
        (
            "class A:\n\t@d\n\t# c\n\tdef f(self):  # c\n\t\t'''D\n\t\te\n\t\t'''\n",
            "@d\n# c\ndef f(self):  # c\n\t'''D\n\te\n\t'''\n",
        ),
        (
            "class A:\n  def f(self, a='''\n  x'''):\n    'D'\n",
            "def f(self, a='''\n  x'''):\n  'D'\n",
        ),
        (
            "class A:\n    def f(self, a=1 + \\\n    2): ('D'); pass\n",
            "def f(self, a=1 + \\\n    2):\n    'D'\n",
        ),
        (
            "class A:\n    def f(self):\n        '''D\n   less\n        '''\n",
            "def f(self):\n    '''D\n   less\n        '''\n",
        ),
        (
            "class A:\n    def f(self):\n        '''D\n        a\tb\n        '''\n",
            "def f(self):\n    '''D\n        a\tb\n        '''\n",
        ),
        ("def f(): # c\n  'D'; return 1", "def f(): # c\n  'D'\n"),
    ],
)
def test_dedenting(source: str, expected: str) -> None:
    assert prompt(source) == expected


LINES = st.lists(st.text(st.sampled_from(" \t  ab\\"), max_size=14), min_size=1, max_size=5)


@pytest.mark.filterwarnings("ignore:invalid escape")
@settings(max_examples=300)
@given(LINES, st.sampled_from(["", "  ", "    ", "\t", "        "]))
def test_a_docstring_says_the_same_dedented(lines: list[str], indent: str) -> None:
    literal = '"""' + "\n".join([lines[0], *(indent + line for line in lines[1:])]) + '\n"""'
    try:
        before = ast.literal_eval(literal)
    except SyntaxError:
        return
    after = ast.literal_eval(dedented_docstring(literal, indent))
    assert inspect.cleandoc(after).rstrip() == inspect.cleandoc(before).rstrip()


def test_prompts_of_real_modules_are_programs() -> None:
    """Each is a program by itself that defines one function with the same docstring."""
    for module in (textwrap, inspect, gzip, json, ast):
        for row in extract_functions(Path(module.__file__).read_text(), rewritten):
            *imports, function = ast.parse(row["humaneval_prompt"]).body
            assert all(isinstance(node, ast.Import | ast.ImportFrom) for node in imports)
            assert ast.get_docstring(function).rstrip() == row["docstring"].rstrip()
            assert function.col_offset == 0 and len(function.body) == 1
