"""Words of any text, compiled: what documentation (D) is compared by.

A word is a run of characters that are alphanumeric or `_`, in lower case; a backslash with the
letter of an escaped white space (`\\n` in JSON or in a string) separates words.
"""

from functools import cache

import numba
import numpy as np
from numpy.typing import NDArray

from transforms.lib.duplicates.shingles import FNV_OFFSET, mix
from transforms.lib.text.characters import LETTERS_END, code_point
from transforms.lib.text.hashing import step

BACKSLASH = 92
ESCAPES = tuple(b"nrt")


@cache
def word_table() -> NDArray[np.uint32]:
    """The lower case of every character that stands in words, 0 for others; by code point."""
    table = np.zeros(LETTERS_END, np.uint32)
    for point in range(LETTERS_END):
        character = chr(point)
        if character.isalnum() or character == "_":
            lower = character.lower()
            table[point] = ord(lower) if len(lower) == 1 else point
    return table


@numba.njit(cache=True, nogil=True)
def words(data, begin, end, table, tokens):  # type: ignore[no-untyped-def]
    """Values and places of the words of data[begin:end] into `tokens`; returns how many."""
    count, at, value, start = 0, begin, FNV_OFFSET, -1
    while at < end:
        byte = data[at]
        if byte < 128:
            letter, width = table[byte], 1
            if byte == BACKSLASH and at + 1 < end and data[at + 1] in ESCAPES:
                width = 2
        else:
            point, width = code_point(data, at, end)
            letter = table[point] if point < len(table) else 0
        if letter:
            value = step(value, letter)
            start = at if start < 0 else start
        elif start >= 0:
            tokens.value[count], tokens.start[count], tokens.stop[count] = mix(value), start, at
            count, value, start = count + 1, FNV_OFFSET, -1
        at += width
    if start >= 0:
        tokens.value[count], tokens.start[count], tokens.stop[count] = mix(value), start, end
        count += 1
    return count
