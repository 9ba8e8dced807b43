"""What is newer than a Python is found and rewritten, byte for byte, and nothing else is."""

import ast
import importlib.util
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.lib.python.newer_syntax import (
    Kind,
    newer_syntax,
    rewritten,
)
from transforms.lib.python.parsing import parse_or_none
from transforms.lib.python.string_literals import UnclosedSyntax

# Modules of which some have f-strings in all forms, `type` as a name, and brackets after names.
REAL = ("argparse", "dataclasses", "inspect", "pdb", "typing", "ast", "unittest.mock", "enum")

PIECES = (
    "def f[T: (int, str) = int, *Ts, **P](a: T) -> T:\n",
    "class A[T]:\n",
    "class A[\n  T,  # c [\n  U = '],',\n](B, c=1):\n",
    "async def \\\n g[T](): pass\n",
    "type X = int\n",
    "type X[\n T] = list[T]\n",
    "type = 1; type (x); x = type if type else type\n",
    "try:\n  a\nexcept A, B:\n  b\nexcept* C,D, e.f:\n  c\n",
    "except",
    "f'{a['b']}'",
    'f"""{a["""b"""]}"""',
    "rf'{x:{'y'}}' \\\n t'{z!r}'",
    "f'{\na\n}'",
    "f'{\n  a\n  }'",
    "f'a' 'b' \"{\" '}'",
    "f'{",
    "'''",
    '"',
    "#'\n",
    "lazy from a import (b,\n c)\n",
    "{[(",
    ")]}",
    "é\r\n",
    "\\",
    "  ",
)


@given(st.lists(st.sampled_from(PIECES), max_size=6))
def test_a_text_stays_as_long_with_the_same_lines(pieces: list[str]) -> None:
    content = "".join(pieces).encode()
    try:
        found = newer_syntax(content)
    except UnclosedSyntax:
        return
    text = rewritten(content, found)
    assert len(text) == len(content)
    kept = [(at, byte) for at, byte in enumerate(content) if byte in b"\r\n"]
    assert kept == [(at, byte) for at, byte in enumerate(text) if byte in b"\r\n"]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="its library may have newer syntax")
@pytest.mark.parametrize("module", REAL)
def test_nothing_is_found_in_what_python_parses(module: str) -> None:
    assert newer_syntax(Path(importlib.util.find_spec(module).origin).read_bytes()) == []


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("f'{a}' f'{a!r:>{w}}' f'{{' f'{a:{b}}' f'{x!=y}'", 0),
        ("f'{a[\"b\"]}' f\"{a['b']}\" f'''{a['b']}'''", 0),
        ("f'{a}\\n' rf'\\{a}' f'\\N{DIGIT ONE}{a}' f'{a:\\n}'", 0),
        ("f'''{\na}''' f'{(lambda x: 1)}' f'{a=}' f'{a = !r:^20}' f'{d[\"#\"]}'", 0),
        ("f'{a['b']}'", 12),
        ("f'{'\\n'.join(a)}'", 12),
        ("f'''{a  # c\n}'''", 12),
        ("f'{a +\n b}'", 12),
        ("f'{a:{b:{c}}}'", 12),
        ('f\'{f"{a["b"]}"}\'', 12),
        ("f'{3!s  }'", 12),
        ("def f[T](): pass", 12),
        ("def f[T = int](): pass", 13),
        ("class A[*Ts = *tuple[int]]: pass", 13),
        ("type X = int", 12),
        ("type X[T = int] = T", 13),
        ("t'{a}'", 14),
        ("try: pass\nexcept A, B: pass", 14),
        ("lazy import a", 15),
        ("type (x)\ntype[x]\nx = type if type in type else type\nlazy = type", 0),
        ("try: pass\nexcept (A, B): pass\nexcept f(a, b): pass\nexcept: pass", 0),
        ("x = 'def f[T]()'  # type X = 1\n'''\nexcept A, B:\n'''", 0),
    ],
)
def test_the_version_that_a_text_needs(text: str, minor: int) -> None:
    assert max((found.minor for found in newer_syntax(text.encode())), default=0) == minor
    assert parse_or_none(text)
    if minor == 0 and "#" not in text:
        ast.parse(text)


def test_one_construct_is_whole() -> None:
    text = "def f[T: A[B], *Ts, **P = [int]](a=f'{b['c']}'): ..."
    generic, string = newer_syntax(text.encode())
    assert text.encode()[generic.begin : generic.end] == b"def f[T: A[B], *Ts, **P = [int]]("
    parameters = [(p.stars, p.name, p.bound, p.default) for p in generic.parameters]
    assert parameters == [
        (0, "T", b" A[B]", None),
        (1, "Ts", None, None),
        (2, "P", None, b" [int]"),
    ]
    assert (string.kind, string.fields) == (Kind.F_STRING, (b"b['c']",))


@pytest.mark.parametrize(
    "text", ["f'{a", "f'{a)}'", "f'}'", "def f[T", "def f[1](): 0", "f'{" * 40]
)
def test_what_does_not_close(text: str) -> None:
    with pytest.raises(UnclosedSyntax):
        newer_syntax(text.encode())
