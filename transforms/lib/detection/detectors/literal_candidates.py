"""String literals beside names that tell of secrets, found by tokens in compiled code.

What is found is only a candidate: whether its value is a secret is decided by `literal_gates`.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import kernel
from transforms.lib.detection.detectors.literal_names import COLON, HISTORY, inside_quotes, named
from transforms.lib.python.lexing import (
    BACKSLASH,
    COMMENT,
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

LEAST_BYTES, MOST_BYTES = 3, 4096  # of a value
MOST_UNQUOTED = 512  # bytes of a value without quotes
LEAST_INSIDE = 12  # bytes of a string or comment that is looked into: `token="x"` has 9
LEVELS = 3  # code, strings and comments in it, and strings in those
FIELDS = 9  # of a candidate
OUTSIDE, INSIDE, COMMENTED = 0, 1, 2  # of a string; in a comment
# A value without quotes ends at one of these, or at a blank.
ENDS_UNQUOTED = byte_flags("\t\n\r\f &\"'`<>,;(){}[]|\\")


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
    >>> from transforms.lib.detection.detectors.literal_names import ASSIGNED
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
            is_value = kind == STRING
            inside, inside_end = begin + 1, stop
            if kind == STRING:
                inside, inside_end = inside_quotes(data, begin, stop)
            elif level > 0 and kind == WORD and kinds[level, place] == OPERATOR:
                is_value = _is_assignment(data, begins[level, place], begin)
                inside, inside_end = begin, _unquoted_end(data, stop, limit)
            if is_value and LEAST_BYTES <= inside_end - inside <= MOST_BYTES:
                follows = kind == STRING == kinds[level, place]
                # Two literals in a row are one value.
                continues = follows and stops[level, place] == continued[level]
                if continues or named(
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
def _unquoted_end(data, stop, limit):  # type: ignore[no-untyped-def]
    limit = min(limit, stop + MOST_UNQUOTED)
    while stop < limit and not ENDS_UNQUOTED[data[stop]]:
        stop += 1
    return stop
