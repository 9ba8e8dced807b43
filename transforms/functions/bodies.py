"""Normalises bodies, so that equal code is equal text, and counts words, in compiled code.

A normalised body has no comments, no blank lines, and no blanks but one between two words. A line
ends with LINE_FEED, a block begins with DEEPER and ends with SHALLOWER, however it is indented.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.lib.compiled import kernel
from transforms.lib.duplicates.shingles import IS_WORD_BYTE
from transforms.lib.python.lexing import (
    CLOSE,
    COMMENT,
    END,
    JOIN,
    LINE_FEED,
    NEWLINE,
    OPEN,
    SEMICOLON,
    SPACE,
    TAB,
    WORD,
    token,
)
from transforms.lib.text.batch import TextBatch, text_batch

DEEPER, SHALLOWER = 1, 2
INDENT_LEVELS = 101  # Python refuses more than 100
TAB_COLUMNS = 8


def normalised(bodies: TextBatch) -> TextBatch:
    r"""The bodies of a batch, each of which begins after its docstring, normalised.

    >>> bodies = pa.array(["\n    return f( a,b )  # c\n", "\n\n  return f(a, b);"])
    >>> normalised(text_batch(bodies)).array.to_pylist()
    ['return f(a,b)\n', 'return f(a,b)\n']
    """
    # The marks of a block take two bytes; it has at least one of indentation, which is dropped.
    out = np.empty(2 * len(bodies.data) + 2 * len(bodies), np.uint8)
    ends = np.zeros(len(bodies) + 1, np.int64)
    _normalise(bodies.data, bodies.offsets, out, ends)
    buffers = [None, pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(out[: ends[-1]])]
    return text_batch(pa.Array.from_buffers(pa.string(), len(bodies), buffers))


def word_counts(batch: TextBatch) -> NDArray[np.int64]:
    """How many words, runs of letters, digits, `_` and bytes from 0x80, each text has; int64[n]."""
    counts = np.zeros(len(batch), np.int64)
    _count_words(batch.data, batch.offsets, IS_WORD_BYTE, counts)
    return counts


@kernel
def _count_words(data, offsets, word_bytes, counts):  # type: ignore[no-untyped-def]
    for i in range(len(counts)):
        inside = False
        for at in range(offsets[i], offsets[i + 1]):
            word = word_bytes[data[at]]
            counts[i] += word and not inside
            inside = word


@kernel
def _normalise(data, offsets, out, ends):  # type: ignore[no-untyped-def]
    indents = np.empty(INDENT_LEVELS + 1, np.int64)
    for i in range(len(ends) - 1):
        ends[i + 1] = _normalise_body(data, offsets[i], offsets[i + 1], out, ends[i], indents)


@kernel
def _normalise_body(data, at, end, out, to, indents):  # type: ignore[no-untyped-def]
    """Writes one normalised body to `out` from `to` on; returns where it ends."""
    first = to
    blocks = depth = 0
    starts, word = False, False
    line = at
    while True:
        kind, begin, at = token(data, at, end)
        if kind == END:
            break
        if kind in (COMMENT, JOIN):
            continue
        if kind == NEWLINE or (kind == SEMICOLON and depth == 0):
            if depth == 0:
                to = _end_line(out, first, to)
                starts, word = kind == NEWLINE, False
                line = at
            continue
        if starts:
            blocks, to = _mark_blocks(_columns(data, line, begin), indents, blocks, out, to)
            starts = False
        if word and kind == WORD:
            out[to] = SPACE
            to += 1
        out[to : to + at - begin] = data[begin:at]
        to += at - begin
        depth += (kind == OPEN) - (kind == CLOSE and depth > 0)
        word = kind == WORD
    to = _end_line(out, first, to)
    for _ in range(blocks - 1):
        out[to] = SHALLOWER
        to += 1
    return to


@kernel
def _end_line(out, first, to):  # type: ignore[no-untyped-def]
    """Ends the line in `out`, unless nothing is on it; returns where to go on."""
    if to == first or out[to - 1] == LINE_FEED or out[to - 1] == SHALLOWER:
        return to
    out[to] = LINE_FEED
    return to + 1


@kernel
def _mark_blocks(columns, indents, blocks, out, to):  # type: ignore[no-untyped-def]
    """Writes the marks of the blocks that end or begin with a line indented by `columns`."""
    while blocks > 1 and indents[blocks - 1] > columns:
        blocks -= 1
        out[to] = SHALLOWER
        to += 1
    if blocks == 0 or (indents[blocks - 1] < columns and blocks < INDENT_LEVELS):
        if blocks:
            out[to] = DEEPER
            to += 1
        indents[blocks] = columns
        blocks += 1
    return blocks, to


@kernel
def _columns(data, begin, end):  # type: ignore[no-untyped-def]
    """The column of the first token of a line, tabs to the next multiple of TAB_COLUMNS."""
    columns = 0
    for at in range(begin, end):
        if data[at] == TAB:
            columns += TAB_COLUMNS - columns % TAB_COLUMNS
        elif data[at] == SPACE:
            columns += 1
    return columns
