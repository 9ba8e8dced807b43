"""The kernel that tells of each line of Python what it is, and counts some statements."""

import numpy as np

from transforms.corpus.quality.parameters import count_parameters
from transforms.lib.compiled import inlined_kernel, kernel
from transforms.lib.python.lexing import (
    BACKSLASH,
    DOUBLE,
    IDENTIFIER_BYTES,
    LINE_FEED,
    RETURN,
    SINGLE,
    SPACE,
    byte_flags,
)
from transforms.lib.text.eight_bytes import eight_bytes, line_breaks, place_of

HASH, COLON, SEMICOLON, TAB = b"#:;\t"
# The kinds of lines, so that of several in one line the largest is its kind.
BLANK, COMMENT, DOCSTRING, CODE = range(4)
FUNCTIONS, IMPORTS, PASSES, PRINTS, PARAMETERS, ANNOTATED = range(6)  # places in `counts`
STRING_STOPS = byte_flags("\n\r\\\"'")  # what is looked at in a string
DOCSTRING_PREFIX = byte_flags("rRuU")
# How much deeper a byte is in brackets; a run of such bytes ends with a STOP.
STEPS = byte_flags("([{").astype(np.int8) - byte_flags(")]}").astype(np.int8)
STOP = 2
STEPS[byte_flags("\n\r#\\\"';")] = STOP
WORD_BYTES = 6  # of the longest word that is known


def _packed(word: str) -> int:
    return int.from_bytes(word.encode(), "big")


DEF, ASYNC, CLASS, IMPORT, FROM, PRINT = map(
    _packed, ("def", "async", "class", "import", "from", "print")
)


@kernel
def scan(data, at, end, kinds, counts):  # type: ignore[no-untyped-def]
    """Writes the kind of each line of data[at:end] to `kinds`; returns the number of lines.

    `kinds` is zeros, with more places than the text has bytes. Every LF and every RETURN ends a
    line, so that one of a pair has no byte. Adds to the six `counts`.
    """
    begin, line, depth, last = at, 0, 0, at
    starts, documented, defines = True, True, False
    while at < end:
        byte = data[at]
        if byte in (LINE_FEED, RETURN):
            if depth == 0 and not starts:
                counts[PASSES] += _is_pass(data, begin, last)
                documented = defines and data[last - 1] == COLON
                starts, defines = True, False
            line += 1
            at += 1
            while at < end and (data[at] == SPACE or data[at] == TAB):
                at += 1
        elif starts and documented and _begins_docstring(data, at, end):
            at, line = _docstring(data, at, end, line, kinds)
            starts, documented, last = False, False, at
        elif STEPS[byte] != STOP:
            if starts:
                if byte <= SPACE:
                    at += 1
                    continue
                documented = False
                word, at = _word(data, at, end)
                starts, last = word == ASYNC, at
                defines = word in (DEF, CLASS)
                counts[IMPORTS] += word in (IMPORT, FROM)
                counts[PRINTS] += word == PRINT
                if word == DEF:
                    counts[FUNCTIONS] += 1
                    parameters, annotated = count_parameters(data, at, end)
                    counts[PARAMETERS] += parameters
                    counts[ANNOTATED] += annotated
                kinds[line] = CODE
                if starts:
                    continue
            run = at
            while at < end:
                step = STEPS[data[at]]
                if step == STOP:
                    break
                depth = max(depth + step, 0)
                at += 1
            before = at
            while before > run and data[before - 1] <= SPACE:
                before -= 1
            if before > run:
                kinds[line], last = CODE, before
        elif byte == HASH:
            kinds[line] = max(kinds[line], COMMENT)
            at = _line_end(data, at, end)
        elif byte == BACKSLASH:
            kinds[line] = CODE
            at, breaks = _after_break(data, at + 1, end)
            line += breaks
        elif byte == SEMICOLON:
            kinds[line] = CODE
            if depth == 0:
                counts[PASSES] += _is_pass(data, begin, last)
                starts, documented, defines = True, False, False
            at += 1
        else:
            at, breaks = string_end(data, at, end)
            for each in range(line, line + breaks + 1):
                kinds[each] = CODE
            line += breaks
            starts, documented, last = False, False, at
    if depth == 0 and not starts:
        counts[PASSES] += _is_pass(data, begin, last)
    return line + 1


