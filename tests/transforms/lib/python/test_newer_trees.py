"""Newest syntax becomes the same tree on every Python; libcst's grammar is the oracle."""

import ast

import libcst as cst
import pytest

from transforms.lib.python.newer_trees import parse_newest
from transforms.lib.python.parsing import Rejected, parse, parse_or_none
from transforms.lib.python.scopes import names_in
from transforms.lib.python.syntax_trees import unparsed

NEWER = (
    "def f[T](x: T) -> T:\n    return x\n",
    "def f[T: (int, str) = int, *Ts = *tuple[int], **P = [int]](x): pass\n",
    "class A[T: B, *Ts](C): pass\n",
    "class A[T]:\n  def f[U](self, x: U) -> T: pass\n",
    "class A[\n  T,  # c\n  U,\n]:\n  x = 1\n",
    "type X[T] = list[T]\ntype Y = int\ntype = 1\ntype(x)\n",
    "if a: type X = int; b\n",
    "x = f'{a['b']}' 'c' f\"{d}\"\n",
    "x = f'{'\\n'.join(a)}'\n",
    "x = f'''{\n  a # c\n}'''\n",
    "x = f'{\na\n}'\n",
    "x = f'{f'{f'{1}'}'}'\n",
    "x = f'{a:{b:{'c'}}}'\n",
    "def f():\n  f'{a['b']}'\n  return f'{x!r}{y['z']=}'.join(b)\n",
    "@d(f'{a['b']}')\ndef f(): pass\n",
    "x = t'{a}' ; y = rt'{a}\\d' ; z = T'{a!r:>{w}}'\n",
    "try: a\nexcept A, B: b\n",
    "try:\n  a\nexcept* A, B.c, D:\n  b\n",
    "try: a\nexcept(A),B: b\n",
    "lazy import os\nlazy from a import b  # c\n",
)
REFUSED = (
    "try: a\nexcept A, B as e: b\n",
    "try: a\nexcept A, : b\n",
    "def f[](x): pass\n",
    "def f[T: ](x): pass\n",
    "def f[1](x): pass\n",
    "def f[*T: int](x): pass\n",
    "type X[T]\n",
    "x = f'{a b['c']}'\n",
    "x = f'{'\n",
    "x = f'{['a'}'\n",
    "x = f'{}{a['b']}'\n",
    "def f[T](x): x = = 1\n",
    "x = t'{a b}'\n",
)


@pytest.mark.parametrize("text", NEWER)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_libcst_takes_has_a_tree(text: str, newline: str) -> None:
    text = text.replace("\n", newline)
    cst.parse_module(text)
    newest = parse_newest(text)
    assert newest.newer and newest.minor_version(0, len(text)) >= 12
    # It can be walked, measured and written by those who know nothing of newer syntax.
    unparsed(newest.tree)
    assert ast.dump(newest.tree)


@pytest.mark.parametrize("text", REFUSED)
def test_what_libcst_refuses_has_none(text: str) -> None:
    with pytest.raises(cst.ParserSyntaxError):
        cst.parse_module(text)
    assert parse_or_none(text) is None


def test_lines_and_columns_are_those_of_the_text() -> None:
    text = "x = f'é{a['b']}'; y = 1\n\n@d\ndef f[T: (\n  'é')](a: T): z = f'{\n  a}'; return 2\n"
    _, second, function = parse_newest(text).tree.body
    assert isinstance(function, ast.FunctionDef)
    assert ast.get_source_segment(text, second) == "y = 1"
    assert ast.get_source_segment(text, function.args.args[0]) == "a: T"
    assert ast.get_source_segment(text, function.body[1]) == "return 2"
    assert (function.lineno, function.end_lineno) == (4, 6)


def test_names_in_newer_syntax_are_in_the_tree() -> None:
    text = "def f[T: A](x=f'{b['c']:{d}}'): t'{e}'\ntype X = g\n"
    assert names_in(parse_newest(text).tree) >= {"b", "d", "e", "g", "f", "x"}
    (parameter,) = vars(parse_newest(text).tree.body[0])["type_params"]
    assert (parameter.name, parameter.bound.id) == ("T", "A")


@pytest.mark.parametrize(
    ("handler", "python_2"),
    [
        ("ValueError, e: print(e)", True),
        ("ValueError, e: pass", True),
        ("(A, B), err: pass", True),
        ("Exception,E: log(E)", True),
        ("ValueError, TypeError: pass", False),
        ("A, B: pass", False),
        ("A, Imported: log(Imported)", False),
        ("A, imported: pass", False),
        ("A, defined: pass", False),
        ("A, b.error: pass", False),
        ("A, e, f: pass", False),
        ("A, (b): pass", True),
    ],
)
def test_a_second_exception_or_the_variable_of_python_2(handler: str, python_2: bool) -> None:
    text = f"from a import Imported, b as imported\nclass defined: 0\ntry: a\nexcept {handler}\n"
    assert (parse_or_none(text) is None) == python_2


def test_what_must_run_here_is_told_to_be_newer() -> None:
    with pytest.raises(Rejected, match=r"newer_python: 3\.15"):
        parse("lazy import a")
    with pytest.raises(Rejected, match="not_python3"):
        parse("try: a\nexcept A, e: b")
