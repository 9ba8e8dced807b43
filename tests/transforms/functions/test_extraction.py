"""Every function is cut at the byte where libcst cuts it, on real and on made-up sources."""

import ast
import importlib.util
import random
import re
from pathlib import Path

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from libcst.metadata import (
    MetadataWrapper,
    PositionProvider,
    WhitespaceInclusivePositionProvider,
)

from transforms.functions.extraction import extract_functions

REAL = ("textwrap", "sched", "asyncio.locks", "unittest.async_case", "hmac")


def real_source(module: str) -> str:
    return Path(importlib.util.find_spec(module).origin).read_text()


class Reference(cst.CSTVisitor):
    """Collects functions as libcst sees them: name, begin, prompt, body and docstring."""

    def __init__(self, text: str) -> None:
        super().__init__()
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        self.inner = wrapper.resolve(PositionProvider)
        self.outer = wrapper.resolve(WhitespaceInclusivePositionProvider)
        self.text = text
        breaks = re.finditer(r"\r\n|\r|\n", text)
        self.lines = [0, *(found.end() for found in breaks), len(text)]
        self.names: list[str] = []
        self.functions: list[tuple] = []
        wrapper.module.visit(self)

    def at(self, position) -> int:
        return self.lines[position.line - 1] + position.column

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.names.append(node.name.value)

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        self.names.pop()

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.names.append(node.name.value)
        statement = node.body
        while isinstance(statement, cst.BaseSuite | cst.SimpleStatementLine):
            statement = statement.body[0]
        # libcst takes a concatenation for a docstring; the contract does not.
        literal = statement.value if isinstance(statement, cst.Expr) else None
        if isinstance(literal, cst.SimpleString) and isinstance(literal.evaluated_value, str):
            self.take(node, statement)
        self.names.append("<locals>")

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        del self.names[-2:]

    def take(self, node: cst.FunctionDef, statement: cst.Expr) -> None:
        first = node.decorators[0] if node.decorators else node
        begin, end = self.at(self.inner[first].start), self.at(self.outer[node].end)
        middle = self.at(self.inner[statement].end)
        prompt, body = self.text[begin:middle], self.text[middle:end]
        self.functions.append((".".join(self.names), begin, prompt, body, node.get_docstring()))


def ours(text: str) -> list[tuple]:
    """What extract_functions returns, as `Reference` has it; checks that all bytes are the file's."""
    content = text.encode()
    functions = []
    for row in extract_functions(text):
        begin, both = row["start_byte"], (row["prompt"] + row["body"]).encode()
        assert content[begin : begin + len(both)] == both
        place = len(content[:begin].decode())
        functions.append((row["qualname"], place, row["prompt"], row["body"], row["docstring"]))
    return functions


@pytest.mark.parametrize("module", REAL)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_real_sources(module: str, newline: str) -> None:
    text = real_source(module).replace("\n", newline)
    functions = ours(text)
    assert functions == Reference(text).functions
    assert functions


