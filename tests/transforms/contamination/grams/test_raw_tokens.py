"""The compiled lexer against tokenize, and against regular expressions on any text."""

import builtins
import keyword

import pytest
from hypothesis import given, settings

from tests.support import plain_tokens as plain
from tests.support.kernel_tokens import lexed
from tests.support.python_texts import FILES, LIBRARY, SOURCES
from transforms.contamination.grams.raw_tokens import BUILTINS, KEYWORDS, raw_tokens
from transforms.lib.python.lexing import STRING


def raw(text: str) -> list[tuple[bool, str, bool]]:
    """Of each raw token whether it is a string, its text, and whether a line break is before."""
    found, written = lexed(text, raw_tokens)
    return list(zip((found.kind == STRING).tolist(), written, found.broken.tolist(), strict=True))


def as_raw(expected: list[plain.Raw]) -> list[tuple[bool, str, bool]]:
    return [(kind == "string", text, broken) for kind, text, broken in expected]


@settings(max_examples=1000)
@given(SOURCES)
def test_raw_tokens_are_those_of_the_definition(text: str) -> None:
    assert raw(text) == as_raw(plain.raw_tokens(text))


@pytest.mark.parametrize("name", FILES)
def test_raw_tokens_of_the_library_are_those_of_python(name: str) -> None:
    source = (LIBRARY / name).read_text()
    assert raw(source) == as_raw([token for token, _ in plain.python_tokens(source)])


@pytest.mark.parametrize("name", FILES)
def test_both_definitions_are_one_on_the_library(name: str) -> None:
    source = (LIBRARY / name).read_text()
    assert plain.raw_tokens(source) == [token for token, _ in plain.python_tokens(source)]


def test_keywords_are_those_of_python() -> None:
    assert set(KEYWORDS) == set(keyword.kwlist)


def test_builtins_are_builtins() -> None:
    assert all(hasattr(builtins, name) or name == "__name__" for name in BUILTINS)
    assert not any(map(keyword.iskeyword, BUILTINS))
