"""Python source as tokens, in compiled code and without a parser.

The lexer takes any bytes and never fails: a string that is not closed ends with its line (a
triple-quoted one with the text), and a byte that begins no other token is an OPERATOR. On a file
that Python accepts, the tokens are those of the standard library's `tokenize`, with the exceptions
that the two functions name.

- `token` says where a token begins and ends. Numbers may come in parts (`1.5` is WORD, OPERATOR,
  WORD), and operators come byte by byte.
- `hashed_token` also returns a hash, equal for equal tokens; numbers and operators come whole.
"""

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import inlined_kernel, kernel
from transforms.lib.text.hashing import FNV_OFFSET, fnv1a, mix, odd_numbers

# The kinds of tokens. WORD is a name or a keyword, and for `token` also a number; JOIN is a
# backslash outside of strings, with the line break that it continues; BLANK is never returned.
END, NEWLINE, COMMENT, WORD, STRING, OPEN, CLOSE, COMMA, SEMICOLON, OPERATOR, JOIN = range(11)
NUMBER, BLANK = 11, 12

TAB, LINE_FEED, RETURN, SPACE = b"\t\n\r "
DOUBLE, SINGLE, BACKSLASH = b"\"'\\"
DOT, EQUALS, PLUS, MINUS, GREATER = b".=+->"

NO_HASH = np.uint64(0)
# Hashes begin with different numbers, so that a string, a number and an operator with the same
# bytes are different tokens; a word begins with FNV_OFFSET, as every other word that quire hashes.
STRING_SEED, NUMBER_SEED, OPERATOR_SEED = odd_numbers(3, 5)


def byte_flags(characters: str) -> NDArray[np.bool_]:
    """A table of 256 flags, true for the bytes of these ASCII characters."""
    flags = np.zeros(256, np.bool_)
    flags[list(characters.encode("ascii"))] = True
    return flags


IDENTIFIER_BYTES = np.array(
    [byte >= 0x80 or chr(byte).isalnum() or chr(byte) == "_" for byte in range(256)], np.bool_
)
DIGIT_BYTES = byte_flags("0123456789")
PREFIX_BYTES = byte_flags("rbuftRBUFT")  # of string literals
DOUBLED_BYTES = byte_flags("*/<>")  # two of them in a row are one operator
BEFORE_EQUALS = byte_flags("+-*/%&|^@<>=!:")  # with `=` after them they are one operator

KIND_OF_BYTE = np.full(256, OPERATOR, np.uint8)  # of the token that begins with the byte
KIND_OF_BYTE[IDENTIFIER_BYTES] = WORD
for _bytes, _kind in (
    (b" \t\f", BLANK),
    (b"\n\r", NEWLINE),
    (b"#", COMMENT),
    (b"\\", JOIN),
    (b"\"'", STRING),
    (b"([{", OPEN),
    (b")]}", CLOSE),
    (b",", COMMA),
    (b";", SEMICOLON),
):
    KIND_OF_BYTE[list(_bytes)] = _kind


@inlined_kernel
def token(data, at, end):  # type: ignore[no-untyped-def]
    """The kind, begin and end of the first token of data[at:end], blanks skipped.

    `data` is an array of uint8. After the last token the kind is END, and begin and end are `end`.

    >>> source = np.frombuffer(b"  x += 'y'", np.uint8)
    >>> token(source, 0, 10) == (WORD, 2, 3)
    True
    >>> token(source, 3, 10) == (OPERATOR, 4, 5)
    True
    """
    kind, begin, stop, _ = _token(data, at, end, None)
    return kind, begin, stop


@inlined_kernel
def hashed_token(data, at, end):  # type: ignore[no-untyped-def]
    r"""The same as `token`, and the token's hash, a uint64.

    Equal hashes mean equal tokens. Of strings the prefix, the quotes, `\r`, and the backslash
    before a quote or a line break do not count; numbers have no case. A line break may have any
    number of `\r` before its `\n`, as in files whose line ends were converted several times.
    """
    return _token(data, at, end, FNV_OFFSET)