DOCSTRINGS = (
    '"""Doc."""',
    "'Doc.'",
    'r"""Raw \\d."""',
    'u"""Üní — ©."""',
    '"""A\n\n{}B\n{}"""',
    '"""A\n  b\n"""',
    "'''It's \"\"\" in.\\n'''",
    '("""In brackets.""")',
    '"a" "b"',
    'b"bytes"',
    'f"f {1}"',
    '""',
    '"""x\\\ny"""',
    '"""tab\n{}\ttab\n"""',
    '(  # why\n{}"""Doc.""")',
    "'joined \\\n  line'",
    "'''a''' '''b'''",
)
HEADERS = (
    "def {}():",
    "async def {}(a, b=1, *, c: int = (2)) -> None:",
    "def {}(  # open\n  a,\n{i}b,\n):",
    "def {}(a: 'it\\'s :' = \":\", /) -> (\n{i}int  # : why\n{i}):",
    "def {}(a=lambda x: {{1: 2}}, **k) :",
    "def {} \\\n{i}  (a, *args):  # c",
    "def {}(a='''\n):\n'''):",
    "def {}(é: \"ü\" = 'ö', ) -> Dict[str, int]:",
)
DECORATORS = (
    "",
    "",
    "@d\n{i}",
    "@d(1,\n  2)  # @ no\n{i}# between\n\n{i}@ e.f\n{i}",
    "@(  # c\n{i}  d)\n{i}",
)
GAPS = ("\n{j}", "  # c\n\n   # odd\n{j}# even\n{j}", "\n{j}", "\n{j}\\\n{j}")
ONE_LINE = (" ", " \\\n  ", "")
ONE_LINE_BODIES = (
    "",
    "; return 1",
    " ;  # c",
    "; x = (1,\n  2);",
    "; y = \\\n 1  # d",
    "; import a",
)
BODIES = (
    *ONE_LINE_BODIES,
    "\n{j}return (a)",
    "\n{j}return 1  # end",
    "\n\n{j}if a:\n{j}  pass;\n{j}  # in\n{j}# out\n",
    "\n{j}x = 1 \\\n\n",
    "\n{j}x = '''\n# no comment\n'''\n {i}# less\n{j}# footer\n\n",
    "\n{j}\x0c\n{j}...\n{j}\n",
    "\n{j}@d\n{j}def inner(): 'inner'\n{j}return inner\n\n\n",
    "\n{j}class A:\n{j} def m(self):\n{j}  'm'\n{j}  # m\n{j} # A\n",
    "\n{j}try:\n{j}    def t():\n{j}        '''t'''\n{j}finally: pass\n{j}match a:\n{j} case 1:\n{j}  def u(): 'u'; return 2\n",
)
BETWEEN = ("\n", "\n\n", "\n# alone\n\n", "\n\n{i}# above\n", "\n{j}# deep\n\n")


def made_up(seed: int) -> str:
    """Functions at all levels, in forms that Python allows but nobody writes."""
    rng = random.Random(seed)
    step = rng.choice(("    ", "\t", "  ", " \t"))
    parts, level = [rng.choice(("", "x = 1\n", "\n\n# c\n"))], 0
    for number in range(rng.randrange(1, 5)):
        if rng.random() < 0.4:
            parts.append(f"{step * level}class C{number}:\n{step * (level + 1)}a = 1\n")
            level += 1
        elif level and rng.random() < 0.3:
            level -= 1
        i, j = step * level, step * (level + 1)
        rest = rng.choice(((GAPS, BODIES), (GAPS, BODIES), (ONE_LINE, ONE_LINE_BODIES)))
        pieces = [DECORATORS, HEADERS, rest[0], DOCSTRINGS, rest[1], BETWEEN]
        decorator, header, gap, docstring, body, between = map(rng.choice, pieces)
        text = decorator + header.replace("{}", f"f{number}", 1).replace("{{", "{").replace(
            "}}", "}"
        )
        text += gap + docstring.replace("{}", j) + body + between
        parts.append(i + text.replace("{i}", i).replace("{j}", j))
    text = "".join(parts)
    text = text.rstrip("\n") if rng.random() < 0.3 else text
    return text.replace("\n", "\r\n") if rng.random() < 0.3 else text


def is_python(text: str) -> bool:
    try:
        ast.parse(text)
        cst.parse_module(text)
    except (SyntaxError, cst.ParserSyntaxError):
        return False
    return True


def test_made_up_sources_are_python_often_enough() -> None:
    assert sum(is_python(made_up(seed)) for seed in range(300)) > 150


@settings(max_examples=600)
@given(st.integers(0, 2**32))
def test_made_up_sources(seed: int) -> None:
    text = made_up(seed)
    if is_python(text):
        assert ours(text) == Reference(text).functions


def test_surrogates_become_escapes() -> None:
    (row,) = extract_functions("def f():\n  'a \\ud800 b'\n")
    assert row["docstring"] == "a \\ud800 b"
