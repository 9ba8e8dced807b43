"""String literals of Python, f-strings and t-strings of any version too: where each ends.

Python 3.12 lets the expressions in an f-string hold any code, its own quotes too, so that a literal
cannot be found by its quotes alone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

NESTED_STRINGS = 30  # levels of strings in strings that are followed; real ones have three

NO_WORD_BEFORE = rb"(?<![\w\x80-\xff])"
# The beginning of an f-string or t-string; groups `prefix` and `quote`.
FORMATTED = NO_WORD_BEFORE + rb"(?P<prefix>[fFtT][rR]?|[rR][fFtT])(?P<quote>'''|\"\"\"|'|\")"
# Any other literal, but for its prefix. One without its end goes on to the end of its line or text:
# else each of its quotes would be tried as the beginning of another.
PLAIN = (
    rb"'(?:''(?:[^\\']|'(?!'')|\\(?:.|\n))*+(?:''')?|(?:[^\\'\r\n]|\\(?:\r\n|.|\n))*+'?)"
    rb'|"(?:""(?:[^\\"]|"(?!"")|\\(?:.|\n))*+(?:""")?|(?:[^\\"\r\n]|\\(?:\r\n|.|\n))*+"?)'
)
# What matters inside code: strings, brackets, and what ends a part of a clause or of a field.
_IN_CODE = re.compile(
    rb"(?P<comment>#[^\r\n]*+)|"
    + FORMATTED
    + rb"|"
    + PLAIN
    + rb"|[!=<>]=(?!=)|(?P<mark>[][(){},:;!=\r\n])"
    rb"|" + NO_WORD_BEFORE + rb"(?P<as>as)\b"
)
_QUOTES = (b"'", b'"', b"'''", b'"""')
TEMPLATE, _RAW = frozenset(b"tT"), frozenset(b"rR")


def _text_of_string(quote: bytes, raw: bool, doubled: bool) -> re.Pattern[bytes]:
    """What is no field in a string with these quotes; `doubled`: two braces are one character."""
    other = rb"[^{}\\'\r\n]".replace(b"'", quote[:1])
    if len(quote) == 3:
        other = rb"[^{}\\']|'(?!'')".replace(b"'", quote[:1])
    escape = rb"\\(?:\r\n|[^{}])|\\(?=[{}])"
    named = b"" if raw else rb"\\N\{[^{}]*+\}|"
    braces = rb"|\{\{|\}\}" if doubled else b""
    return re.compile(rb"(?:" + named + escape + rb"|" + other + braces + rb")*+", re.DOTALL)


_TEXT = {
    (quote, raw, doubled): _text_of_string(quote, raw, doubled)
    for quote in _QUOTES
    for raw in (False, True)
    for doubled in (False, True)
}


class UnclosedSyntax(Exception):
    """A string, a field or a bracket does not end."""


@dataclass(frozen=True)
class Mark:
    """What ends a part of code: `text` is the mark, or b"#" for a comment, b"f" for a string that
    older parsers do not know."""

    text: bytes
    begin: int
    end: int


def code_marks(content: bytes, at: int, level: int) -> Iterator[Mark]:
    """Yields what is outside of brackets from a position on, and comments and strings everywhere.

    The last mark is the bracket that closes what was open at the position. Raises UnclosedSyntax
    without one.
    """
    depth = 0
    while match := _IN_CODE.search(content, at):
        at = match.end()
        if match["quote"]:
            at, newer, _ = formatted_end(content, match, level + 1)
            if newer:
                yield Mark(b"f", match.start(), at)
        elif match["comment"]:
            yield Mark(b"#", *match.span())
        elif (text := match["mark"]) and text in b"([{":
            depth += 1
        elif depth == 0 and (text or match["as"]):
            yield Mark(text or b"as", *match.span())
            if text and text in b")]}":
                return
        elif text and text in b")]}":
            depth -= 1
    raise UnclosedSyntax


def formatted_end(
    content: bytes, match: re.Match[bytes], level: int
) -> tuple[int, bool, list[bytes]]:
    """Where an f-string or t-string ends, whether it is newer syntax, and the expressions in it."""
    prefix, quote = frozenset(match["prefix"]), match["quote"]
    fields: list[bytes] = []
    string = _Formatted(content, quote, bool(prefix & _RAW), level, fields)
    end, newer = string.text(match.end(), 0)
    return end + len(quote), newer or bool(prefix & TEMPLATE), fields


@dataclass(frozen=True)
class _Formatted:
    """An f-string or t-string; `fields` is filled with its expressions."""

    content: bytes
    quote: bytes
    raw: bool
    level: int
    fields: list[bytes]

    def text(self, at: int, depth: int) -> tuple[int, bool]:
        """Where the string ends (`depth` 0) or a format in a field of it, and if it is newer."""
        if max(depth, self.level) > NESTED_STRINGS:
            raise UnclosedSyntax
        newer = False
        text = _TEXT[self.quote, self.raw, depth == 0]
        while match := text.match(self.content, at):
            at = match.end()
            if self.content.startswith(b"}" if depth else self.quote, at):
                return at, newer
            if not self.content.startswith(b"{", at):
                break
            at, newer_field = self.field(at + 1, depth)
            newer |= newer_field
        raise UnclosedSyntax

    def field(self, begin: int, depth: int) -> tuple[int, bool]:
        """The position after a field that begins after its brace, and whether it is newer.

        Older parsers know no backslash, comment, or quote of the string in a field, no line break
        unless it has three quotes, no blank after a conversion, and no format in a format in a
        format.
        """
        newer, end, conversion = depth > 1, 0, 0
        for mark in code_marks(self.content, begin, self.level):
            if mark.text in (b"#", b"f"):
                newer = True
            elif mark.text in (b"=", b"!", b":", b"}"):
                end = end or mark.begin
                conversion = mark.end if mark.text == b"!" else conversion
                if mark.text in (b":", b"}"):
                    break
            elif mark.text in (b")", b"]"):
                raise UnclosedSyntax
        expression = self.content[begin:end]
        self.fields.append(expression)
        if conversion:
            newer |= self.content[conversion : mark.begin][-1:].isspace()
        code = self.content[begin : mark.begin]
        broken = len(self.quote) == 1 and (b"\n" in code or b"\r" in code)
        newer |= broken or b"\\" in code or self.quote in code
        if mark.text == b"}":
            return mark.end, newer
        at, newer_format = self.text(mark.end, depth + 1)
        return at + 1, newer or newer_format
