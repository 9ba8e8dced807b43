r"""The content of a text's string literals, unescaped, compiled: JSON's strings are such too.

Strings with nothing but other brackets, commas, colons and `+` between them form a run, as the
lines of a notebook's cell do. A run without any line of code is left out, and so is a string that
is one word. Escapes are those of Python and JSON, of which `\N{…}` is not resolved.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.contamination.grams.raw_tokens import NO_STRING
from transforms.contamination.views.code_lines import keep_code, may_be_code
from transforms.contamination.views.plain_characters import PLAIN_POINTS
from transforms.lib.compiled import kernel
from transforms.lib.python.lexing import (
    BACKSLASH,
    DOT,
    DOUBLE,
    IDENTIFIER_BYTES,
    LINE_FEED,
    MINUS,
    RETURN,
    SINGLE,
    TAB,
)

LETTER_N, LETTER_T, LETTER_R, LETTER_U, LETTER_X = b"ntrux"
LONG_U, SLASH, ZERO = b"U/0"
REPLACEMENT = ord("?")  # of half of a surrogate pair


class Unwrapped(NamedTuple):
    """Views back to back, as a kernel writes them: data, uint8, with room for all that may come.

    origins: int64, by line of the views, the byte of the source at which the line begins; size:
    int64[2], how many bytes and lines were written.
    """

    data: NDArray[np.uint8]
    origins: NDArray[np.int64]
    size: NDArray[np.int64]


def room_for_views(size: int) -> Unwrapped:
    """Room for `size` bytes of views; pages that no view needs are not touched."""
    return Unwrapped(np.empty(size, np.uint8), np.empty(size, np.int64), np.zeros(2, np.int64))


@kernel
def _hexadecimal(data, at, digits, stop):  # type: ignore[no-untyped-def]
    """The number that so many hexadecimal digits spell; -1 if they are others or too few."""
    if at + digits > stop:
        return -1
    number = 0
    for place in range(at, at + digits):
        byte = data[place]
        if byte in range(48, 58):
            number = number * 16 + byte - 48
        elif byte | 32 in range(97, 103):
            number = number * 16 + (byte | 32) - 87
        else:
            return -1
    return number


@kernel
def _put_point(point, out, at):  # type: ignore[no-untyped-def]
    """Write a code point as UTF-8, as `plain_characters` would; returns where it ends."""
    if point < len(PLAIN_POINTS):
        point = PLAIN_POINTS[point]
        if point == 0:
            return at
    if point < 0x80:
        out[at] = point
        return at + 1
    if point < 0x800:
        out[at] = 0xC0 | point >> 6
        out[at + 1] = 0x80 | point & 63
        return at + 2
    if point < 0x10000:
        out[at] = 0xE0 | point >> 12
        out[at + 1] = 0x80 | point >> 6 & 63
        out[at + 2] = 0x80 | point & 63
        return at + 3
    out[at] = 0xF0 | point >> 18
    out[at + 1] = 0x80 | point >> 12 & 63
    out[at + 2] = 0x80 | point >> 6 & 63
    out[at + 3] = 0x80 | point & 63
    return at + 4


@kernel
def _numbered_point(data, at, stop):  # type: ignore[no-untyped-def]
    r"""The code point of the `\x`, `\u` or `\U` with its letter at `at` (or -1), and its end."""
    letter = data[at]
    digits = 2 if letter == LETTER_X else 4 if letter == LETTER_U else 8
    point, end = _hexadecimal(data, at + 1, digits, stop), at + 1 + digits
    if point in range(0xD800, 0xDC00) and end + 1 < stop and data[end] == BACKSLASH:
        low = _hexadecimal(data, end + 2, 4, stop) if data[end + 1] == LETTER_U else -1
        if low in range(0xDC00, 0xE000):
            return 0x10000 + ((point - 0xD800) << 10) + low - 0xDC00, end + 6
    if point in range(0xD800, 0xE000) or point > 0x10FFFF:
        point = REPLACEMENT
    return point, end


@kernel
def unescape(data, start, stop, raw, views):  # type: ignore[no-untyped-def]
    """Append data[start:stop] to the views, as lines of their own, unless it is one word.

    raw: whether backslashes stand for themselves.
    """
    out, at, lines = views.data, views.size[0], views.size[1]
    views.origins[lines] = start
    lines, wordy, i = lines + 1, True, start
    while i < stop:
        byte, i = data[i], i + 1
        if byte == BACKSLASH and not raw and i < stop:
            byte, i = data[i], i + 1
            if byte in (LETTER_N, LETTER_R):
                twice = i + 1 < stop and data[i] == BACKSLASH and byte == LETTER_R
                if twice and data[i + 1] in (LETTER_N, LETTER_R):
                    continue  # the next escape ends the line
                byte = LINE_FEED
            elif byte == LETTER_T:
                byte = TAB
            elif byte in (LINE_FEED, RETURN):
                continue
            elif byte in (LETTER_X, LETTER_U, LONG_U):
                point, end = _numbered_point(data, i - 1, stop)
                if point >= 0:
                    wordy &= point < 128 and IDENTIFIER_BYTES[point]
                    if point in (LINE_FEED, RETURN):
                        byte, i = LINE_FEED, end
                    else:
                        at, i = _put_point(point, out, at), end
                        continue
                else:
                    out[at] = BACKSLASH
                    at += 1
            elif byte not in (DOUBLE, SINGLE, BACKSLASH, SLASH):
                out[at] = BACKSLASH
                at += 1
        elif byte == RETURN:
            if i < stop and data[i] in (LINE_FEED, RETURN):
                continue
            byte = LINE_FEED
        out[at] = byte
        at += 1
        wordy &= IDENTIFIER_BYTES[byte] or byte in (DOT, MINUS)
        if byte == LINE_FEED and i < stop:
            views.origins[lines] = i
            lines += 1
    if at == views.size[0] or out[at - 1] != LINE_FEED:
        out[at] = LINE_FEED
        at += 1
    if not wordy:
        views.size[0], views.size[1] = at, lines


@kernel
def add_strings(data, strings, views):  # type: ignore[no-untyped-def]
    """Append what the strings of a text hold to the views, but for runs without a line of code.

    strings: as `raw_tokens.Tokens` has them.
    """
    run, run_lines, marked, i = views.size[0], views.size[1], False, 0
    while True:
        last = strings[i, 0] == NO_STRING
        if (last or not strings[i, 2]) and views.size[0] > run:
            keep_code(views.data, run, views.origins, run_lines, marked, views.size)
            run, run_lines, marked = views.size[0], views.size[1], False
        if last:
            return
        start, stop, raw = strings[i, 0], strings[i, 1], False
        while data[start] != DOUBLE and data[start] != SINGLE:
            raw |= data[start] | 32 == LETTER_R
            start += 1
        quote = data[start]
        triple = stop - start >= 6 and data[start + 1] == quote and data[start + 2] == quote
        marked |= not triple  # lines behind marks are a view of the text itself if it has lines
        width = 3 if triple else 1
        start += width
        if stop - width >= start and data[stop - 1] == quote:  # or else it is not closed
            stop -= width
        alone = (
            triple
            and not strings[i, 2]
            and (strings[i + 1, 0] == NO_STRING or not strings[i + 1, 2])
        )
        if stop > start + 1 and not (alone and not may_be_code(data, start, stop, False)):
            unescape(data, start, stop, raw, views)
        i += 1
