"""n-grams of words and of normalised tokens as 64-bit hashes, compiled.

There are five kinds: 6 words (documentation), 10 tokens with the content of strings (tests),
8 tokens without it (code), the name that follows `def`, and that name with all parameters. In
n-grams of tokens names are anonymous: a name counts by how many tokens ago, within the n-gram, the
same name stood (Baker's parameterised matching), so that consistent renaming changes nothing.
Keywords, builtins, attributes, numbers and operators count as they are.
"""

import numpy as np
from numpy.typing import NDArray

from transforms.contamination.grams.code_tokens import (
    DEF,
    FIXED,
    IDENTIFIER,
    LONGEST_GRAM,
    TEXT,
    code_tokens,
)
from transforms.contamination.grams.raw_tokens import Tokens, name_value, room_for_tokens
from transforms.contamination.grams.words import lower_case_table, words
from transforms.lib.compiled import inlined_kernel, kernel
from transforms.lib.text.hashing import mix, odd_numbers

WORD_GRAMS, TEST_GRAMS, CODE_GRAMS, DEFINED_NAMES, SIGNATURES = range(5)  # kinds of n-grams
GRAM_SIZES = (6, 10, 8, 2, 2)  # words or tokens, by kind; chosen with HumanEval and MBPP
SCHEME = "word6-test10-code8-1"  # changes whenever a hash would: stoplists name theirs

POSITION_FACTORS = odd_numbers(LONGEST_GRAM, 1)  # multipliers: the order of tokens counts
KIND_SEEDS = odd_numbers(5, 2)  # by kind, so that n-grams of all kinds can share a table
NAME_CODES = odd_numbers(LONGEST_GRAM, 3)  # of names, by how many tokens ago the same name stood
MAX_SIGNATURE_TOKENS = 400
OPENING, CLOSING = tuple(b"([{"), tuple(b")]}")
OPEN_ROUND, COMMA_SIGN, SELF = *b"(,", np.uint64(name_value("self"))
ANY_STRING = odd_numbers(1, 4)[0]  # of a string whose content does not count


@inlined_kernel
def word_gram(tokens, i):  # type: ignore[no-untyped-def]
    """The hash of the 6 words that begin with word i."""
    value = KIND_SEEDS[WORD_GRAMS]
    for j in range(GRAM_SIZES[WORD_GRAMS]):
        value += tokens.value[i + j] * POSITION_FACTORS[j]
    return mix(value)


@inlined_kernel
def token_gram(tokens, i, kind):  # type: ignore[no-untyped-def]
    """The hash of the TEST_GRAMS or CODE_GRAMS n-gram that begins with token i."""
    value = KIND_SEEDS[kind]
    for j in range(GRAM_SIZES[kind]):
        shape, code = tokens.kind[i + j], tokens.value[i + j]
        if shape == IDENTIFIER:
            back = tokens.back[i + j]
            code = NAME_CODES[back if back <= j else 0]
        elif shape == TEXT and kind == CODE_GRAMS:
            code = ANY_STRING
        value += code * POSITION_FACTORS[j]
    return mix(value)


@inlined_kernel
def defined_name(tokens, i, count):  # type: ignore[no-untyped-def]
    """The hash of the name that a `def` at token i defines; 0 if token i is no `def`."""
    if tokens.value[i] != DEF or i + 1 == count or tokens.kind[i + 1] != IDENTIFIER:
        return np.uint64(0)
    return mix(KIND_SEEDS[DEFINED_NAMES] + tokens.value[i + 1])


@kernel
def signature_of(data, tokens, i, count):  # type: ignore[no-untyped-def]
    """The hash of name and parameters of the `def` at token i, `self` left out; 0 if it is none."""
    if i + 3 >= count or data[tokens.start[i + 2]] != OPEN_ROUND:
        return np.uint64(0)
    value, depth = KIND_SEEDS[SIGNATURES], 0
    skipped = 2 if tokens.value[i + 3] == SELF and data[tokens.start[i + 4]] == COMMA_SIGN else 0
    for j in range(i + 1, min(count, i + MAX_SIGNATURE_TOKENS)):
        sign = data[tokens.start[j]]
        if not i + 3 <= j < i + 3 + skipped:
            value = mix((value ^ tokens.value[j]) * POSITION_FACTORS[0])
        if j > i + 1 and tokens.kind[j] == FIXED:
            depth += sign in OPENING
            depth -= sign in CLOSING
            if depth == 0:
                return value
    return np.uint64(0)


@kernel
def _grams(data, kind, lower_case, tokens, out):  # type: ignore[no-untyped-def]
    if kind == WORD_GRAMS:
        count = words(data, 0, len(data), lower_case, tokens)
    else:
        count = code_tokens(data, 0, len(data), tokens)
    for i in range(count - GRAM_SIZES[kind] + 1):
        if kind == WORD_GRAMS:
            out[i] = word_gram(tokens, i)
        elif kind == DEFINED_NAMES:
            out[i] = defined_name(tokens, i, count)
        elif kind == SIGNATURES:
            name = defined_name(tokens, i, count)
            out[i] = signature_of(data, tokens, i, count) if name else name
        else:
            out[i] = token_gram(tokens, i, kind)
    return count


def grams(text: bytes, kind: int) -> tuple[NDArray[np.uint64], Tokens, int]:
    """The n-grams of one kind in a UTF-8 text, its words or tokens, and how many these are.

    n-gram i begins with word or token i; those of DEFINED_NAMES and SIGNATURES are 0 where no name
    is defined.

    Case and punctuation do not change the words, and consistent renaming not the code:

    >>> hashes, tokens, count = grams(b"Add up all of the given, numbers!", WORD_GRAMS)
    >>> len(hashes), count
    (2, 7)
    >>> np.array_equal(hashes, grams(b"add up ALL of the given numbers", WORD_GRAMS)[0])
    True
    >>> one = grams(b"def total(xs):\\n    return sum(x for x in xs)", CODE_GRAMS)[0]
    >>> two = grams(b"def add(values): return sum(v for v in values)", CODE_GRAMS)[0]
    >>> np.array_equal(one, two)
    True
    """
    data = np.frombuffer(text, np.uint8)
    tokens, out = room_for_tokens(len(data) + 1), np.empty(len(data) + 1, np.uint64)
    count = _grams(data, kind, lower_case_table(), tokens, out)
    return out[: max(0, count - GRAM_SIZES[kind] + 1)], tokens, count
