"""Which lines have characters that are written otherwise, compiled: one pass over the bytes."""

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import inlined_kernel, kernel
from transforms.lib.python.lexing import (
    BACKSLASH,
    DOUBLE,
    IDENTIFIER_BYTES,
    LINE_FEED,
    RETURN,
    SINGLE,
)

MARKUP, PERCENT, EQUALS_SIGN, ESCAPES, DOUBLED = TRACES = (1, 2, 4, 8, 16)  # flags
AMPERSAND, LESS, PERCENT_SIGN, EQUALS, SEMICOLON, HASH, SLASH, EXCLAMATION, COMMA = b"&<%=;#/!,"
LETTER_A, LETTER_B, LETTER_R, LETTER_N, LETTER_D, UNDERSCORE, OPEN_SQUARE, THREE = b"AbrnD_[3"
SOFT_BREAK_COLUMN = 70  # from which on a mail's line is broken by `=`; up to 76
ENTITY_BYTES = 10  # of the longest that is looked for, as in &nbsp;
LEAST_IN_LINE = np.array([1, 2, 1, 2, 1])  # by trace, how often a line must have it
OF_INTEREST = np.zeros(256, np.bool_)
OF_INTEREST[list(b"&<%=\\\"'\n")] = True
# What code has and URLs cannot hold, as hexadecimal digits in lower case.
PERCENT_CODES = np.zeros((256, 256), np.bool_)
for _code in [
    "20",
    "0a",
    "0d",
    "09",
    "28",
    "29",
    "3a",
    "3d",
    "2c",
    "22",
    "27",
    "5b",
    "5d",
    "3c",
    "3e",
    "23",
    "2a",
    "2b",
    "7b",
    "7d",
]:
    PERCENT_CODES[ord(_code[0]), ord(_code[1])] = True


def _first_two_bytes() -> NDArray[np.bool_]:
    """Which bytes may follow a byte of interest, so that there may be a trace."""
    pairs = np.zeros((256, 256), np.bool_)
    letters = [byte for byte in range(128) if chr(byte).isalnum()]
    followers = {"&": [*letters, HASH], "<": [*letters, SLASH, EXCLAMATION], "=": b"\n\r3"}
    followers |= {"%": b"02357", "\\": b"n_", '"': b'"', "'": b"'"}
    for byte, of_byte in followers.items():
        pairs[ord(byte), list(of_byte)] = True
    return pairs


FIRST_TWO = _first_two_bytes()


@inlined_kernel
def _is_entity(data, at, end):  # type: ignore[no-untyped-def]
    """Whether `&` at `at` begins something like &lt; or &#39;."""
    i = at + 1
    i += i < end and data[i] == HASH
    while i < end and i < at + ENTITY_BYTES and IDENTIFIER_BYTES[data[i]]:
        i += 1
    return i < end and i > at + 2 and data[i] == SEMICOLON


@kernel
def _trace_at(data, at, begin, line, end):  # type: ignore[no-untyped-def]
    """The flag of what is written otherwise at a byte of interest; 0 if nothing is.

    begin, end: of the text; line: where its line begins.
    """
    byte = data[at]
    if at + 2 >= end:
        return 0
    one, two = data[at + 1], data[at + 2]
    if byte == BACKSLASH:
        return ESCAPES if one in (LETTER_N, UNDERSCORE) else 0
    if byte in (DOUBLE, SINGLE):
        if one == byte and two != byte and IDENTIFIER_BYTES[two]:
            return DOUBLED if at == begin or data[at - 1] != byte else 0
        six = one == byte == two and at + 5 < end and data[at + 3] == data[at + 5] == byte
        return DOUBLED if six else 0
    if byte == AMPERSAND:
        return MARKUP if _is_entity(data, at, end) else 0
    if byte == LESS:
        line_end = one == LETTER_B and two == LETTER_R
        section = one == EXCLAMATION and two == OPEN_SQUARE
        closing = (one == SLASH and IDENTIFIER_BYTES[two]) or (at == line and one > LETTER_A)
        return MARKUP if line_end or section or closing else 0
    if byte == PERCENT_SIGN:
        return PERCENT if PERCENT_CODES[one, two | 32] else 0
    broken = one == LINE_FEED or (one == RETURN and two == LINE_FEED)
    broken &= data[at - 1] != EQUALS and SOFT_BREAK_COLUMN <= at - line <= SOFT_BREAK_COLUMN + 6
    return EQUALS_SIGN if broken or (one == THREE and two == LETTER_D) else 0


@kernel
def _flags_of_line(counts, opened, quotes, underscore):  # type: ignore[no-untyped-def]
    """The flags of a line, of which `counts` has how often each is there; clears the counts."""
    flags = DOUBLED if opened and quotes == 1 else 0
    for i in range(len(TRACES)):
        if counts[i] >= LEAST_IN_LINE[i] or (TRACES[i] == ESCAPES and underscore):
            flags |= TRACES[i]
        counts[i] = 0
    return flags


@kernel
def _traced_lines(data, bounds):  # type: ignore[no-untyped-def]
    count, out = 0, np.empty((64, 4), np.int64)
    counts = np.zeros(len(TRACES), np.int64)
    for text in range(len(bounds) - 1):
        begin, end = bounds[text], bounds[text + 1]
        line, quotes, seen, opened, underscore = begin, 0, False, False, False
        for at in range(begin, end + 1):
            if at < end and not OF_INTEREST[data[at]]:
                continue
            if at == end or data[at] == LINE_FEED:
                if seen:
                    flags = _flags_of_line(counts, opened, quotes, underscore)
                    if flags:
                        if count == len(out):
                            out = np.concatenate((out, np.empty_like(out)))
                        out[count, 0], out[count, 1] = text, flags
                        out[count, 2], out[count, 3] = line, at
                        count += 1
                    quotes, seen, opened, underscore = 0, False, False, False
                line = at + 1
                continue
            if data[at] == DOUBLE:
                quotes += 1
                if at == line or data[at - 1] == COMMA:
                    opened = seen = True
            if at + 1 < end and not FIRST_TWO[data[at], data[at + 1]]:
                continue
            flag = _trace_at(data, at, begin, line, end)
            if flag:
                seen = True
                underscore |= flag == ESCAPES and data[at + 1] == UNDERSCORE
                for i in range(len(TRACES)):
                    counts[i] += TRACES[i] == flag
    return out[:count]


def traced_lines(data: NDArray[np.uint8], bounds: NDArray[np.int64]) -> NDArray[np.int64]:
    """The lines in which something may be written otherwise, int64[n, 4].

    Of each the text among data[bounds[i]:bounds[i + 1]], its flags in TRACES, its begin and end.

    >>> text = np.frombuffer(b"so if a &lt; b", np.uint8)
    >>> traced_lines(text, np.array([0, 3, 14])).tolist() == [[1, MARKUP, 3, 14]]
    True
    """
    lines: NDArray[np.int64] = _traced_lines(data, bounds)
    return lines
