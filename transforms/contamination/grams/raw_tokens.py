"""Python source as raw tokens with their kinds, hashes and places, compiled, over UTF-8 bytes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import inlined_kernel, kernel
from transforms.lib.python.lexing import (
    CLOSE,
    COMMA,
    COMMENT,
    END,
    JOIN,
    NEWLINE,
    OPEN,
    OPERATOR,
    STRING,
    WORD,
    hashed_token,
)
from transforms.lib.text.hashing import hash_bytes

# Kinds of words, beside the kinds of tokens of `lexing`.
NAME, KEYWORD, BUILTIN = 32, 33, 34

KEYWORD_TEXT = """
    False None True and as assert async await break class continue def del elif else except
    finally for from global if import in is lambda nonlocal not or pass raise return try while
    with yield"""
# Names that programs do not choose themselves. A list of our own, as `dir(builtins)` changes
# with the Python version and hashes must not.
BUILTIN_TEXT = """
    abs all any ascii bin bool bytearray bytes callable chr classmethod complex dict dir divmod
    enumerate eval exec filter float format frozenset getattr globals hasattr hash hex id input
    int isinstance issubclass iter len list map max memoryview min next object oct open ord pow
    print property range repr reversed round set setattr slice sorted staticmethod str sum super
    tuple type vars zip ArithmeticError AssertionError AttributeError EOFError Exception
    ImportError IndexError KeyError NotImplementedError OSError OverflowError RuntimeError
    StopIteration SyntaxError TypeError ValueError ZeroDivisionError __name__"""
KEYWORDS, BUILTINS = tuple(KEYWORD_TEXT.split()), tuple(BUILTIN_TEXT.split())
SLOTS = 512  # of the hash table of both, about a quarter full

PLUS, COLON = b"+:"
NO_STRING = -1  # as the start of a string: there are no more


class Tokens(NamedTuple):
    """Arrays with room for the tokens of one text; entry i is token i.

    value: uint64, a hash that is equal for equal tokens; kind: uint8; start, stop: int64, its
    bytes in the buffer; broken: bool, whether a line break that no backslash continues stands
    before it; back: uint8, how many tokens ago the same name stood, 0 if it did not.

    strings: int64[size, 3], the string literals by themselves: start, stop, and whether only
    brackets, commas, colons and plus signs stand between a string and the one before it; a start
    of NO_STRING ends them.
    """

    value: NDArray[np.uint64]
    kind: NDArray[np.uint8]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    broken: NDArray[np.bool_]
    back: NDArray[np.uint8]
    strings: NDArray[np.int64]


def room_for_tokens(size: int) -> Tokens:
    """Arrays for any text of fewer than `size` bytes; pages that no token needs are not touched."""
    return Tokens(
        value=np.empty(size, np.uint64),
        kind=np.empty(size, np.uint8),
        start=np.empty(size, np.int64),
        stop=np.empty(size, np.int64),
        broken=np.empty(size, np.bool_),
        back=np.empty(size, np.uint8),
        strings=np.empty((size, 3), np.int64),
    )


def name_value(name: str) -> int:
    """The hash of the token that is this name or keyword."""
    return hash_bytes(name.encode())


def _known_words() -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """An open-addressing hash table of keywords and builtins: their hashes, and their kinds."""
    values, kinds = np.zeros(SLOTS, np.uint64), np.full(SLOTS, NAME, np.uint8)
    for kind, names in ((KEYWORD, KEYWORDS), (BUILTIN, BUILTINS)):
        for name in names:
            slot = name_value(name) % SLOTS
            while values[slot]:
                slot = (slot + 1) % SLOTS
            values[slot], kinds[slot] = name_value(name), kind
    return values, kinds


KNOWN_VALUES, KNOWN_KINDS = _known_words()


@inlined_kernel
def _kind_of_word(value):  # type: ignore[no-untyped-def]
    slot = value % np.uint64(SLOTS)
    while KNOWN_VALUES[slot] and KNOWN_VALUES[slot] != value:
        slot = (slot + np.uint64(1)) % np.uint64(SLOTS)
    return KNOWN_KINDS[slot]


@inlined_kernel
def _joins_strings(data, kind, start, stop):  # type: ignore[no-untyped-def]
    """Whether strings on both sides of a token belong together, as in a list or in JSON."""
    if kind == OPERATOR:
        return stop == start + 1 and data[start] in (PLUS, COLON)
    return kind in (OPEN, CLOSE, COMMA)


@kernel
def raw_tokens(data, begin, end, tokens):  # type: ignore[no-untyped-def]
    """Put the tokens of data[begin:end] into `tokens`, comments left out; returns how many."""
    count, strings, at, broken, joined = 0, 0, begin, True, False
    while True:
        kind, start, at, value = hashed_token(data, at, end)
        if kind == END:
            tokens.strings[strings, 0] = NO_STRING
            return count
        if kind == NEWLINE:
            broken = True
        elif kind != JOIN and kind != COMMENT:
            if kind == STRING:
                tokens.strings[strings, 0], tokens.strings[strings, 1] = start, at
                tokens.strings[strings, 2] = joined
                strings, joined = strings + 1, True
            elif joined:
                joined = _joins_strings(data, kind, start, at)
            tokens.value[count] = value
            tokens.kind[count] = _kind_of_word(value) if kind == WORD else kind
            tokens.start[count], tokens.stop[count] = start, at
            tokens.broken[count] = broken
            count, broken = count + 1, False
