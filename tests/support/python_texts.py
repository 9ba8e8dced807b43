"""Texts to lex: files of the standard library, and pieces of Python in any order."""

import sysconfig
from pathlib import Path

from hypothesis import strategies as st

LIBRARY = Path(sysconfig.get_path("stdlib"))
FILES = (
    "abc.py",
    "ast.py",
    "cmd.py",
    "dataclasses.py",
    "enum.py",
    "heapq.py",
    "json/decoder.py",
    "locale.py",
    "re/_constants.py",
    "stat.py",
    "textwrap.py",
    "this.py",
    "tokenize.py",
)
NAMES = ["x", "y", "été", "print", "len", "else", "if", "None", "not", "e", "r", "bf"]
WORDS_OF_CODE = [*NAMES, "def f(", "class A:", "elif x", "else:", "for", " in ", "lambda:"]
NUMBERS = ["0x1F", "0XeF", "1e-5", "1.5E+3", ".5", "1_000", "7", "7xe+1", "0b", "1é", "1É", "3J"]
MARKS = ["(", ")", "[", "]", "{", "}", ",", ":", ";", ".", "..", "\n", " ", "    ", "\t", "\f"]
RETURNS = ["\r\n", "\r\r\n", "\r", "\\", "\\\n", "\\\r\n", "\\\r\r", "\x0b", "\0", "\xa0"]
OPERATORS = ["+", "-", "**=", "//", "->", ":=", "!=", "==", "<<=", ">", "<", "=", "@", "$", "?"]
QUOTES = ["'", '"', '"""', "'''", "\\'", '\\"', "\\n", "\\\\", "# c", "#"]
STRINGS = [
    "'a'",
    '"b"',
    "f'{x}'",
    "rb'\\d'",
    'u"\\\'"',
    "'''a\nb'''",
    '"""d"""',
    "'else'",
    "'it\\\ns'",
]
PIECES = [WORDS_OF_CODE, NUMBERS, MARKS, RETURNS, OPERATORS, QUOTES, STRINGS]


def texts(*pieces: list[str], most: int = 40) -> st.SearchStrategy[str]:
    """Texts of such pieces: each of the lists is as likely as the others."""
    return st.lists(st.one_of(*map(st.sampled_from, pieces)), max_size=most).map("".join)


def deep(level: int, square: int, text: str) -> str:
    """A text in about as many brackets as are looked at."""
    return "[" * square + "(" * (level - square) + text + ")" * (level - square) + "]" * square


# Many lists make rare neighbours: texts of a few pieces, too, where all neighbours come up.
SOURCES = st.one_of(
    texts(*PIECES),
    texts(NAMES, MARKS),
    texts(QUOTES, RETURNS, ["x"]),
    texts(NUMBERS, OPERATORS, NAMES),
    texts(STRINGS, MARKS),
    texts(["\ndef f", "\nclass A", "class"], ["(", "[", ")", ":"], ["x", "'s'"]),
    st.builds(deep, st.integers(62, 66), st.integers(0, 3), texts(["(", "x", ")"], most=8)),
    st.text(alphabet="\"'\\\n\rxrb# ", max_size=30),
    st.text(alphabet="0179xXeEjJ_.+-*/<>=!:@~ é", max_size=30),
)

# Lines of programs that have n-grams in common.
LINES = st.sampled_from(
    [
        "def f(a, b):",
        "    a = b + 1",
        "    return a",
        "x = 'one'",
        "x = 'two'",
        "y = f(x, 2)",
        "for i in range(9):",
        "    print(i, x[i])",
        "assert f(1, 2) == 3",
        "# a comment of some words",
    ]
)
PROGRAMS = st.lists(LINES, max_size=12).map("\n".join)
