r"""Lines without the marks that stand before each of them, compiled.

A *prefix* is what neighbouring lines begin with, white space before it included:

- a mark of one to four signs that begin no statement: `+`, `> `, `# `, `// `, ` * `, `| `, `│ `;
- a prompt: `>>> ` and `... `, `In [1]: ` and `   ...: `;
- a number that grows from line to line, with signs and a text that stays around it: `12 `, `12: `,
  `12 | `, `[12] `, `L12: `, `a.py:12:`;
- a word that stays, with a sign after it: `user> `.

Of a diff both sides are taken too: the lines that were, and those that are. Runs of lines among
which none may be code are left out.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.contamination.views.code_lines import keep_code
from transforms.lib.compiled import inlined_kernel, kernel
from transforms.lib.python.lexing import (
    BACKSLASH,
    DIGIT_BYTES,
    DOT,
    GREATER,
    IDENTIFIER_BYTES,
    LINE_FEED,
    MINUS,
    PLUS,
    RETURN,
    SPACE,
    TAB,
    byte_flags,
)
from transforms.lib.text.characters import code_point

NO_PREFIX, EMPTY_LINE, NUMBERED, PROMPT, MARKED, WORDED = range(6)  # kinds of lines
MARK_BYTES = byte_flags("+->#/*|;%!:$.~=^&?\\,<`")
MARK_CHARACTERS = 4  # of a mark
AFTER_NUMBER = byte_flags(":|.)]>-=#~/")  # signs between a line's number and the line
AFTER_WORD = byte_flags(":>|$%")
WORD_BYTES = IDENTIFIER_BYTES | byte_flags("./\\@~-")
NUMBER_SIGNS = 3
OPENING_BYTES = byte_flags("([<")  # may stand before a number
COMPARED_BYTES = 100  # of two lines, to find the number in which they differ
MAX_STEP = 1000  # from one line's number to the next: searches show some lines of a file only
MAX_DIGITS = 7
COLON, BAR, CLOSE_SQUARE, BACKTICK = b":|]`"
LETTER_L, LETTER_CAPITAL_I = b"lI"
IPYTHON = np.frombuffer(b"In [", np.uint8)


class PrefixedLines(NamedTuple):
    """Arrays with room for the lines of one text.

    start, stop: bytes, white space at the end left out; first: the first that is no blank, or
    `stop`; kind: what prefix; cut: where it ends (of MARKED, where its mark ends at the latest).
    """

    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    first: NDArray[np.int64]
    kind: NDArray[np.uint8]
    cut: NDArray[np.int64]


def room_for_lines(size: int) -> PrefixedLines:
    """Arrays for `size` lines; pages that no line needs are not touched."""
    start, stop, first, cut = (np.empty(size, np.int64) for _ in range(4))
    return PrefixedLines(start, stop, first, np.empty(size, np.uint8), cut)


@kernel
def _split(data, begin, end, lines):  # type: ignore[no-untyped-def]
    """Find the lines of data[begin:end]; returns how many."""
    count, start, at = 0, begin, begin
    while start < end:
        while at < end and data[at] != LINE_FEED and data[at] != RETURN:
            at += 1
        stop, first = at, start
        while stop > start and data[stop - 1] in (SPACE, TAB):
            stop -= 1
        while first < stop and data[first] in (SPACE, TAB):
            first += 1
        lines.start[count], lines.stop[count], lines.first[count] = start, stop, first
        count += 1
        while at < end and data[at] == RETURN:
            at += 1
        at += at < end and data[at] == LINE_FEED
        start = at
    return count


@inlined_kernel
def _mark_width(data, at, stop, lower_case):  # type: ignore[no-untyped-def]
    """The bytes of a sign at `at` that begins no statement; 0 if there is none."""
    if at >= stop:
        return 0
    if data[at] < 0x80:
        return 1 if MARK_BYTES[data[at]] else 0
    point, width = code_point(data, at, stop)
    return width if point < len(lower_case) and not lower_case[point] else 0


@kernel
def _after_prompt(data, at, stop):  # type: ignore[no-untyped-def]
    """Where a prompt that begins at `at` ends; -1 if none does."""
    if stop - at < 3:
        return -1
    sign = data[at]
    if sign in (GREATER, DOT):
        if data[at + 1] != sign or data[at + 2] != sign:
            return -1
        end = at + 3
        end += sign == DOT and end < stop and data[end] == COLON
        return end if end == stop or data[end] in (SPACE, TAB) else -1
    for place in range(len(IPYTHON)):
        if at + place >= stop or data[at + place] != IPYTHON[place]:
            return -1
    end = at + len(IPYTHON)
    while end < stop and DIGIT_BYTES[data[end]]:
        end += 1
    closed = end + 1 < stop and data[end] == CLOSE_SQUARE and data[end + 1] == COLON
    return end + 2 if closed else -1


@kernel
def _number(data, at, stop):  # type: ignore[no-untyped-def]
    """The number at `at`, blanks before it skipped, and its end; -1 if there is none."""
    while at < stop and data[at] in (SPACE, TAB):
        at += 1
    value, begin = 0, at
    while at < stop and DIGIT_BYTES[data[at]] and at - begin <= MAX_DIGITS:
        value, at = value * 10 + data[at] - 48, at + 1
    return (value, at) if begin < at <= begin + MAX_DIGITS else (-1, at)


@kernel
def _after_number(data, at, stop, lower_case):  # type: ignore[no-untyped-def]
    """Where the signs after a line's number end that belong to the prefix; -1 if it is none."""
    if at == stop:
        return stop
    signs = 0
    while at < stop and signs < NUMBER_SIGNS:
        width = _mark_width(data, at, stop, lower_case)
        if not AFTER_NUMBER[data[at]] and not (width and data[at] >= 0x80):
            break
        at, signs = at + max(1, width), signs + 1
    if signs == 0:
        if data[at] != SPACE and data[at] != TAB:
            return -1
        sign = at
        while sign < stop and data[sign] in (SPACE, TAB):
            sign += 1
        width = _mark_width(data, sign, stop, lower_case)
        apart = sign + width >= stop or data[sign + width] in (SPACE, TAB)
        if width and apart and (data[sign] in (BAR, COLON, GREATER) or width > 1):
            at = sign + width
    return at + (at < stop and data[at] in (SPACE, TAB))


