"""Whether lines may be code: without a statement of Python in them, they are no evidence."""

import numpy as np

from transforms.lib.compiled import inlined_kernel, kernel
from transforms.lib.python.lexing import (
    BACKSLASH,
    DOUBLE,
    IDENTIFIER_BYTES,
    LINE_FEED,
    RETURN,
    SPACE,
    TAB,
    byte_flags,
)

KEYWORD_BYTES = 6  # of the longest of the keywords
# Statements that begin so and have an operator or a bracket; compound ones have a colon too. Of
# imports there is no evidence.
KEYWORDS = "assert lambda"
COMPOUND_KEYWORDS = "class for while if elif"
CODE_MARKS = byte_flags("()[]{}=<>+*/%")
COLON, OPEN_ROUND, CLOSE_ROUND, LETTER_N = b":()n"


def packed(word: bytes) -> int:
    """The first bytes of a word as one number."""
    return int.from_bytes(word[:KEYWORD_BYTES], "little")


KEYWORD_NUMBERS = np.array([packed(word) for word in KEYWORDS.encode().split()])
COMPOUND_NUMBERS = np.array([packed(word) for word in COMPOUND_KEYWORDS.encode().split()])
# `def` begins no sentence, and in lower case `return` hardly any.
DEF_NUMBER, RETURN_NUMBER = packed(b"def"), packed(b"return")
# Of many lines only one with a statement is prose; of so few it may be a small function's body.
FEW_LINES = 5
LINES_AROUND = 6  # lines that are kept on both sides of one that may be code


@kernel
def has_code_line(data, begin, end):  # type: ignore[no-untyped-def]
    """Whether any line of data[begin:end] may be code.

    After whatever is no letter, such a line begins like a statement; or it ends with `):`, or holds
    escaped line ends or quotes, so that it may hold code itself.

    >>> text = np.frombuffer(b"for all (of it),\\n+ for x in xs:", np.uint8)
    >>> has_code_line(text, 0, 16), has_code_line(text, 0, len(text))
    (False, True)
    """
    at = begin
    while at < end:
        code, at = _code_line(data, at, end, True)
        if code:
            return True
    return False


@kernel
def may_be_code(data, begin, end, marked):  # type: ignore[no-untyped-def]
    """Whether the lines of data[begin:end] may be code: a `def`, two of them, or one of few.

    marked: whether signs may stand before a statement.
    """
    at, lines, found = begin, 0, 0
    while at < end:
        code, at = _code_line(data, at, end, marked)
        found, lines = found + code, lines + 1
        if found > 1:
            return True
    return found == 1 and lines <= FEW_LINES


@kernel
def keep_code(data, begin, origins, first_line, marked, size):  # type: ignore[no-untyped-def]
    """Keep of the lines of data[begin:size[0]] those that may be code and LINES_AROUND them.

    The lines, whose origins begin with `first_line`, move up, and `size` becomes their bytes and
    lines in all; of lines that are no code none is kept. marked: as for `may_be_code`.
    """
    end = size[0]
    size[0], size[1] = begin, first_line
    if not may_be_code(data, begin, end, marked):
        return
    at, line, waiting, waiting_line, room = begin, first_line, begin, first_line, 0
    while at < end:
        code, following = _code_line(data, at, end, marked)
        if code:
            room = LINES_AROUND + 1
            while line - waiting_line > LINES_AROUND:  # lines too far before this one
                while data[waiting] != LINE_FEED:
                    waiting += 1
                waiting, waiting_line = waiting + 1, waiting_line + 1
        if code or room:
            for i in range(waiting, following):
                data[size[0]] = data[i]
                size[0] += 1
            for i in range(waiting_line, line + 1):
                origins[size[1]] = origins[i]
                size[1] += 1
            waiting, waiting_line, room = following, line + 1, room - 1
        at, line = following, line + 1


@kernel
def _code_line(data, at, end, marked):  # type: ignore[no-untyped-def]
    """How much speaks for code in the line at `at`, from 0 to 2, and where the next line begins."""
    code = 0
    while at < end and data[at] != LINE_FEED and data[at] | 32 not in range(97, 123):
        if not marked and data[at] != SPACE and data[at] != TAB:
            break
        code |= _is_escape(data, at, end)
        at += 1
    number, length = np.int64(0), 0
    while at < end and IDENTIFIER_BYTES[data[at]]:
        if length < KEYWORD_BYTES:
            number |= np.int64(data[at]) << (8 * length)
        at, length = at + 1, length + 1
    simple = compound = False
    if 1 < length <= KEYWORD_BYTES:
        for known in KEYWORD_NUMBERS:
            simple |= known == number
        for known in COMPOUND_NUMBERS:
            compound |= known == number
    begin, marks, colon = at, False, False
    if simple or compound or number == DEF_NUMBER:
        for i in range(at, end):
            byte = data[i]
            if byte == LINE_FEED:
                break
            marks |= CODE_MARKS[byte]
            colon |= byte == COLON
            if byte == OPEN_ROUND and number == DEF_NUMBER:
                code = 2
    while at < end and data[at] != LINE_FEED:
        if data[at] == BACKSLASH:
            code |= _is_escape(data, at, end)
        at += 1
    last = at - 1
    while last > begin and data[last] in (SPACE, RETURN):
        last -= 1
    ended = last > begin and data[last] == COLON
    code |= number == RETURN_NUMBER or (simple and marks) or (compound and colon and marks)
    code |= ended and (compound or data[last - 1] == CLOSE_ROUND)
    return code, at + 1


@inlined_kernel
def _is_escape(data, at, end):  # type: ignore[no-untyped-def]
    return data[at] == BACKSLASH and at + 1 < end and data[at + 1] in (LETTER_N, DOUBLE)
