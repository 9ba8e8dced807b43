"""The lexical signals against Python's own tokenizer and parser, and on what is no Python."""

import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.plain_signals import plain_counts
from tests.support.python_texts import FILES, LIBRARY, SOURCES
from transforms.corpus.quality.lexical import lexical_counts
from transforms.corpus.quality.line_kinds import string_end
from transforms.lib.python.lexing import END, STRING, token
from transforms.lib.text.batch import text_batch

BLOCKS = [
    "x = 1\n",
    "    \n",
    "\f\n",
    "# A comment.\n",
    "y = 'a'  # a comment\n",
    "import os, sys\n",
    "from a import (b,\n    c)  # d\n",
    "print(x)\n",
    "printed = x.print\n",
    "if x:\n    pass\nelse: pass\n",
    "bypass\n",
    "x = 1; pass; import b; print\n",
    '"""A string\n\n  of lines."""\n',
    "'a' \\\n  'b'\n",
    "'a'; x = 2\n",
    "'a'.b\n",
    "b'a'\n",
    "f'a'\n",
    "u'a' 'b' f'c'\n",
    "x = '''a\n # b\n'''\n",
    "x = [\n    1,  # c\n\n    2]\n",
    "x = {\n    'a': {\n    },\n    'b': {\n    },\n}\n",
    "x = 'a\\\n  b'\n",
    "@a\nclass A(B, c=lambda x: 1):\n    r'''Doc.\n\n    More.'''\n    x: int = 1\n",
    "class A: x = 1\n",
    "def f(self, a: int, *, b=lambda x, y=lambda z: 1: 2, **k):\n    # c\n\n    'Doc.'  # d\n",
    "async def g(cls, a, /, b: 'str' = ')', *c: (int, d)) -> {'a': b}:\n    return a\n",
    "def h(a=(1, b), c=[d for d in e], f: int = 3 if g else 4): pass\n",
    "def k(): 'Doc.'\n",
    "def m(\n    a,  # (\n    self,\n): return [lambda: a]\n",
    "async def n():\n    async for x in y:\n        yield\n",
]


def counts_of(text: str) -> dict[str, int]:
    counts = lexical_counts(text_batch(pa.array(["", text])))
    return {name: int(values[1]) for name, values in vars(counts).items()}


@given(st.lists(st.sampled_from(BLOCKS), max_size=12).map("".join))
def test_the_counts_are_those_of_python(text: str) -> None:
    expected = plain_counts(text)
    assert counts_of(text) == expected
    assert counts_of("\ufeff" + text.replace("\n", "\r\n")) == expected
    assert counts_of(text.removesuffix("\n")) == plain_counts(text.removesuffix("\n"))


@pytest.mark.parametrize("name", FILES)
def test_real_files(name: str) -> None:
    text = (LIBRARY / name).read_text("utf-8")
    expected = plain_counts(text)
    assert counts_of(text) == expected


@given(SOURCES)
def test_what_is_no_python_is_counted_too(text: str) -> None:
    """Every line that is not blank is of one kind, and strings end where the lexer has them end."""
    counts = counts_of(text)
    lines = [line for line in re.split("[\r\n]", text) if any(c > " " for c in line)]
    kinds = counts["code_lines"] + counts["docstring_lines"] + counts["comment_lines"]
    assert kinds == len(lines)
    assert counts["duplicate_lines"] <= counts["code_lines"]
    data = np.frombuffer(text.encode(), np.uint8)
    at = kind = 0
    while kind != END:
        kind, begin, at = token.py_func(data, at, len(data))
        if kind == STRING:
            first = begin + next(i for i, byte in enumerate(data[begin:at]) if byte in b"'\"")
            breaks = sum(byte in b"\r\n" for byte in data[first:at])
            assert string_end(data, first, len(data)) == (at, breaks)


@pytest.mark.parametrize(
    "text",
    [
        "def f(" * 100_000,
        "'''" * 300_001,
        "def f\n" * 100_000,
        "x = (\n" * 100_000,
        "\\\n" * 300_000,
    ],
)
def test_hostile_texts_take_linear_time(text: str) -> None:
    assert counts_of(text)["duplicate_lines"] <= 100_000


def test_type_parameters_are_no_parameters() -> None:
    text = "def f[T: (int, str), *U](x: T, y) -> T: ...\n"
    assert (counts_of(text)["parameters"], counts_of(text)["annotated"]) == (2, 1)
