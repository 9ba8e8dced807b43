"""The compiled lexer of Python source: against tokenize, and against a regular expression."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.plain_tokens import python_tokens
from tests.support.python_texts import FILES, LIBRARY, SOURCES
from transforms.lib.python import lexing

BREAK = rb"(?:\r\n|\r|\n)"
ESCAPE = rb"\\(?:\r\n|[\s\S])"
# A string that is not closed ends with its line, or with the text if it has three quotes.
DOUBLE_3 = rb'"""(?:' + ESCAPE + rb'|(?!""")[^\\])*(?:"""|\\?\Z)'
SINGLE_3 = DOUBLE_3.replace(b'"', b"'")
DOUBLE_1 = rb'"(?:' + ESCAPE + rb'|[^"\\\r\n])*(?:"|(?=[\r\n])|\\?\Z)'
SINGLE_1 = DOUBLE_1.replace(b'"', b"'")
STRING = b"|".join((DOUBLE_3, SINGLE_3, DOUBLE_1, SINGLE_1))
TOKEN = re.compile(
    rb"(?P<BLANK>[ \t\f]+)"
    rb"|(?P<NEWLINE>" + BREAK + rb")"
    rb"|(?P<COMMENT>\#[^\r\n]*)"
    rb"|(?P<JOIN>\\" + BREAK + rb"?)"
    rb"|(?P<STRING>[rbufRBUF]{0,2}(?:" + STRING + rb"))"
    rb"|(?P<WORD>[A-Za-z0-9_\x80-\xff]+)"
    rb"|(?P<OPEN>[(\[{])|(?P<CLOSE>[)\]}])|(?P<COMMA>,)|(?P<SEMICOLON>;)"
    rb"|(?P<OPERATOR>[\s\S])"
)
NAMES = {getattr(lexing, name): name for name in TOKEN.groupindex if name != "BLANK"}


def tokens(content: bytes) -> list[tuple[str, bytes]]:
    """Kind and bytes of each token."""
    data = np.frombuffer(content, np.uint8)
    found: list[tuple[str, bytes]] = []
    at = 0
    while True:
        kind, begin, stop = lexing.token(data, at, len(data))
        if kind == lexing.END:
            return found
        assert at <= begin < stop <= len(data)
        found.append((NAMES[kind], content[begin:stop]))
        at = stop


def defined(content: bytes) -> list[tuple[str, bytes]]:
    matches = TOKEN.finditer(content)
    return [(m.lastgroup or "", m[0]) for m in matches if m.lastgroup != "BLANK"]


@settings(max_examples=1000)
@given(
    SOURCES.map(str.encode)
    | st.binary(max_size=60)
    | st.text(st.sampled_from("'\"\\\n\r#fr([{}]):,;x1 \té"), max_size=40).map(str.encode)
)
def test_tokens_of_any_bytes_are_those_of_the_definition(content: bytes) -> None:
    assert tokens(content) == defined(content)


@pytest.mark.parametrize("name", FILES)
def test_tokens_of_the_library_are_those_of_python(name: str) -> None:
    """Numbers may come in parts, and operators come byte by byte."""
    source = (LIBRARY / name).read_text()
    expected = []
    for token, _ in python_tokens(source):
        whole = token.kind in ("name", "string")
        parts = [token.text] if whole else re.findall(r"\w+|\W", token.text)
        expected += [(token.kind == "string", part.encode()) for part in parts]
    layout = ("NEWLINE", "JOIN", "COMMENT")
    found = [(k == "STRING", text) for k, text in tokens(source.encode()) if k not in layout]
    assert found == expected
