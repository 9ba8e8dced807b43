"""Prompts as HumanEval writes them: their imports, their dedenting, and that they say the same."""

import ast
import contextlib
import gzip
import inspect
import json
import textwrap
import typing
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.functions.test_extraction import is_python, made_up
from transforms.functions.extraction import extract_functions
from transforms.functions.prompts import dedented_docstring
from transforms.lib.python.parsing import parse_or_none
from transforms.lib.python.source_text import BOM
from transforms.lib.python.syntax_trees import qualified

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
    (row,) = extract_functions(text)
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
            "def f(self, a=1 + \\\n2):\n    'D'\n",
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


LINES = st.lists(st.text(st.sampled_from(" \t  abn\\"), max_size=14), min_size=1, max_size=5)


@pytest.mark.filterwarnings("ignore:invalid escape")
@settings(max_examples=300)
@given(LINES, st.sampled_from(["", "  ", "    ", "\t", "        "]))
def test_a_docstring_says_the_same_dedented(lines: list[str], indent: str) -> None:
    literal = '"""' + "\n".join([lines[0], *(indent + line for line in lines[1:])]) + '\n"""'
    try:
        before = ast.literal_eval(literal)
    except SyntaxError:
        return
    after = ast.literal_eval(dedented_docstring(literal.encode(), indent.encode()).decode())
    assert inspect.cleandoc(after).rstrip() == inspect.cleandoc(before).rstrip()


def function_of(text: str, qualname: str, line: int) -> ast.FunctionDef | ast.AsyncFunctionDef:
    """The first function of that name in a module whose `def` is in that line or below it."""
    named = qualified(parse_or_none(text.removeprefix(BOM)))
    return next(node for name, node in named if name == qualname and node.lineno >= line)


def joined(text: str) -> int:
    """How many functions a file has, each of which is the same program as in the file.

    Prompt and body are the bytes of the file; humaneval_prompt and humaneval_body together are a
    module of imports and the function, with the same tree but for the blanks of its docstring.
    """
    rows = extract_functions(text)
    for row in rows:
        both = (row["prompt"] + row["body"]).encode()
        assert text.encode()[row["start_byte"] :].startswith(both)
        written = row["humaneval_prompt"] + row["humaneval_body"]
        *imports, function = parse_or_none(written).body
        assert all(isinstance(node, ast.Import | ast.ImportFrom) for node in imports)
        original = function_of(text, row["qualname"], row["start_line"])
        docstrings = [ast.get_docstring(node) for node in (function, original)]
        assert docstrings[0].rstrip() == docstrings[1].rstrip()
        function.body[0] = original.body[0]
        assert ast.dump(function) == ast.dump(original), written
        assert function.col_offset == 0
    return len(rows)


@pytest.mark.parametrize("module", [textwrap, inspect, gzip, json, ast, typing, contextlib])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_functions_of_real_modules_are_programs(module: ModuleType, newline: str) -> None:
    text = Path(module.__file__).read_text()
    assert joined(text.replace("\n", newline)) > 2


@settings(max_examples=600)
@given(st.integers(0, 2**32))
def test_functions_of_made_up_sources_are_programs(seed: int) -> None:
    text = made_up(seed)
    if is_python(text):
        joined(text)


METHOD = "class A:\n    def f(x):\n        'd'\n        "
FUNCTION = "def f(x):\n    'd'\n    "


@pytest.mark.parametrize(
    ("source", "indent", "expected"),
    [
        ("def f(): 'd'; return 1\n", "", "def f():\n    'd'\n    return 1\n"),
        ("def f(): 'd'  # c\n", "", "def f():\n    'd'\n    # c\n"),
        ("def f():\n  'd'; a = 1\n  return a\n", "", "def f():\n  'd'\n  a = 1\n  return a\n"),
        ("def f():\n  'd' ; # c\n  return 1", "", "def f():\n  'd'\n  # c\n  return 1"),
        ("class A:\n  def f(): 'd'; b(\n1,\n  2)\n", "  ", "def f():\n    'd'\n    b(\n1,\n2)\n"),
        ("x = 1\n\n\x0cdef f(x):\n    'd'\n    return x\n", "", f"{FUNCTION}return x\n"),
        ("class A:\n\x0c  def f():\n    'd'\n\x0c    x\n", "  ", "def f():\n  'd'\n\x0c  x\n"),
        ("class A:\n  \x0c  def f():\n    'd'\n", "  ", "def f():\n  'd'\n"),
        ("\ufeffdef f(x):\n    'd'\n    return 1\n", "", f"{FUNCTION}return 1\n"),
        (f"{METHOD}return '''\n        x'''\n", "    ", f"{FUNCTION}return '''\n        x'''\n"),
        (f"{METHOD}x = 'a\\\n        b'\n", "    ", f"{FUNCTION}x = 'a\\\n        b'\n"),
        (
            f"{METHOD}if x:\n  # c\n\n         a(\n1)\n",
            "    ",
            f"{FUNCTION}if x:\n  # c\n\n     a(\n1)\n",
        ),
        (f"{METHOD}\n        \n        pass", "    ", f"{FUNCTION}\n    \n    pass"),
        (
            f"{METHOD}a = f'{{x['a']}}\\n{{'''\n        b'''}}'\n",
            "    ",
            f"{FUNCTION}a = f'{{x['a']}}\\n{{'''\n        b'''}}'\n",
        ),
        (
            "if 1:\n  \tdef f():\n\t    'd'\n\t    return 1\n",
            "  \t",
            "def f():\n\t    'd'\n\t    return 1\n",
        ),
        (
            "class A:\n  @a\n  # c\n  @b(\n1)\n  async def f():\n    # why\n\n    'd'\n    await x\n",
            "  ",
            "@a\n# c\n@b(\n1)\nasync def f():\n  # why\n\n  'd'\n  await x\n",
        ),
    ],
)
def test_prompt_and_body_go_on(source: str, indent: str, expected: str) -> None:
    (row,) = extract_functions(source)
    assert row["humaneval_prompt"] + row["humaneval_body"] == expected
    assert row["indent"] == indent
    assert joined(source) == 1
