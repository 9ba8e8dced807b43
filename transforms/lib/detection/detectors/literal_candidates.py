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
    STRING,
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
MOST_NAME = 64  # bytes of a name
LEAST_INSIDE = 12  # bytes of a string or comment that is looked into: `token="x"` has 9
LEVELS = 3  # code, strings and comments in it, and strings in those
HISTORY = 16  # tokens that are remembered; a power of two
FIELDS = 9  # of a candidate
OUTSIDE, INSIDE, COMMENTED = 0, 1, 2  # of a string; in a comment
COLON, BANG, PAREN, SQUARE = b":!(]"
# A value without quotes ends at one of these, or at a blank.
ENDS_UNQUOTED = byte_flags("\t\n\r\f &\"'`<>,;(){}[]|\\")


class Candidate(NamedTuple):
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


def literal_candidates(texts: TextBatch) -> Iterator[Candidate]:
    """Yields the candidates of all texts in their order.

    >>> import pyarrow as pa
    >>> from transforms.lib.text.batch import text_batch
    >>> found = next(literal_candidates(text_batch(pa.array(["db(password='hunter2')"]))))
    >>> found.shape == ASSIGNED, (found.name_begin, found.name_end), (found.begin, found.end)
    (True, (3, 11), (13, 20))
    """
    for row in _table(texts).tolist():
        yield Candidate(*row)


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
            if kind == NEWLINE or kind == JOIN:
                continue
            inside, inside_end, is_value = begin + 1, stop, kind == STRING
            if kind == STRING:
                inside, inside_end = _inside(data, begin, stop)
            elif level > 0 and kind == WORD and kinds[level, place] == OPERATOR:
                is_value = _is_assignment(data[begins[level, place]])
                inside, inside_end = begin, _unquoted_end(data, stop, limit)
            if is_value and LEAST_BYTES <= inside_end - inside <= MOST_BYTES:
                # Two literals in a row are one value.
                is_candidate = kind == STRING and begin > continued[level] > 0
                is_candidate = is_candidate and kinds[level, place] == STRING
                is_candidate = is_candidate and stops[level, place] == continued[level]
                if is_candidate or _named(
                    data, kinds[level], begins[level], stops[level], place, kind, fields
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
            if level + 1 < LEVELS and (kind == STRING or kind == COMMENT):
                if inside_end - inside >= LEAST_INSIDE:
                    commented = commented or (kind == COMMENT and level == 0)
                    level += 1
                    ats[level], limits[level], places[level] = inside, inside_end, 0
                    kinds[level] = END
                    continued[level] = -1
    return count


@kernel
def _is_assignment(byte):  # type: ignore[no-untyped-def]
    return byte == EQUALS or byte == COLON


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
    while stop < limit and not ENDS_UNQUOTED[data[stop]]:
        stop += 1
    return stop


@kernel
def _named(data, kinds, begins, stops, place, kind, fields):  # type: ignore[no-untyped-def]
    """Whether the literal after the tokens stands beside a telling name; the name is in `fields`.

    `place` is that of the last token. In the comments `…` is the literal.
    """
    last = HISTORY - 1

    def is_byte(back, byte):  # type: ignore[no-untyped-def]
        at = (place - back) & last
        return kinds[at] != END and kinds[at] != STRING and data[begins[at]] == byte

    def kind_of(back):  # type: ignore[no-untyped-def]
        return kinds[(place - back) & last]

    name, shape, callee = -1, 0, -1
    if kind == WORD:
        if kind_of(1) == WORD and (is_byte(0, EQUALS) or is_byte(0, COLON)):
            name, shape = 1, UNQUOTED  # password=…
    else:
        back = 1 if is_byte(0, PAREN) and is_byte(1, EQUALS) else 0  # password = (…
        if is_byte(back, EQUALS):
            shape = ASSIGNED
            if is_byte(back + 1, EQUALS) or is_byte(back + 1, BANG):
                shape = COMPARED
                back += 1
            elif is_byte(back + 1, COLON):  # (password := …
                back += 1
            if kind_of(back + 1) == WORD:
                name = back + 1
                if shape == ASSIGNED and is_byte(back + 2, COLON) and kind_of(back + 3) == WORD:
                    at = (place - name) & last
                    if not _is_telling(data, begins[at], stops[at]):
                        name = back + 3  # password: str = …
            elif is_byte(back + 1, SQUARE):
                if kind_of(back + 2) == STRING:
                    name, shape = back + 2, KEYED if shape == ASSIGNED else COMPARED
                else:  # password: Optional[str] = …
                    for more in range(back + 2, back + 8):
                        if is_byte(more, COLON):
                            if kind_of(more + 1) == WORD:
                                name = more + 1
                            break
            elif kind_of(back + 1) == CLOSE and kind_of(back + 2) == STRING:
                if shape == COMPARED:  # x.get("password") == …
                    name = back + 2
        elif is_byte(0, COLON):
            if kind_of(1) == STRING:
                name, shape = 1, KEYED
            elif kind_of(1) == WORD:
                name, shape = 1, CONSTANT_KEYED
        elif kind_of(0) == COMMA:
            if kind_of(1) == STRING and is_byte(2, PAREN):
                name, shape = 1, PAIRED
                if kind_of(3) == WORD:
                    shape, callee = CALLED, 3
            else:
                name, shape = _unpacked(data, kinds, begins, place), ASSIGNED  # user, password = …
        elif kind_of(0) == WORD and stops[place] - begins[place] == 2 and is_byte(0, ord("o")):
            if kind_of(1) == CLOSE and kind_of(2) == STRING:
                name, shape = 2, FALLBACK
            elif kind_of(1) == WORD:
                name, shape = 1, FALLBACK
        elif is_byte(0, PAREN) and kind_of(1) == WORD:
            back = 2
            while back < 8 and is_byte(back, DOT) and kind_of(back + 1) == WORD:
                back += 2
            if is_byte(back, EQUALS) and kind_of(back + 1) == WORD:
                name, shape, callee = back + 1, WRAPPED, 1
            elif is_byte(back, COLON) and kind_of(back + 1) == STRING:
                name, shape, callee = back + 1, WRAPPED, 1
    if name < 0:
        return False
    at = (place - name) & last
    begin, stop = begins[at], stops[at]
    if kinds[at] == STRING:
        begin, stop = _inside(data, begin, stop)
    if stop - begin > MOST_NAME or not _is_telling(data, begin, stop):
        return False
    fields[1], fields[3], fields[4], fields[5], fields[6] = shape, begin, stop, begin, begin
    if callee >= 0:
        at = (place - callee) & last
        fields[5], fields[6] = begins[at], stops[at]
    return True


@kernel
def _unpacked(data, kinds, begins, place):  # type: ignore[no-untyped-def]
    """How many tokens back the name stands to which a literal is assigned; -1 if there is none.

    In `user, password = "…", "…"` the second literal is the second name's.
    """
    last = HISTORY - 1
    values, back = 0, 0
    while back < last and kinds[(place - back) & last] == COMMA:
        kind = kinds[(place - back - 1) & last]
        if kind != STRING and kind != WORD:
            return -1
        values += 1
        back += 2
    at = (place - back) & last
    if kinds[at] != OPERATOR or data[begins[at]] != EQUALS:
        return -1
    names = 0
    while back + 1 < last and kinds[(place - back - 1) & last] == WORD:
        names += 1
        back += 2
        if kinds[(place - back) & last] != COMMA:
            break
    return back - 1 - 2 * values if names > values else -1


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
