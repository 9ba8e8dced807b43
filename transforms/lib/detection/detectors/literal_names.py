"""Which name a string literal stands beside, by the tokens before it, in compiled code."""

import numpy as np

from transforms.lib.compiled import kernel
from transforms.lib.python.lexing import (
    BACKSLASH,
    CLOSE,
    COMMA,
    DOT,
    DOUBLE,
    END,
    EQUALS,
    OPERATOR,
    SINGLE,
    SPACE,
    STRING,
    TAB,
    WORD,
    byte_flags,
)

# How the literal stands beside the name.
ASSIGNED = 1  # password = "…", also with an annotation, and keyword arguments and defaults
COMPARED = 2  # password == "…"
KEYED = 3  # "password": "…" and x["password"] = "…"
CONSTANT_KEYED = 4  # {PASSWORD: "…"}
CALLED = 5  # getenv("PASSWORD", "…")
PAIRED = 6  # ("password", "…")
FALLBACK = 7  # getenv("PASSWORD") or "…"
WRAPPED = 8  # password = SecretStr("…")
UNQUOTED = 9  # password=… within a string or a comment

# A name that has none of these parts is no candidate's; upper and lower case are the same.
TELLING = (b"pass", b"pwd", b"secret", b"token", b"key", b"auth", b"cred", b"salt", b"nonce")
TELLING_FLAGS = byte_flags("".join(chr(part[0]) for part in TELLING))
TELLING_BYTES = np.zeros((len(TELLING), 8), np.uint8)
for _row, _part in enumerate(TELLING):
    TELLING_BYTES[_row, : len(_part)] = list(_part)

MOST_NAME = 64  # bytes of a name
HISTORY = 16  # tokens that are remembered; a power of two
MOST_ANNOTATION, MOST_DOTTED = 12, 8  # tokens that are looked at
COLON, BANG, PAREN, SQUARE, COMMA_BYTE = b":!(],"
OR = np.frombuffer(b"or", np.uint8)
BEFORE_PART = byte_flags("\r\n(,;")  # before a parameter or a statement

# The last tokens are in rings of HISTORY places. `back` counts tokens: 0 is the last one before the
# literal, 1 the one before that. What is returned is how many tokens back the name stands (-1 if
# there is none) and the shape.


@kernel
def inside_quotes(data, begin, stop):  # type: ignore[no-untyped-def]
    """Begin and end of what a string has within its quotes, of which the last may be missing."""
    while data[begin] != DOUBLE and data[begin] != SINGLE:
        begin += 1
    quote = data[begin]
    triple = stop - begin >= 3 and data[begin + 1] == quote and data[begin + 2] == quote
    size = 3 if triple else 1
    inside, end = begin + size, stop
    for _ in range(size):
        if end > inside and data[end - 1] == quote:
            end -= 1
    if begin > 0 and data[begin - 1] == BACKSLASH and end > inside and data[end - 1] == BACKSLASH:
        end -= 1
    return inside, max(inside, end)


@kernel
def named(data, kinds, begins, stops, place, kind, stop, fields):  # type: ignore[no-untyped-def]
    """Whether the literal after the tokens stands beside a telling name; the name is in `fields`.

    `place` is that of the last token, `kind` and `stop` are the literal's.
    """
    callee = -1
    if kind == WORD:
        name, shape = (1 if _kind(kinds, place, 1) == WORD else -1), UNQUOTED
    elif kinds[place] == OPERATOR:
        name, shape = _before_operator(data, kinds, begins, stops, place, stop)
    elif kinds[place] == COMMA:
        name, shape, callee = _before_comma(data, kinds, begins, place)
    elif kinds[place] == WORD:
        name, shape = _before_word(data, kinds, begins, stops, place)
    elif _is_byte(data, kinds, begins, place, 0, PAREN):
        if _is_byte(data, kinds, begins, place, 1, EQUALS):  # password = ("…"
            name, shape = _before_equals(data, kinds, begins, stops, place, 1, stop)
        else:
            name, shape, callee = _before_call(data, kinds, begins, place)
    else:
        return False
    if name < 0:
        return False
    at = _at(place, name)
    begin, end = begins[at], stops[at]
    if kinds[at] == STRING:
        begin, end = inside_quotes(data, begin, end)
    if end - begin > MOST_NAME or not _is_telling(data, begin, end):
        return False
    fields[1], fields[3], fields[4], fields[5], fields[6] = shape, begin, end, begin, begin
    if callee >= 0:
        fields[5], fields[6] = begins[_at(place, callee)], stops[_at(place, callee)]
    return True