@kernel
def _compare(data, i, j, lines, lower_case):  # type: ignore[no-untyped-def]
    """Mark lines i and j as NUMBERED or WORDED if they begin alike but for a number that grows."""
    one, two = lines.start[i], lines.start[j]
    longest = min(lines.stop[i] - one, lines.stop[j] - two, COMPARED_BYTES)
    same = 0
    while same < longest and data[one + same] == data[two + same]:
        same += 1
    place = same
    while place and (DIGIT_BYTES[data[one + place - 1]] or data[one + place - 1] in (SPACE, TAB)):
        place -= 1
    low, low_end = _number(data, one + place, lines.stop[i])
    high, high_end = _number(data, two + place, lines.stop[j])
    if 0 <= low < high <= low + MAX_STEP:
        before = data[one + place - 1] if place else SPACE
        line = data[lines.first[i]] | 32 == LETTER_L and one + place - lines.first[i] < 5
        if not IDENTIFIER_BYTES[before] or line:
            low_cut = _after_number(data, low_end, lines.stop[i], lower_case)
            high_cut = _after_number(data, high_end, lines.stop[j], lower_case)
            if low_cut >= 0 and high_cut >= 0:
                lines.kind[i] = lines.kind[j] = NUMBERED
                lines.cut[i], lines.cut[j] = low_cut, high_cut
                return
    word = lines.first[i]
    while word < one + same and WORD_BYTES[data[word]]:
        word += 1
    sign = word
    while sign < one + same and AFTER_WORD[data[sign]]:
        sign += 1
    if lines.kind[i] in (NO_PREFIX, WORDED) and lines.first[i] < word < sign:
        sign += sign < one + same and data[sign] == SPACE
        lines.kind[i] = lines.kind[j] = WORDED
        lines.cut[i], lines.cut[j] = sign, two + sign - one


@kernel
def _find_prefixes(data, count, lines, lower_case):  # type: ignore[no-untyped-def]
    """Put kind and cut of each line into `lines`; returns whether some line may be of a diff."""
    changed = False
    for i in range(count):
        first, stop = lines.first[i], lines.stop[i]
        lines.kind[i] = NO_PREFIX
        if first == stop:
            lines.kind[i] = EMPTY_LINE
            continue
        byte = data[first]
        if MARK_BYTES[byte] or byte >= 0x80:
            end = first
            for _ in range(MARK_CHARACTERS):
                end += _mark_width(data, end, stop, lower_case)
            lines.kind[i], lines.cut[i] = MARKED if end > first else NO_PREFIX, end
            changed |= first == lines.start[i] and byte in (PLUS, MINUS)
        if byte in (GREATER, DOT, LETTER_CAPITAL_I):
            end = _after_prompt(data, first, stop)
            if end >= 0:
                lines.kind[i], lines.cut[i] = PROMPT, end + (end < stop and data[end] == SPACE)
    for i in range(count - 1):
        one, two = lines.first[i], lines.first[i + 1]
        if lines.kind[i] == EMPTY_LINE or lines.kind[i + 1] == EMPTY_LINE:
            continue
        number = DIGIT_BYTES[data[one]] and DIGIT_BYTES[data[two]]
        word = one == lines.start[i] and WORD_BYTES[data[one]]
        if number or (data[one] == data[two] and (word or OPENING_BYTES[data[one]])):
            _compare(data, i, i + 1, lines, lower_case)
    return changed


