"""The words of any text, compiled: documentation (channel D) is compared by n-grams of them.

A word is a run of characters that are alphanumeric or `_`, in lower case. A backslash with the
letter of an escaped white space (`\\n` in JSON or in a string literal) separates words.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import kernel
from transforms.lib.python.lexing import BACKSLASH
from transforms.lib.text.characters import LETTERS_END, code_point
from transforms.lib.text.hashing import FNV_OFFSET, fnv1a, mix

ESCAPE_LETTERS = tuple(b"nrt")


@cache
def lower_case_table() -> NDArray[np.uint32]:
    """By code point, the lower case of every character that belongs to words, 0 for others.

    >>> chr(lower_case_table()[ord("É")]), int(lower_case_table()[ord("-")])
    ('é', 0)
    """
    table = np.zeros(LETTERS_END, np.uint32)
    for point in range(LETTERS_END):
        character = chr(point)
        if character.isalnum() or character == "_":
            lower = character.lower()
            table[point] = ord(lower) if len(lower) == 1 else point
    return table


@kernel
def words(data, begin, end, lower_case, tokens):  # type: ignore[no-untyped-def]
    """Put hash, start and stop of each word of data[begin:end] into `tokens`; returns how many.

    data: uint8, valid UTF-8; lower_case: `lower_case_table()`; tokens: `raw_tokens.Tokens`.
    """
    count, at, value, start = 0, begin, FNV_OFFSET, -1
    while at < end:
        byte = data[at]
        if byte < 128:
            letter, width = lower_case[byte], 1
            if byte == BACKSLASH and at + 1 < end and data[at + 1] in ESCAPE_LETTERS:
                width = 2
        else:
            point, width = code_point(data, at, end)
            letter = lower_case[point] if point < len(lower_case) else 0
        if letter:
            value = fnv1a(value, letter)
            start = at if start < 0 else start
        elif start >= 0:
            tokens.value[count], tokens.start[count], tokens.stop[count] = mix(value), start, at
            count, value, start = count + 1, FNV_OFFSET, -1
        at += width
    if start >= 0:
        tokens.value[count], tokens.start[count], tokens.stop[count] = mix(value), start, end
        count += 1
    return count
