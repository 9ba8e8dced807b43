"""Python source as a row of tokens, in compiled code: what is asked of it before any parser.

The lexer takes any bytes. On a file that Python accepts its tokens are those of `tokenize`, but
for numbers, which may come in parts, and for operators, which come byte by byte.
"""

import numba
import numpy as np

END, NEWLINE, COMMENT, WORD, STRING, OPEN, CLOSE, COMMA, SEMICOLON, OPERATOR, JOIN = range(11)

TAB, LINE_FEED, FORM_FEED, RETURN, SPACE = b"\t\n\f\r "
DOUBLE, HASH, SINGLE, BACKSLASH = b"\"#'\\"
WORD_BYTES = np.array(
    [b >= 0x80 or chr(b).isalnum() or chr(b) == "_" for b in range(256)], np.bool_
)
PREFIX_BYTES = np.array([chr(b) in "rbufRBUF" for b in range(256)], np.bool_)
KINDS = np.full(256, OPERATOR, np.uint8)
for _bytes, _kind in ((b"([{", OPEN), (b")]}", CLOSE), (b",", COMMA), (b";", SEMICOLON)):
    KINDS[list(_bytes)] = _kind


@numba.njit(cache=True, nogil=True)
def token(data, at, end):  # type: ignore[no-untyped-def]
    """The first token of data[at:end] that is no blank: its kind, begin and end."""
    while at < end and (data[at] == SPACE or data[at] == TAB or data[at] == FORM_FEED):
        at += 1
    if at >= end:
        return END, end, end
    byte = data[at]
    if byte in (LINE_FEED, RETURN):
        return NEWLINE, at, _after_break(data, at, end)
    if byte == HASH:
        return COMMENT, at, _line_end(data, at, end)
    if byte == BACKSLASH:
        return JOIN, at, _after_break(data, at + 1, end)
    if byte in (DOUBLE, SINGLE):
        return STRING, at, _string_end(data, at, end)
    if not WORD_BYTES[byte]:
        return np.int64(KINDS[byte]), at, at + 1
    stop = at + 1
    while stop < end and WORD_BYTES[data[stop]]:
        stop += 1
    if stop < end and (data[stop] == DOUBLE or data[stop] == SINGLE) and _is_prefix(data, at, stop):
        return STRING, at, _string_end(data, stop, end)
    return WORD, at, stop


@numba.njit(cache=True, nogil=True)
def _after_break(data, at, end):  # type: ignore[no-untyped-def]
    """Where a line break at `at` ends, of one or two bytes; `at` if there is none."""
    if at + 1 < end and data[at] == RETURN and data[at + 1] == LINE_FEED:
        return at + 2
    return at + 1 if at < end and (data[at] == LINE_FEED or data[at] == RETURN) else at


@numba.njit(cache=True, nogil=True)
def _line_end(data, at, end):  # type: ignore[no-untyped-def]
    while at < end and data[at] != LINE_FEED and data[at] != RETURN:
        at += 1
    return at


@numba.njit(cache=True, nogil=True)
def _is_prefix(data, at, stop):  # type: ignore[no-untyped-def]
    """Whether a word before a quote belongs to the string: r, b, u, f, or two of them."""
    return PREFIX_BYTES[data[at]] and (
        stop == at + 1 or (stop == at + 2 and PREFIX_BYTES[data[at + 1]])
    )


@numba.njit(cache=True, nogil=True)
def _string_end(data, at, end):  # type: ignore[no-untyped-def]
    """The end of a string whose first quote is at `at`; of its line if it is never closed."""
    quote = data[at]
    triple = at + 2 < end and data[at + 1] == quote and data[at + 2] == quote
    at += 3 if triple else 1
    while at < end:
        byte = data[at]
        if byte == BACKSLASH:
            at = max(at + 2, _after_break(data, at + 1, end))
        elif byte == quote and not triple:
            return at + 1
        elif byte == quote and at + 2 < end and data[at + 1] == quote and data[at + 2] == quote:
            return at + 3
        elif not triple and byte in (LINE_FEED, RETURN):
            return at
        else:
            at += 1
    return end
