"""String literals beside names that tell of secrets, found by tokens in compiled code.

What is found is only a candidate: whether its value is a secret is decided by `literal_gates`.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import kernel
from transforms.lib.python.lexing import (
    BACKSLASH,
    CLOSE,
    COMMA,
    COMMENT,
    DOT,
    DOUBLE,
    END,
    EQUALS,
    JOIN,
    LINE_FEED,
    NEWLINE,
    OPERATOR,
    RETURN,
    SINGLE,
    SPACE,
    STRING,
    TAB,
    WORD,
    byte_flags,
    token,
)
from transforms.lib.text.batch import TextBatch

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

LEAST_BYTES, MOST_BYTES = 3, 4096  # of a value
MOST_UNQUOTED = 512  # bytes of a value without quotes
MOST_NAME = 64  # bytes of a name
LEAST_INSIDE = 12  # bytes of a string or comment that is looked into: `token="x"` has 9
LEVELS = 3  # code, strings and comments in it, and strings in those
HISTORY = 16  # tokens that are remembered; a power of two
FIELDS = 9  # of a candidate
OUTSIDE, INSIDE, COMMENTED = 0, 1, 2  # of a string; in a comment
COLON, BANG, PAREN, SQUARE, COMMA_BYTE = b":!(],"
OR = np.frombuffer(b"or", np.uint8)
MOST_ANNOTATION, MOST_DOTTED = 12, 8  # tokens that are looked at
# A value without quotes ends at one of these, or at a blank.
ENDS_UNQUOTED = byte_flags("\t\n\r\f &\"'`<>,;(){}[]|\\")

BEFORE_PART = byte_flags("\r\n(,;")  # before a parameter or a statement


class LiteralCandidate(NamedTuple):
    """A literal beside a telling name; all but `text`, `shape` and `level` are places in the batch.

    The value is data[begin:end], without quotes; `callee_*` is the word before the bracket of a
    call. `level` is INSIDE where all of it stands within a string, COMMENTED within a comment.
    """

    text: int
    shape: int
    level: int
    name_begin: int
    name_end: int
    callee_begin: int
    callee_end: int
    begin: int
    end: int


def literal_candidates(texts: TextBatch) -> Iterator[LiteralCandidate]:
    """Yields the candidates of all texts in their order.

    >>> import pyarrow as pa
    >>> from transforms.lib.text.batch import text_batch
    >>> found = next(literal_candidates(text_batch(pa.array(["db(password='hunter2')"]))))
    >>> found.shape == ASSIGNED, (found.name_begin, found.name_end), (found.begin, found.end)
    (True, (3, 11), (13, 20))
    """
    for row in _table(texts).tolist():
        yield LiteralCandidate(*row)


def _table(texts: TextBatch) -> NDArray[np.int64]:
    """The candidates; int64[n, FIELDS]."""
    room = max(64, len(texts.data) // 256)
    while True:
        found = np.empty((room, FIELDS), np.int64)
        count = _candidates(texts.data, texts.offsets, found)
        if count <= room:
            return found[:count]
        room = count


@kernel
def _candidates(data, offsets, found):  # type: ignore[no-untyped-def]
    """How many candidates there are; as many as there is room for are written to `found`."""
    # The last tokens of each level: the newest is at `places[level]`. `ats` and `limits` say what
    # of each level is still to be read.
    kinds, begins, stops = np.empty((3, LEVELS, HISTORY), np.int64)
    places, ats, limits, continued = np.zeros((4, LEVELS), np.int64)
    fields = np.empty(FIELDS, np.int64)
    count = 0
    for text in range(len(offsets) - 1):
        level, commented = 0, False
        ats[0], limits[0], places[0], continued[0] = offsets[text], offsets[text + 1], 0, -1
        kinds[0] = END
        while True:
            limit, place = limits[level], places[level]
            kind, begin, stop = token(data, ats[level], limit)
            if kind == JOIN and level > 0:
                kind, begin, stop = _escaped_string(data, begin, stop, limit)
            ats[level] = stop
            if kind == END:
                if level == 0:
                    break
                level -= 1
                commented = commented and level > 0
                continue
            if kind in (NEWLINE, JOIN):
                continue
            inside, inside_end, is_value = begin + 1, stop, kind == STRING
            if kind == STRING:
                inside, inside_end = _inside(data, begin, stop)
            elif level > 0 and kind == WORD and kinds[level, place] == OPERATOR:
                is_value = _is_assignment(data, begins[level, place], begin)
                inside, inside_end = begin, _unquoted_end(data, stop, limit)
            if is_value and LEAST_BYTES <= inside_end - inside <= MOST_BYTES:
                # Two literals in a row are one value.
                is_candidate = kind == STRING and begin > continued[level] > 0
                is_candidate = is_candidate and kinds[level, place] == STRING
                is_candidate = is_candidate and stops[level, place] == continued[level]
                if is_candidate or _named(
                    data, kinds[level], begins[level], stops[level], place, kind, stop, fields
                ):
                    fields[0], fields[7], fields[8] = text, inside, inside_end
                    fields[2] = COMMENTED if commented else min(level, INSIDE)
                    if count < len(found):
                        found[count] = fields
                    count += 1
                    continued[level] = stop
            if kind != COMMENT:
                place = (place + 1) & (HISTORY - 1)
                kinds[level, place], begins[level, place], stops[level, place] = kind, begin, stop
                places[level] = place
            is_long = inside_end - inside >= LEAST_INSIDE and level + 1 < LEVELS
            if is_long and kind in (STRING, COMMENT):
                commented = commented or (kind == COMMENT and level == 0)
                level += 1
                ats[level], limits[level], places[level] = inside, inside_end, 0
                kinds[level] = END
                continued[level] = -1
    return count


@kernel
def _is_assignment(data, at, begin):  # type: ignore[no-untyped-def]
    """Whether an operator before a word assigns it: `=`, or `:` and a blank as in YAML."""
    return data[at] == EQUALS or (data[at] == COLON and at + 1 < begin)


@kernel
def _escaped_string(data, begin, stop, limit):  # type: ignore[no-untyped-def]
    r"""A string between quotes that are escaped, as in "{\"password\": …}"; else the JOIN."""
    if stop < limit and (data[stop] == DOUBLE or data[stop] == SINGLE):
        for at in range(stop + 1, min(stop + MOST_BYTES, limit - 1)):
            if data[at] == LINE_FEED or data[at] == RETURN:
                break
            if data[at] == BACKSLASH and data[at + 1] == data[stop]:
                return STRING, stop, at + 2
    return JOIN, begin, stop


@kernel
def _inside(data, begin, stop):  # type: ignore[no-untyped-def]
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
def _unquoted_end(data, stop, limit):  # type: ignore[no-untyped-def]
    limit = min(limit, stop + MOST_UNQUOTED)
    while stop < limit and not ENDS_UNQUOTED[data[stop]]:
        stop += 1
    return stop


# Below, `back` counts tokens: 0 is the last one before the literal, 1 the one before that. What is
# returned is how many tokens back the name stands (-1 if there is none) and the shape.


@kernel
def _named(data, kinds, begins, stops, place, kind, stop, fields):  # type: ignore[no-untyped-def]
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
        begin, end = _inside(data, begin, end)
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
