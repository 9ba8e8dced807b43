"""The kernel that counts the lines of each kind, and the lines of code that a file repeats."""

import numpy as np

from transforms.corpus.quality.line_kinds import CODE, COMMENT, DOCSTRING
from transforms.lib.compiled import inlined_kernel, kernel
from transforms.lib.python.lexing import LINE_FEED, RETURN, SPACE
from transforms.lib.text.eight_bytes import eight_bytes, line_breaks, place_of
from transforms.lib.text.hashing import GOLDEN_RATIO, MIX_1

CODE_LINES, DOCSTRINGS, COMMENTS, DUPLICATES = range(4)  # places in `counts`
MIN_BYTES = 2  # of a line that may be a duplicate
BRACE, COMMA = b"},"
MAX_PROBES = 64  # of one line: nobody can make lines that all want one slot
ONE, HALF = np.uint64(1), np.uint64(32)


@kernel
def count_lines(data, at, end, kinds, table, counts):  # type: ignore[no-untyped-def]
    """Adds to `counts` the lines of each of the `kinds` that `scan` wrote, without blank ones.

    `table` is for the hashes of lines: zeros, a power of two, and twice as many as lines at least.
    """
    line = 0
    while at < end:
        while at < end and data[at] <= SPACE and data[at] != LINE_FEED and data[at] != RETURN:
            at += 1
        begin = at
        at, key = _line(data, at, end)
        if at > begin:
            kind = kinds[line]
            counts[COMMENTS] += kind == COMMENT
            counts[DOCSTRINGS] += kind == DOCSTRING
            if kind == CODE:
                counts[CODE_LINES] += 1
                size = at - begin
                brace = size == MIN_BYTES and data[begin] == BRACE and data[begin + 1] == COMMA
                if size >= MIN_BYTES and not brace:
                    counts[DUPLICATES] += _repeats(key | ONE, table)
        line += 1
        at += 1


@inlined_kernel
def _repeats(key, table):  # type: ignore[no-untyped-def]
    """How many more lines are known to be duplicates now: with the second of its kind, two.

    The keys are odd; one that has been met again is even in the table.
    """
    mask = np.uint64(len(table) - 1)
    slot = key >> HALF & mask
    more = 0
    for _ in range(MAX_PROBES):
        found = table[slot]
        if found == 0:
            table[slot] = key
            break
        if found | ONE == key:
            table[slot] = found & ~ONE
            more = 2 if found & ONE else 1
            break
        slot = slot + ONE & mask
    return more


@kernel
def _line(data, at, end):  # type: ignore[no-untyped-def]
    """Where the line that begins at `at` ends, and a hash of it, eight bytes at a time."""
    value = GOLDEN_RATIO
    while at + 8 <= end:
        part = eight_bytes(data, at)
        mark = line_breaks(part)
        if mark:
            return at + place_of(mark), _mixed(value, part & (mark - ONE))
        value = _mixed(value, part)
        at += 8
    part = np.uint64(0)
    begin = at
    while at < end and data[at] != LINE_FEED and data[at] != RETURN:
        part |= np.uint64(data[at]) << np.uint64(8 * (at - begin))
        at += 1
    return at, _mixed(value, part)


@inlined_kernel
def _mixed(value, part):  # type: ignore[no-untyped-def]
    value = (value ^ part) * MIX_1
    return value ^ value >> HALF