# The functions below are compiled twice: where `seed` is None, numba leaves out all that hashes.
# This one and the two above are inlined, as to return a tuple costs more than many a token.
@inlined_kernel
def _token(data, at, end, seed):  # type: ignore[no-untyped-def]
    while at < end and KIND_OF_BYTE[data[at]] == BLANK:
        at += 1
    if at >= end:
        return END, end, end, NO_HASH
    kind = np.int64(KIND_OF_BYTE[data[at]])
    if kind == WORD:
        if seed is not None and DIGIT_BYTES[data[at]]:
            stop, value = _number(data, at, end)
            return NUMBER, at, stop, value
        stop, value = _word(data, at, end, seed)
        if stop < end and KIND_OF_BYTE[data[stop]] == STRING and _is_prefix(data, at, stop):
            stop, value = _string(data, stop, end, seed)
            return STRING, at, stop, value
        return WORD, at, stop, value
    if kind == STRING:
        stop, value = _string(data, at, end, seed)
        return STRING, at, stop, value
    if kind == NEWLINE:
        return NEWLINE, at, _after_break(data, at, end, seed), NO_HASH
    if kind == COMMENT:
        return COMMENT, at, _line_end(data, at, end), NO_HASH
    if kind == JOIN:
        return JOIN, at, _after_break(data, at + 1, end, seed), NO_HASH
    if seed is not None:
        if data[at] == DOT and at + 1 < end and DIGIT_BYTES[data[at + 1]]:
            stop, value = _number(data, at, end)
            return NUMBER, at, stop, value
        stop, value = _operator(data, at, end)
        return kind, at, stop, value
    return kind, at, at + 1, NO_HASH


@kernel
def _word(data, at, end, seed):  # type: ignore[no-untyped-def]
    """End and hash of the word that begins at `at`."""
    value = FNV_OFFSET
    while at < end and IDENTIFIER_BYTES[data[at]]:
        if seed is not None:
            value = fnv1a(value, data[at])
        at += 1
    return at, mix(value)


@kernel
def _is_prefix(data, at, stop):  # type: ignore[no-untyped-def]
    """Whether a word before a quote belongs to the string: r, b, u, f, t, or two of them."""
    return PREFIX_BYTES[data[at]] and (
        stop == at + 1 or (stop == at + 2 and PREFIX_BYTES[data[at + 1]])
    )


@kernel
def _string(data, at, end, seed):  # type: ignore[no-untyped-def]
    """End and hash of the string whose first quote is at `at`."""
    value, quote = STRING_SEED, data[at]
    triple = at + 2 < end and data[at + 1] == quote and data[at + 2] == quote
    at += 3 if triple else 1
    while at < end:
        byte = data[at]
        if byte == BACKSLASH and at + 1 < end:
            at += 1
            byte = data[at]
            if byte in (LINE_FEED, RETURN):
                at = _after_break(data, at, end, seed)
                continue
            if seed is not None and byte != DOUBLE and byte != SINGLE:
                value = fnv1a(value, BACKSLASH)
        elif byte == quote:
            if not triple:
                return at + 1, mix(value)
            if at + 2 < end and data[at + 1] == quote and data[at + 2] == quote:
                return at + 3, mix(value)
        elif not triple and byte in (LINE_FEED, RETURN):
            break
        if seed is not None and byte != RETURN:
            value = fnv1a(value, byte)
        at += 1
    return at, mix(value)


@kernel
def _after_break(data, at, end, seed):  # type: ignore[no-untyped-def]
    r"""Where a line break at `at` ends; `at` if there is none.

    It is `\n`, `\r` or `\r\n` as for Python, and where tokens are hashed also `\r\r\n` and so on.
    """
    if seed is None:
        at += at < end and data[at] == RETURN
    else:
        while at < end and data[at] == RETURN:
            at += 1
    return at + 1 if at < end and data[at] == LINE_FEED else at


@kernel
def _line_end(data, at, end):  # type: ignore[no-untyped-def]
    while at < end and data[at] != LINE_FEED and data[at] != RETURN:
        at += 1
    return at


@kernel
def _number(data, at, end):  # type: ignore[no-untyped-def]
    """End and hash of the number that begins at `at`: letters, digits, dots, a sign after e."""
    value, begin = NUMBER_SEED, at
    hexadecimal = at + 1 < end and data[at + 1] | 32 == ord("x")
    while at < end:
        byte = data[at]
        signed = byte in (PLUS, MINUS) and at > begin and data[at - 1] | 32 == ord("e")
        if IDENTIFIER_BYTES[byte] and not DIGIT_BYTES[byte]:
            byte |= 32  # lower case
        elif not (DIGIT_BYTES[byte] or byte == DOT or (signed and not hexadecimal)):
            break
        value = fnv1a(value, byte)
        at += 1
    return at, mix(value)


@kernel
def _operator(data, at, end):  # type: ignore[no-untyped-def]
    """End and hash of the operator that begins at `at`: one to three bytes."""
    byte, stop = data[at], at + 1
    if stop < end and DOUBLED_BYTES[byte] and data[stop] == byte:
        stop += 1
    if stop < end:
        assigned = BEFORE_EQUALS[byte] and data[stop] == EQUALS
        stop += assigned or (byte == MINUS and data[stop] == GREATER)
    value = OPERATOR_SEED
    for place in range(at, stop):
        value = fnv1a(value, data[place])
    return stop, mix(value)
