"""n-grams of words and of normalised tokens as 64-bit hashes, compiled.

Four kinds: 6 words (documentation), 10 tokens with what strings hold (tests), 8 tokens without
(code), and the name that follows `def`. In those of tokens names are anonymous: a name counts by
how many tokens ago, within the n-gram, the same name stood (Baker's parameterised matching), so
that consistent renaming changes nothing. Keywords, builtins, attributes, numbers and operators
count as they are.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from transforms.contamination.grams.code_tokens import DEF, IDENTIFIER, REACH, TEXT, code_tokens
from transforms.contamination.grams.lexer import Tokens, room
from transforms.contamination.grams.words import word_table, words
from transforms.lib.duplicates.shingles import mix
from transforms.lib.text.hashing import numbers

WORDS, TESTS, CODE, DEFINED = range(4)  # kinds of n-grams
SIZES = (6, 10, 8, 2)  # words or tokens of each
SCHEME = "word6-test10-code8-1"

PLACES = numbers(REACH, 1)  # multipliers, so that order counts
SEEDS = numbers(4, 2)  # one for each kind: all kinds share a table
IDENTIFIERS = numbers(REACH, 3)  # by how many tokens ago the same name stood
ANY_TEXT = numbers(1, 4)[0]


@numba.njit(cache=True, nogil=True, inline="always")
def word_gram(tokens, i):  # type: ignore[no-untyped-def]
    """The hash of the 6 words from word i on."""
    value = SEEDS[WORDS]
    for j in range(SIZES[WORDS]):
        value += tokens.value[i + j] * PLACES[j]
    return mix(value)


@numba.njit(cache=True, nogil=True, inline="always")
def token_gram(tokens, i, kind):  # type: ignore[no-untyped-def]
    """The hash of the tokens from token i on, as tests (TESTS) or code (CODE)."""
    value = SEEDS[kind]
    for j in range(SIZES[kind]):
        shape, code = tokens.kind[i + j], tokens.value[i + j]
        if shape == IDENTIFIER:
            back = tokens.back[i + j]
            code = IDENTIFIERS[back if back <= j else 0]
        elif shape == TEXT and kind == CODE:
            code = ANY_TEXT
        value += code * PLACES[j]
    return mix(value)


@numba.njit(cache=True, nogil=True, inline="always")
def defined_gram(tokens, i, count):  # type: ignore[no-untyped-def]
    """The hash of the name that `def` defines at token i; 0 if there is none."""
    if tokens.value[i] != DEF or i + 1 == count or tokens.kind[i + 1] != IDENTIFIER:
        return np.uint64(0)
    return mix(SEEDS[DEFINED] + tokens.value[i + 1])


@numba.njit(cache=True, nogil=True)
def _grams(data, kind, letters, tokens, out):  # type: ignore[no-untyped-def]
    if kind == WORDS:
        count = words(data, 0, len(data), letters, tokens)
    else:
        count = code_tokens(data, 0, len(data), tokens)
    last = count - SIZES[kind] + 1
    for i in range(last):
        if kind == WORDS:
            out[i] = word_gram(tokens, i)
        elif kind == DEFINED:
            out[i] = defined_gram(tokens, i, count)
        else:
            out[i] = token_gram(tokens, i, kind)
    return count


def grams(text: bytes, kind: int) -> tuple[NDArray[np.uint64], Tokens, int]:
    """The n-grams of one text by the token they begin at, its tokens, and their number."""
    data = np.frombuffer(text, np.uint8)
    tokens, out = room(len(data) + 1), np.empty(len(data) + 1, np.uint64)
    count = _grams(data, kind, word_table(), tokens, out)
    return out[: max(0, count - SIZES[kind] + 1)], tokens, count
