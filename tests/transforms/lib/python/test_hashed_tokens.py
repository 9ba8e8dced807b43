"""The two functions of the lexer agree on what both of them find, in any text."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.lib.python.lexing import (
    CLOSE,
    COMMA,
    COMMENT,
    END,
    NEWLINE,
    NUMBER,
    OPEN,
    OPERATOR,
    SEMICOLON,
    STRING,
    WORD,
    hashed_token,
    token,
)

SAME = (WORD, STRING, COMMENT, NEWLINE, OPEN, CLOSE, COMMA, SEMICOLON)
# No numbers, which `token` takes apart, and no `\r\r\n`, which it takes for two line breaks.
PIECES = ["x", "rb", "f", "été", "(", "]", ",", ";", ":", "+", "\n", "\r\n", " \t", "\\", "\\\n"]
PIECES += ["\\\r\n", "'", '"', "'''", '"""', "\\'", "'a'", 'f"{x}"', "# c", "-> ", "**=", "\0"]


def spans(find, text: str) -> list[tuple[int, str]]:
    content = text.encode()
    data, at, found = np.frombuffer(content, np.uint8), 0, []
    while True:
        kind, begin, at = find(data, at, len(data))[:3]
        if kind == END:
            return found
        found.append((kind, content[begin:at].decode()))


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_both_find_the_same_words_strings_comments_and_lines(text: str) -> None:
    plain, hashed = spans(token, text), spans(hashed_token, text)
    assert [span for span in plain if span[0] in SAME] == [s for s in hashed if s[0] in SAME]
    assert "".join(s for kind, s in plain if kind == OPERATOR) == "".join(
        s for kind, s in hashed if kind == OPERATOR
    )


@pytest.mark.parametrize("text", ["1.5e-3", "0x1F", ".5", "1_000j"])
def test_only_hashed_numbers_come_whole(text: str) -> None:
    assert spans(hashed_token, text) == [(NUMBER, text)]
    assert "".join(s for _, s in spans(token, text)) == text
    assert NUMBER not in {kind for kind, _ in spans(token, text)}


def test_hashes_are_equal_for_equal_tokens_only() -> None:
    def value(text: str) -> int:
        return hashed_token(np.frombuffer(text.encode(), np.uint8), 0, len(text.encode()))[3]

    assert value("'a'") == value('rb"""a"""') and value("0XF") == value("0xf")
    assert len({value(text) for text in ("a", "'a'", "A", "1", "'1'", "'+'", "+")}) == 7
