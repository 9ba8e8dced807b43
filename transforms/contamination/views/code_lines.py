"""Whether lines may be code: without a statement of Python in them, they are no evidence."""

import numba
import numpy as np

from transforms.lib.python.lexing import (
    BACKSLASH,
    DOUBLE,
    IDENTIFIER_BYTES,
    LINE_FEED,
    byte_flags,
)

KEYWORD_BYTES = 6  # of the longest of the keywords
CODE_KEYWORDS = "def class return for while if elif assert import from with async lambda print"
CODE_MARKS = byte_flags("()[]{}=<>+*/%:")  # a line of code has one beside its keyword, prose rarely
COLON, CLOSE_ROUND, LETTER_N = b":)n"


def packed(word: bytes) -> int:
    """The first bytes of a word as one number."""
    return int.from_bytes(word[:KEYWORD_BYTES], "little")


KEYWORD_NUMBERS = np.array(sorted(packed(word) for word in CODE_KEYWORDS.encode().split()))


# `def` begins no sentence, and in lower case `return` hardly any.
DEF_NUMBER, RETURN_NUMBER = packed(b"def"), packed(b"return")
# Of many lines only one with a statement is prose; of so few it may be a small function's body.
FEW_LINES = 5


@numba.njit(cache=True, nogil=True)
def has_code_line(data, begin, end):  # type: ignore[no-untyped-def]
    """Whether any line of data[begin:end] may be code.

    After whatever is no letter, such a line has a keyword and somewhere an operator or a bracket;
    or it ends with `):`, or holds escaped line ends or quotes, so that it may hold code itself.

    >>> text = np.frombuffer(b"So it goes,\\n+ for x in xs:", np.uint8)
    >>> has_code_line(text, 0, 11), has_code_line(text, 0, len(text))
    (False, True)
    """
    at = begin
    while at < end:
        code, at = _code_line(data, at, end)
        if code:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def may_be_code(data, begin, end):  # type: ignore[no-untyped-def]
    """Whether the lines of data[begin:end] may be code: a `def`, two of them, or one of few."""
    at, lines, found = begin, 0, 0
    while at < end:
        code, at = _code_line(data, at, end)
        found, lines = found + code, lines + 1
        if found > 1:
            return True
    return found == 1 and lines <= FEW_LINES


@numba.njit(cache=True, nogil=True)
def _code_line(data, at, end):  # type: ignore[no-untyped-def]
    """How much speaks for code in the line at `at`, from 0 to 2, and where the next line begins."""
    code = 0
    while at < end and data[at] != LINE_FEED and data[at] | 32 not in range(97, 123):
        code |= _is_escape(data, at, end)
        at += 1
    number, length = np.int64(0), 0
    while at < end and IDENTIFIER_BYTES[data[at]]:
        if length < KEYWORD_BYTES:
            number |= np.int64(data[at]) << (8 * length)
        at, length = at + 1, length + 1
    keyword = False
    code |= number == RETURN_NUMBER
    if 1 < length <= KEYWORD_BYTES:
        for known in KEYWORD_NUMBERS:
            keyword |= known == number
    while at < end and data[at] != LINE_FEED:
        if CODE_MARKS[data[at]]:
            last = at + 1 == end or data[at + 1] == LINE_FEED
            code |= keyword or (last and data[at] == COLON and data[at - 1] == CLOSE_ROUND)
            if number == DEF_NUMBER:
                code = 2
        elif data[at] == BACKSLASH:
            code |= _is_escape(data, at, end)
        at += 1
    return code, at + 1


@numba.njit(cache=True, nogil=True, inline="always")
def _is_escape(data, at, end):  # type: ignore[no-untyped-def]
    return data[at] == BACKSLASH and at + 1 < end and data[at + 1] in (LETTER_N, DOUBLE)
