"""Source text to raw tokens, compiled, over UTF-8 bytes.

It never fails: an unfinished string ends with its line (a triple one with the text), and a byte
that begins no token is a token of its own.
"""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from transforms.lib.duplicates.shingles import FNV_OFFSET, mix
from transforms.lib.text.hashing import hash_bytes, numbers, step

NAME, KEYWORD, BUILTIN, NUMBER, STRING, OPERATOR = range(6)
SPACE, BREAK, COMMENT, LETTER, DIGIT, QUOTE, OTHER = range(7)  # classes of bytes

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

TAB, NEWLINE, FORM_FEED, RETURN, BACKSLASH = 9, 10, 12, 13, 92
DOUBLE_QUOTE, SINGLE_QUOTE, DOT, EQUALS, MINUS, GREATER = 34, 39, 46, 61, 45, 62
# A string, a number and an operator of the same bytes are three tokens.
STRING_SEED, NUMBER_SEED, OPERATOR_SEED = numbers(3, 5)


class Tokens(NamedTuple):
    """Room for the tokens of one text.

    value: uint64, equal for equal tokens; kind: uint8; start, stop: int64, places in the buffer;
    broken: bool, whether a line break that is not continued stands before it; back: uint8, how
    many tokens ago the same name stood.
    """

    value: NDArray[np.uint64]
    kind: NDArray[np.uint8]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    broken: NDArray[np.bool_]
    back: NDArray[np.uint8]


def room(size: int) -> Tokens:
    """Room for any text of `size` bytes; memory that no token needs is never touched."""
    return Tokens(
        value=np.empty(size, np.uint64),
        kind=np.empty(size, np.uint8),
        start=np.empty(size, np.int64),
        stop=np.empty(size, np.int64),
        broken=np.empty(size, np.bool_),
        back=np.empty(size, np.uint8),
    )


def _classes() -> NDArray[np.uint8]:
    classes = np.full(256, OTHER, np.uint8)
    for byte in range(256):
        if byte >= 128 or chr(byte).isalpha() or chr(byte) == "_":
            classes[byte] = LETTER
        elif chr(byte).isdigit():
            classes[byte] = DIGIT
    classes[[ord(" "), TAB, FORM_FEED, BACKSLASH]] = SPACE
    classes[[NEWLINE, RETURN]] = BREAK
    classes[[DOUBLE_QUOTE, SINGLE_QUOTE]] = QUOTE
    classes[ord("#")] = COMMENT
    return classes


def _flags(characters: str) -> NDArray[np.bool_]:
    flags = np.zeros(256, np.bool_)
    flags[list(characters.encode())] = True
    return flags


CLASSES = _classes()
PREFIX, DOUBLED, BEFORE_EQUALS = _flags("rRbBuUfF"), _flags("*/<>"), _flags("+-*/%&|^@<>=!:")


def name_value(name: str) -> int:
    """The value of a name's token."""
    return hash_bytes(name.encode())


KNOWN_SLOTS = 512


