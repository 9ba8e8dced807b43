"""Normalised bodies against tokenize on real bodies: which differences matter and which do not."""

import importlib.util
import io
import re
import textwrap
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.functions.bodies import normalised, word_counts
from transforms.functions.extraction import extract_functions
from transforms.lib.text.batch import text_batch

REAL = ("argparse", "statistics", "typing", "asyncio.queues")


def normal(*bodies: str) -> list[str]:
    return normalised(text_batch(pa.array(bodies, pa.string()))).array.to_pylist()


def tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    """Python's tokens, an f-string one of them, as it was before Python 3.12."""
    lines, depth, begin = text.splitlines(keepends=True), 0, (0, 0)
    for each in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = tokenize.tok_name[each.type]
        if kind == "FSTRING_START":
            begin, depth = (each.start if depth == 0 else begin), depth + 1
        elif kind == "FSTRING_END":
            depth -= 1
            if not depth:
                part = lines[begin[0] - 1 : each.end[0]]
                part[-1] = part[-1][: each.end[1]]
                string = "".join(part)[begin[1] :]
                yield tokenize.TokenInfo(tokenize.STRING, string, begin, each.end, each.line)
        elif not depth:
            yield each


def slow_normal(body: str) -> str:
    """The definition: Python's tokens of the body, in a block of its own."""
    marks = {tokenize.NEWLINE: "\n", tokenize.INDENT: "\x01", tokenize.DEDENT: "\x02"}
    out, last = [], None
    for token in tokens(textwrap.dedent(body)):
        if token.type in (tokenize.COMMENT, tokenize.NL, tokenize.ENDMARKER):
            continue
        words = (tokenize.NAME, tokenize.NUMBER)
        out.append(" " if token.type in words and last in words else "")
        out.append(marks.get(token.type, token.string))
        last = token.type
    return "".join(out)


@pytest.mark.parametrize("module", REAL)
def test_real_bodies(module: str) -> None:
    text = Path(importlib.util.find_spec(module).origin).read_text()
    bodies = [row["body"] for row in extract_functions(text)]
    # A docstring, so that the first line of the body is that of a block.
    assert normal(*bodies) == [slow_normal(body.partition("\n")[2]) for body in bodies]
    assert bodies


@pytest.mark.parametrize(
    "other",
    [
        "\n  return f( a,b )\n",
        "; return f(a, b)",
        "  # c\n\n\n\treturn f(  # c\n a,\n\n b)  # d\n\t# e\n",
        "\r\n    return f(a, b)\r\n",
        "\n    return f(a, b);\n",
        "\n    return \\\n f(a, b)",
    ],
)
def test_what_does_not_matter(other: str) -> None:
    assert normal("\n    return f(a, b)\n", other) == ["return f(a,b)\n"] * 2


def test_blocks_are_marked_however_they_are_indented() -> None:
    one = "\n    if a:\n        b\n    c\n    while d:\n        if e: f; g\n"
    two = "\n\tif a:\n\t  b\n\n\t  # c\n\tc\n\twhile d:\n\t    if e:f;g"
    assert normal(one, two) == ["if a:\n\x01b\n\x02c\nwhile d:\n\x01if e:f\ng\n\x02"] * 2
    assert normal("\n  if a:\n    b\n  c\n") != normal("\n  if a:\n    b\n    c\n")


@pytest.mark.parametrize("body", ["", "\n", "  # c\n", "\n    # c\n\n    \n", ";"])
def test_a_body_without_code_is_empty(body: str) -> None:
    assert normal(body) == [""]


def test_bodies_do_not_mix() -> None:
    bodies = ["", "\n  if a:\n    b", "\n  '''x\n y'''\n", "\n  (", "\n  a\n"]
    assert normal(*bodies) == [normal(body)[0] for body in bodies]


@given(st.lists(st.text(st.sampled_from("a_1 \n\té'(#\\:"), max_size=30), max_size=4))
def test_any_text(texts: list[str]) -> None:
    array = pa.array(texts, pa.string())
    assert len(normal(*texts)) == len(texts)
    expected = [len(re.findall(rb"[A-Za-z0-9_\x80-\xff]+", text.encode())) for text in texts]
    assert word_counts(text_batch(array)).tolist() == expected