@kernel
def string_end(data, at, end):  # type: ignore[no-untyped-def]
    """Where the string ends whose first quote is at `at`, as in `lexing`, and its line breaks."""
    quote, breaks = data[at], 0
    triple = at + 2 < end and data[at + 1] == quote and data[at + 2] == quote
    at += 3 if triple else 1
    while at < end:
        while at < end and not STRING_STOPS[data[at]]:
            at += 1
        if at >= end:
            break
        byte = data[at]
        if byte == BACKSLASH:
            at, more = _after_break(data, at + 1, end)
            at += more == 0
            breaks += more
        elif byte == quote:
            if not triple:
                return at + 1, breaks
            if at + 2 < end and data[at + 1] == quote and data[at + 2] == quote:
                return at + 3, breaks
            at += 1
        elif byte in (LINE_FEED, RETURN):
            if not triple:
                return at, breaks
            breaks += 1
            at += 1
        else:
            at += 1
    return min(at, end), breaks


@kernel
def _docstring(data, at, end, line, kinds):  # type: ignore[no-untyped-def]
    """Where the strings in a row that begin at `at` end, and the line of it.

    Their lines are docstrings if nothing but a comment follows them in their statement, else code.
    """
    first, stop, kind = line, at, DOCSTRING
    while True:
        if _begins_docstring(data, at, end):
            at += DOCSTRING_PREFIX[data[at]]
            at, breaks = string_end(data, at, end)
            line += breaks
            stop, last_line = at, line
        elif at < end and data[at] <= SPACE and data[at] != LINE_FEED and data[at] != RETURN:
            at += 1
        elif at < end and data[at] == BACKSLASH:
            at, breaks = _after_break(data, at + 1, end)
            line += breaks
            if breaks == 0:
                kind = CODE
                break
            stop, last_line = at, line
        else:
            if at < end and data[at] not in (LINE_FEED, RETURN, HASH, SEMICOLON):
                kind = CODE
            break
    for each in range(first, last_line + 1):
        kinds[each] = max(kinds[each], kind)
    return stop, last_line


@inlined_kernel
def _begins_docstring(data, at, end):  # type: ignore[no-untyped-def]
    """Whether a string that may be a docstring begins at `at`: none of bytes, and no f-string."""
    quote = at + 1 if at + 1 < end and DOCSTRING_PREFIX[data[at]] else at
    return quote < end and (data[quote] == DOUBLE or data[quote] == SINGLE)


@kernel
def _word(data, at, end):  # type: ignore[no-untyped-def]
    """The word at `at` as a number, if it is short, and where it ends."""
    value, begin = 0, at
    while at < end and IDENTIFIER_BYTES[data[at]]:
        if at - begin < WORD_BYTES + 1:
            value = value << 8 | data[at]
        at += 1
    return value, at


@inlined_kernel
def _is_pass(data, begin, last):  # type: ignore[no-untyped-def]
    """Whether the word before `last` is pass."""
    return (
        last - begin >= 4
        and data[last - 1] == 115
        and data[last - 2] == 115
        and data[last - 3] == 97
        and data[last - 4] == 112
        and (last - begin == 4 or not IDENTIFIER_BYTES[data[last - 5]])
    )


@kernel
def _line_end(data, at, end):  # type: ignore[no-untyped-def]
    """Where the line ends in which `at` is."""
    while at + 8 <= end:
        mark = line_breaks(eight_bytes(data, at))
        if mark:
            return at + place_of(mark)
        at += 8
    while at < end and data[at] != LINE_FEED and data[at] != RETURN:
        at += 1
    return at


@kernel
def _after_break(data, at, end):  # type: ignore[no-untyped-def]
    """Where the line break at `at` ends, and of how many bytes it is; 0 if there is none."""
    begin = at
    at += at < end and data[at] == RETURN
    at += at < end and data[at] == LINE_FEED
    return at, at - begin