def _known() -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Keywords and builtins in an open hash table: values, and kinds."""
    values, kinds = np.zeros(KNOWN_SLOTS, np.uint64), np.full(KNOWN_SLOTS, NAME, np.uint8)
    for kind, names in ((KEYWORD, KEYWORDS), (BUILTIN, BUILTINS)):
        for name in names:
            slot = name_value(name) % KNOWN_SLOTS
            while values[slot]:
                slot = (slot + 1) % KNOWN_SLOTS
            values[slot], kinds[slot] = name_value(name), kind
    return values, kinds


KNOWN_VALUES, KNOWN_KINDS = _known()


@numba.njit(cache=True, nogil=True, inline="always")
def _kind_of(value):  # type: ignore[no-untyped-def]
    slot = value % np.uint64(KNOWN_SLOTS)
    while KNOWN_VALUES[slot] and KNOWN_VALUES[slot] != value:
        slot = (slot + np.uint64(1)) % np.uint64(KNOWN_SLOTS)
    return KNOWN_KINDS[slot]


@numba.njit(cache=True, nogil=True)
def _name(data, at, end):  # type: ignore[no-untyped-def]
    """Value and end of the name that begins at `at`."""
    value = FNV_OFFSET
    while at < end and (CLASSES[data[at]] == LETTER or CLASSES[data[at]] == DIGIT):
        value = step(value, data[at])
        at += 1
    return mix(value), at


@numba.njit(cache=True, nogil=True)
def _number(data, at, end):  # type: ignore[no-untyped-def]
    """Value and end of the number that begins at `at`: letters, digits, dots, a sign after e."""
    value, begin = NUMBER_SEED, at
    hexadecimal = at + 1 < end and data[at + 1] | 32 == ord("x")
    while at < end:
        byte = data[at]
        signed = byte in (43, MINUS) and at > begin and data[at - 1] | 32 == ord("e")
        if CLASSES[byte] == LETTER:
            byte |= 32
        elif not (CLASSES[byte] == DIGIT or byte == DOT or (signed and not hexadecimal)):
            break
        value = step(value, byte)
        at += 1
    return mix(value), at


@numba.njit(cache=True, nogil=True, inline="always")
def _after_break(data, at, end):  # type: ignore[no-untyped-def]
    """The place after one line break: any number of returns, and a newline."""
    while at < end and data[at] == RETURN:
        at += 1
    return at + 1 if at < end and data[at] == NEWLINE else at


@numba.njit(cache=True, nogil=True)
def _string(data, at, end):  # type: ignore[no-untyped-def]
    """Value and end of the string whose first quote stands at `at`."""
    value, quote = STRING_SEED, data[at]
    triple = at + 2 < end and data[at + 1] == quote and data[at + 2] == quote
    at += 3 if triple else 1
    while at < end:
        byte = data[at]
        if byte == BACKSLASH and at + 1 < end:
            at += 1
            byte = data[at]
            if CLASSES[byte] == BREAK:
                at = _after_break(data, at, end)
                continue
            if CLASSES[byte] != QUOTE:
                value = step(value, BACKSLASH)
        elif byte == quote:
            if not triple:
                return mix(value), at + 1
            if at + 2 < end and data[at + 1] == quote and data[at + 2] == quote:
                return mix(value), at + 3
        elif CLASSES[byte] == BREAK and not triple:
            break
        if byte != RETURN:
            value = step(value, byte)
        at += 1
    return mix(value), at


@numba.njit(cache=True, nogil=True)
def _operator(data, at, end):  # type: ignore[no-untyped-def]
    """Value and end of the operator that begins at `at`: one to three bytes."""
    byte, stop = data[at], at + 1
    if stop < end and DOUBLED[byte] and data[stop] == byte:
        stop += 1
    if stop < end:
        assigned = BEFORE_EQUALS[byte] and data[stop] == EQUALS
        stop += assigned or (byte == MINUS and data[stop] == GREATER)
    value = OPERATOR_SEED
    for place in range(at, stop):
        value = step(value, data[place])
    return mix(value), stop


@numba.njit(cache=True, nogil=True)
def _token(data, at, end):  # type: ignore[no-untyped-def]
    """Value, kind and end of the token that begins at `at`."""
    shape = CLASSES[data[at]]
    if shape == LETTER:
        value, stop = _name(data, at, end)
        prefix = stop - at <= 2 and PREFIX[data[at]] and PREFIX[data[stop - 1]]
        if prefix and stop < end and CLASSES[data[stop]] == QUOTE:
            value, stop = _string(data, stop, end)
            return value, STRING, stop
        return value, _kind_of(value), stop
    if shape == DIGIT or (data[at] == DOT and at + 1 < end and CLASSES[data[at + 1]] == DIGIT):
        value, stop = _number(data, at, end)
        return value, NUMBER, stop
    if shape == QUOTE:
        value, stop = _string(data, at, end)
        return value, STRING, stop
    value, stop = _operator(data, at, end)
    return value, OPERATOR, stop


@numba.njit(cache=True, nogil=True)
def lex(data, begin, end, tokens):  # type: ignore[no-untyped-def]
    """The tokens of data[begin:end] into `tokens`; returns how many."""
    count, at, broken = 0, begin, True
    while at < end:
        shape = CLASSES[data[at]]
        if shape == SPACE:
            at += 1
            if data[at - 1] == BACKSLASH:
                at = _after_break(data, at, end)
        elif shape == BREAK:
            broken = True
            at += 1
        elif shape == COMMENT:
            while at < end and CLASSES[data[at]] != BREAK:
                at += 1
        else:
            value, kind, stop = _token(data, at, end)
            tokens.value[count], tokens.kind[count] = value, kind
            tokens.start[count], tokens.stop[count] = at, stop
            tokens.broken[count] = broken
            count, at, broken = count + 1, stop, False
    return count