@kernel
def _before_operator(data, kinds, begins, stops, place, stop):  # type: ignore[no-untyped-def]
    if _is_byte(data, kinds, begins, place, 0, EQUALS):
        return _before_equals(data, kinds, begins, stops, place, 0, stop)
    if not _is_byte(data, kinds, begins, place, 0, COLON):
        return -1, 0
    if _kind(kinds, place, 1) == WORD:
        return 1, CONSTANT_KEYED
    return (1 if _kind(kinds, place, 1) == STRING else -1), KEYED


@kernel
def _before_equals(data, kinds, begins, stops, place, back, stop):  # type: ignore[no-untyped-def]
    """Of `=` at `back`, which may be the second byte of `==` or `!=`."""
    is_compared = _is_byte(data, kinds, begins, place, back + 1, EQUALS)
    is_compared = is_compared or _is_byte(data, kinds, begins, place, back + 1, BANG)
    is_walrus = _is_byte(data, kinds, begins, place, back + 1, COLON)  # (password := …
    shape = COMPARED if is_compared else ASSIGNED
    back += 2 if is_compared or is_walrus else 1
    if _kind(kinds, place, back) == WORD:
        if is_compared:
            return back, shape
        return _assigned_name(data, kinds, begins, stops, place, back, stop), shape
    if _is_byte(data, kinds, begins, place, back, SQUARE):
        if _kind(kinds, place, back + 1) == STRING:  # x["password"] = …
            return back + 1, COMPARED if is_compared else KEYED
        return _annotated_name(data, kinds, begins, place, back), shape
    is_call = _kind(kinds, place, back) == CLOSE and _kind(kinds, place, back + 1) == STRING
    return (back + 1 if is_call and is_compared else -1), shape  # x.get("password") == …


@kernel
def _assigned_name(data, kinds, begins, stops, place, back, stop):  # type: ignore[no-untyped-def]
    """Of a word before `=`: that word, or another to which the literal belongs."""
    at = _at(place, back)
    before = _kind(kinds, place, back + 2)
    if not _is_telling(data, begins[at], stops[at]):
        return _annotated_name(data, kinds, begins, place, back)  # password: str = …
    if _kind(kinds, place, back + 1) == COMMA and before == WORD and data[stops[at]] == SPACE:
        while stop < len(data) and data[stop] == SPACE:
            stop += 1
        if stop < len(data) and data[stop] == COMMA_BYTE:  # user, password = "…",
            while _kind(kinds, place, back + 1) == COMMA and back + 2 < HISTORY:
                if _kind(kinds, place, back + 2) != WORD:
                    break
                back += 2
    return back


@kernel
def _annotated_name(data, kinds, begins, place, back):  # type: ignore[no-untyped-def]
    """Of the last token of an annotation, as in `password: Optional[str] = …`."""
    for more in range(back + 1, back + MOST_ANNOTATION):
        if _is_byte(data, kinds, begins, place, more, COLON):
            is_word = _kind(kinds, place, more + 1) == WORD
            is_name = is_word and _begins_part(data, begins[_at(place, more + 1)])
            return more + 1 if is_name else -1
        if _is_byte(data, kinds, begins, place, more, EQUALS):
            break
    return -1


