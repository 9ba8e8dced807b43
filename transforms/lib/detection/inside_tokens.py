"""Findings cut to what a mask may replace: a string's inside or a comment.

A mask in place of such a range leaves the tokens of the text around it as they are: quotes,
prefixes, escape sequences and the fields of f-strings stay whole.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import kernel
from transforms.lib.detection.finding import Finding
from transforms.lib.python.lexing import (
    BACKSLASH,
    COMMENT,
    DOUBLE,
    END,
    IDENTIFIER_BYTES,
    NEWLINE,
    SINGLE,
    STRING,
    byte_flags,
    token,
)

OPEN_BRACE, CLOSE_BRACE, LETTER_N = b"{}N"
FORMATTED_BYTES = byte_flags("fFtT")  # in the prefix of a string with fields
RAW_BYTES = byte_flags("rR")

_OPENING = re.compile(rb"(?P<prefix>[A-Za-z]{0,2})(?P<quote>'''|\"\"\"|'|\")")
_CODES = rb"N\{[^{}]*\}|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{1,3}"
_ESCAPES = re.compile(rb"\\(?:\r\n|" + _CODES + rb"|.[\x80-\xbf]*)", re.DOTALL)
_RAW_ESCAPES = re.compile(rb"\\[\\'\"\r\n]")
_BRACES = re.compile(rb"\{\{|\}\}")
_BLANKS = b" \t\f\r\n"


class Cut(NamedTuple):
    """A range of bytes."""

    begin: int
    end: int


def inside_tokens(content: NDArray[np.uint8], findings: Sequence[Finding]) -> list[Finding]:
    """The parts of the findings that lie in strings and comments, one for each token.

    `content` is one text. What lies in code, or in a field of an f-string, is left out.

    >>> text = np.frombuffer(b"x = 'abc' f'd{e}f' # g", np.uint8)
    >>> [(f.begin, f.end) for f in inside_tokens(text, [Finding(0, 22, "", "key")])]
    [(5, 8), (12, 13), (16, 17), (21, 22)]
    """
    ordered = sorted(findings, key=lambda finding: finding[:2])
    cuts: list[Finding] = []
    tokens = _tokens_of(content, ordered)
    for finding in ordered:
        for kind, begin, end in tokens:
            if begin < finding.end and finding.begin < end:
                cuts += [
                    finding._replace(begin=cut.begin, end=cut.end)
                    for cut in _cuts(content[begin:end].tobytes(), kind, begin, finding)
                ]
    return cuts


def _tokens_of(
    content: NDArray[np.uint8], findings: Sequence[Finding]
) -> list[tuple[int, int, int]]:
    """Kind, begin and end of the strings and comments in which findings lie."""
    begins: list[int] = []
    ends: list[int] = []
    for finding in findings:
        if ends and finding.begin <= ends[-1]:
            ends[-1] = max(ends[-1], finding.end)
        else:
            begins.append(finding.begin)
            ends.append(finding.end)
    found = covering_tokens(content, np.array(begins, np.int64), np.array(ends, np.int64))
    return [(kind, begin, end) for kind, begin, end in found.tolist()]


def _cuts(text: bytes, kind: int, at: int, finding: Finding) -> Iterator[Cut]:
    """Yields the parts of one token, which begins at byte `at`, that the finding covers."""
    units = list(_units(text, kind))
    for begin, end in _insides(text, kind):
        cut = Cut(max(begin, finding.begin - at), min(end, finding.end - at))
        cut = _between_units(units, _trimmed(text, cut))
        if cut.begin < cut.end and IDENTIFIER_BYTES[list(text[cut.begin : cut.end])].any():
            yield Cut(cut.begin + at, cut.end + at)


def _insides(text: bytes, kind: int) -> Iterator[tuple[int, int]]:
    """Yields begin and end of what may be replaced in a token."""
    opening = _OPENING.match(text)
    if kind == COMMENT or opening is None:
        yield 1, len(text)
        return
    prefix, quote, begin = opening["prefix"], opening["quote"], opening.end()
    end = max(begin, len(text) - len(quote) * text.endswith(quote))
    if not _has_fields(prefix):
        yield begin, end
        return
    data = np.frombuffer(text, np.uint8)
    while begin < end:
        field, stop = next_field(data, begin, end, _is_raw(prefix))
        yield begin, field
        begin = stop


def _units(text: bytes, kind: int) -> Iterator[Cut]:
    """Yields what must not be cut in two: escape sequences, doubled braces of f-strings."""
    opening = _OPENING.match(text)
    if kind == COMMENT or opening is None:
        return
    if b"\\" in text:
        escapes = _RAW_ESCAPES if _is_raw(opening["prefix"]) else _ESCAPES
        yield from (Cut(*match.span()) for match in escapes.finditer(text, opening.end()))
    if _has_fields(opening["prefix"]):
        yield from (Cut(*match.span()) for match in _BRACES.finditer(text, opening.end()))


def _between_units(units: Sequence[Cut], cut: Cut) -> Cut:
    """The cut without the units that it covers in part."""
    begin, end = cut
    for unit in units:
        if unit.begin < begin < unit.end:
            begin = unit.end
        if unit.begin < end < unit.end:
            end = unit.begin
    return Cut(begin, end)


def _trimmed(text: bytes, cut: Cut) -> Cut:
    """The cut without blanks at its ends, and without a character that it covers in part."""
    begin, end = cut
    while begin < end and (text[begin] in _BLANKS or _continues(text, begin)):
        begin += 1
    while begin < end and (text[end - 1] in _BLANKS or _continues(text, end)):
        end -= 1
    return Cut(begin, end)


def _continues(text: bytes, at: int) -> bool:
    """Whether the byte there belongs to the same character as the one before."""
    return at < len(text) and text[at] & 0xC0 == 0x80


def _has_fields(prefix: bytes) -> bool:
    return bool(FORMATTED_BYTES[list(prefix)].any())


def _is_raw(prefix: bytes) -> bool:
    return bool(RAW_BYTES[list(prefix)].any())


@kernel
def covering_tokens(data, begins, ends):  # type: ignore[no-untyped-def]
    """The strings and comments that share bytes with ranges; int64[n, 3]: kind, begin, end.

    The ranges are sorted and do not touch. Since Python 3.12 a field of an f-string may hold the
    quotes of the string, where this lexer takes the string to end: the rest of that line is left
    out, as what is code there cannot be told.
    """
    found = np.empty(((ends - begins).sum() + 1, 3), np.int64)
    count, near, at, in_field = 0, 0, 0, False
    while near < len(begins):
        kind, begin, at = token(data, at, len(data))
        if kind == END:
            break
        if kind == NEWLINE:
            in_field = False
        while near < len(ends) and ends[near] <= begin:
            near += 1
        is_near = near < len(begins) and begins[near] < at
        if kind in (STRING, COMMENT) and is_near and not in_field:
            found[count] = kind, begin, at
            count += 1
        if kind == STRING and _ends_in_field(data, begin, at):
            in_field = True
    return found[:count]


@kernel
def _ends_in_field(data, begin, end):  # type: ignore[no-untyped-def]
    """Whether a string seems to end inside a field."""
    formatted, raw = False, False
    while begin < end and data[begin] != DOUBLE and data[begin] != SINGLE:
        formatted |= FORMATTED_BYTES[data[begin]]
        raw |= RAW_BYTES[data[begin]]
        begin += 1
    while formatted and begin < end:
        _, begin = next_field(data, begin, end, raw)
    return begin > end


@kernel
def next_field(data, at, end, raw):  # type: ignore[no-untyped-def]
    """Begin and end of the first field in a part of an f-string; `end` twice if there is none.

    Quotes in a field may hold braces. A field that is not closed ends at `end` + 1.
    """
    while at < end:
        following = data[at + 1] if at + 1 < end else 0
        if data[at] == BACKSLASH and following != OPEN_BRACE and following != CLOSE_BRACE:
            at += 2
            if not raw and following == LETTER_N and at < end and data[at] == OPEN_BRACE:
                while at < end and data[at] != CLOSE_BRACE:
                    at += 1
        elif data[at] == OPEN_BRACE and following == OPEN_BRACE:
            at += 2
        elif data[at] == OPEN_BRACE:
            return at, _field_end(data, at, end)
        else:
            at += 1
    return end, end


@kernel
def _field_end(data, at, end):  # type: ignore[no-untyped-def]
    depth, quote = 0, 0
    while at < end:
        byte = data[at]
        if quote:
            if byte == quote:
                quote = 0
        elif byte in (DOUBLE, SINGLE):
            quote = byte
        elif byte == OPEN_BRACE:
            depth += 1
        elif byte == CLOSE_BRACE:
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return end + 1