@kernel
def _put_line(data, start, stop, views):  # type: ignore[no-untyped-def]
    at = views.size[0]
    views.origins[views.size[1]] = start
    for i in range(start, stop):
        views.data[at] = data[i]
        at += 1
    views.data[at] = LINE_FEED
    views.size[0], views.size[1] = at + 1, views.size[1] + 1


@kernel
def _mark_in_common(data, one, one_end, two, two_end):  # type: ignore[no-untyped-def]
    """How many bytes two marks have in common, cut to whole characters."""
    same = 0
    while one + same < one_end and two + same < two_end and data[one + same] == data[two + same]:
        same += 1
    while same and one + same < one_end and data[one + same] & 0xC0 == 0x80:
        same -= 1
    return same


@kernel
def _run(data, i, count, lines):  # type: ignore[no-untyped-def]
    """The end of the run of lines that begins with line i, and the bytes of its common mark."""
    kind, width, end = lines.kind[i], lines.cut[i] - lines.first[i], i + 1
    for j in range(i + 1, count):
        if lines.kind[j] == EMPTY_LINE:
            continue
        if lines.kind[j] != kind:
            break
        if kind == MARKED:
            one, two = lines.first[i], lines.first[j]
            common = _mark_in_common(data, one, one + width, two, lines.cut[j])
            if common == 0:
                break
            width = common
        end = j + 1
    return end, width


@kernel
def _put_marked(data, i, end, width, lines, views):  # type: ignore[no-untyped-def]
    """Append lines without their common mark, the space after it, and the same mark at the end."""
    spaced = True
    for j in range(i, end):
        after = lines.first[j] + width
        spaced &= after >= lines.stop[j] or data[after] == SPACE
    for j in range(i, end):
        first, stop = lines.first[j], lines.stop[j]
        if first == stop:
            _put_line(data, stop, stop, views)
            continue
        after = min(stop, first + width + spaced)
        closed = stop - width > after
        for k in range(width):
            closed &= data[max(first, stop - width + k)] == data[first + k]
        if closed and (data[stop - width - 1] == SPACE or data[first] == BACKTICK):
            stop -= width
            while stop > after and data[stop - 1] in (SPACE, TAB):
                stop -= 1
        _put_line(data, after, stop, views)


@kernel
def _put_side(data, i, end, sign, lines, views):  # type: ignore[no-untyped-def]
    """Append one side of a hunk: the lines that begin with `sign` or with a space."""
    for j in range(i, end):
        start, stop = lines.start[j], lines.stop[j]
        header = stop - start >= 3 and data[start] == data[start + 1] == data[start + 2] == sign
        if start == stop or (data[start] in (sign, SPACE) and not header):
            _put_line(data, min(stop, start + 1), stop, views)


@kernel
def _add_sides(data, count, lines, views):  # type: ignore[no-untyped-def]
    """Append both sides of every hunk of a diff that has more than one kind of lines."""
    i = 0
    while i < count:
        plus = minus = 0
        end = i
        while end < count:
            start = lines.start[end]
            byte = data[start] if start < lines.stop[end] else SPACE
            if byte not in (PLUS, MINUS, SPACE, BACKSLASH):
                break
            plus, minus, end = plus + (byte == PLUS), minus + (byte == MINUS), end + 1
        for sign, changed in ((PLUS, plus), (MINUS, minus)):
            if 0 < changed < end - i:
                size, written = views.size[0], views.size[1]
                _put_side(data, i, end, sign, lines, views)
                keep_code(views.data, size, views.origins, written, True, views.size)
        i = end + 1


@kernel
def add_prefixed_lines(data, begin, end, lower_case, lines, views):  # type: ignore[no-untyped-def]
    """Append the lines of data[begin:end] that have prefixes to the views, without them.

    It may write three times the bytes of the text and one for each line.
    """
    count = _split(data, begin, end, lines)
    changed = _find_prefixes(data, count, lines, lower_case)
    i = 0
    while i < count:
        kind = lines.kind[i]
        if kind in (NO_PREFIX, EMPTY_LINE):
            i += 1
            continue
        stop, width = _run(data, i, count, lines)
        size, written = views.size[0], views.size[1]
        if kind == MARKED:
            _put_marked(data, i, stop, width, lines, views)
        else:
            for j in range(i, stop):
                empty = lines.kind[j] == EMPTY_LINE
                cut = lines.stop[j] if empty else min(lines.cut[j], lines.stop[j])
                _put_line(data, cut, lines.stop[j], views)
        keep_code(views.data, size, views.origins, written, True, views.size)
        i = stop
    if changed:
        _add_sides(data, count, lines, views)