@kernel
def _begins_part(data, at):  # type: ignore[no-untyped-def]
    """Whether a word begins a line or a parameter; what stands after `if` is no annotated name."""
    at -= 1
    while at >= 0 and (data[at] == SPACE or data[at] == TAB):
        at -= 1
    return at < 0 or BEFORE_PART[data[at]]


@kernel
def _before_comma(data, kinds, begins, place):  # type: ignore[no-untyped-def]
    """Name, shape and the word before the bracket, in tokens back."""
    if _kind(kinds, place, 1) == STRING and _is_byte(data, kinds, begins, place, 2, PAREN):
        if _kind(kinds, place, 3) == WORD:
            return 1, CALLED, 3
        return 1, PAIRED, -1
    return _unpacked(data, kinds, begins, place), ASSIGNED, -1


@kernel
def _unpacked(data, kinds, begins, place):  # type: ignore[no-untyped-def]
    """Of `user, password = "…", "…"`: the second literal is the second name's."""
    values, back = 0, 0
    while back + 1 < HISTORY and _kind(kinds, place, back) == COMMA:
        if _kind(kinds, place, back + 1) != STRING and _kind(kinds, place, back + 1) != WORD:
            return -1
        values += 1
        back += 2
    if not _is_byte(data, kinds, begins, place, back, EQUALS):
        return -1
    names = 0
    while back + 1 < HISTORY and _kind(kinds, place, back + 1) == WORD:
        names += 1
        back += 2
        if _kind(kinds, place, back) != COMMA:
            break
    return back - 1 - 2 * values if names > values else -1


@kernel
def _before_word(data, kinds, begins, stops, place):  # type: ignore[no-untyped-def]
    """Of `or`: getenv("PASSWORD") or …, x["password"] or …, password or …"""
    begin = begins[place]
    if stops[place] - begin != 2 or data[begin] != OR[0] or data[begin + 1] != OR[1]:
        return -1, 0
    if _kind(kinds, place, 1) == WORD:
        return 1, FALLBACK
    is_key = _kind(kinds, place, 1) == CLOSE and _kind(kinds, place, 2) == STRING
    return (2 if is_key else -1), FALLBACK


@kernel
def _before_call(data, kinds, begins, place):  # type: ignore[no-untyped-def]
    """Name, shape and the word before the bracket, of `password = module.SecretStr(…`."""
    if _kind(kinds, place, 1) != WORD:
        return -1, 0, -1
    back = 2
    while back < MOST_DOTTED and _is_byte(data, kinds, begins, place, back, DOT):
        back += 2
    is_assigned = _is_byte(data, kinds, begins, place, back, EQUALS)
    if is_assigned and _kind(kinds, place, back + 1) == WORD:
        return back + 1, WRAPPED, 1
    is_value = _is_byte(data, kinds, begins, place, back, COLON)
    return (back + 1 if is_value and _kind(kinds, place, back + 1) == STRING else -1), WRAPPED, 1


@kernel
def _at(place, back):  # type: ignore[no-untyped-def]
    return (place - back) & (HISTORY - 1)


@kernel
def _kind(kinds, place, back):  # type: ignore[no-untyped-def]
    return kinds[(place - back) & (HISTORY - 1)]


@kernel
def _is_byte(data, kinds, begins, place, back, byte):  # type: ignore[no-untyped-def]
    """Whether a token is this operator or bracket of one byte."""
    at = (place - back) & (HISTORY - 1)
    return kinds[at] != END and kinds[at] != STRING and data[begins[at]] == byte


@kernel
def _is_telling(data, begin, stop):  # type: ignore[no-untyped-def]
    """Whether a name has one of the TELLING parts."""
    for at in range(begin, stop - 2):
        first = data[at] | 32
        if TELLING_FLAGS[first]:
            for row in range(len(TELLING_BYTES)):
                size = 0
                while size < 8 and TELLING_BYTES[row, size]:
                    if at + size >= stop or data[at + size] | 32 != TELLING_BYTES[row, size]:
                        break
                    size += 1
                if TELLING_BYTES[row, size] == 0:
                    return True
    return False
