"""Syntax of Python 3.12 and later, found in a text and rewritten for older parsers, byte for byte.

quire must read the same functions whatever Python it runs on. So what an older parser does not know
is replaced by something as long, with the same line breaks, that it knows: all positions in its
tree stay right. Found are type parameters and `type` statements (PEP 695, 696), f-strings with
quotes, backslashes, comments or line breaks in their fields (PEP 701), t-strings (PEP 750),
`except` without parentheses (PEP 758) and lazy imports (PEP 810).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from transforms.lib.python.string_literals import (
    FORMATTED,
    NO_WORD_BEFORE,
    PLAIN,
    TEMPLATE,
    Mark,
    UnclosedSyntax,
    code_marks,
    formatted_end,
)

_NAME = rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*+"
_BLANKS = rb"(?:[ \t\f]|\\(?:\r\n|\r|\n))"
# Where newer syntax may begin, and what is stepped over: strings and comments. `type` before one of
# the keywords is a variable of that name.
_START = re.compile(
    rb"#[^\r\n]*+|" + FORMATTED + rb"|" + PLAIN + rb"|" + NO_WORD_BEFORE + rb"(?:"
    rb"(?P<definition>(?:async" + _BLANKS + rb"++)?(?:def|class)" + _BLANKS + rb"++"
    rb"" + _NAME + _BLANKS + rb"*+)\["
    rb"|type[ \t\f]++(?!(?:and|else|for|if|in|is|not|or)\b)(?P<alias>" + _NAME + rb")[ \t\f]*+"
    rb"(?P<generic>\[|=(?!=))"
    rb"|(?P<handler>except\b(?:[ \t\f]*+\*)?)"
    rb"|(?P<lazy>lazy[ \t\f]++)(?=(?:import|from)\b)[^\r\n]*+)"
)
_SPACE = rb"(?:[\s\\]|#[^\r\n]*+)*+"
_PARAMETER = re.compile(_SPACE + rb"(\*{0,2})" + _SPACE + rb"(" + _NAME + rb")" + _SPACE + rb"\Z")
_NOTHING = re.compile(_SPACE + rb"\Z")
_EQUALS = re.compile(rb"[ \t\f]*+=(?!=)")
_BLANK_RUN = re.compile(_BLANKS + rb"*+")
_NOT_BREAK = re.compile(rb"[^\r\n]")
_BREAKS = re.compile(rb"\r\n|\r|\n")
# The minor version of Python 3 that introduced what is found here.
TYPE_PARAMETERS_VERSION, DEFAULTS_VERSION, F_STRINGS_VERSION = 12, 13, 12
TEMPLATES_VERSION, EXCEPT_VERSION, LAZY_VERSION = 14, 14, 15


class Kind(Enum):
    """What a construct is."""

    TYPE_PARAMETERS = auto()
    TYPE_ALIAS = auto()
    F_STRING = auto()
    TEMPLATE = auto()
    EXCEPT = auto()
    LAZY_IMPORT = auto()


@dataclass(frozen=True)
class TypeParameter:
    """A type parameter: its stars, name, bound and default as written, and where it ends."""

    stars: int
    name: str
    bound: bytes | None
    default: bytes | None
    begin: int
    end: int


@dataclass(frozen=True)
class NewerSyntax:
    """One construct of newer Python, and what older parsers read in its place.

    begin, end: positions in bytes; minor: the Python 3 that introduced it; replacement: as many
    bytes; parameters: of types; fields: the expressions in a string.
    """

    kind: Kind
    begin: int
    end: int
    minor: int
    replacement: bytes
    parameters: tuple[TypeParameter, ...] = ()
    fields: tuple[bytes, ...] = ()


def newer_syntax(content: bytes) -> list[NewerSyntax]:
    r"""The constructs of newer Python in UTF-8 text, in order; one inside another is left out.

    Raises UnclosedSyntax where a string or bracket does not end.

    >>> (found,) = newer_syntax(b"def first[T](items: list[T]) -> T: ...")
    >>> found.replacement, found.minor
    (b'def first(   ', 12)
    """
    constructs, at = [], 0
    while match := _START.search(content, at):
        at, found = _construct(content, match)
        if found:
            constructs.append(found)
    return constructs


def rewritten(content: bytes, constructs: list[NewerSyntax]) -> bytes:
    """The text with its constructs replaced; as long as before."""
    parts, at = [], 0
    for found in constructs:
        parts += [content[at : found.begin], found.replacement]
        at = found.end
    return b"".join([*parts, content[at:]])


def _construct(content: bytes, match: re.Match[bytes]) -> tuple[int, NewerSyntax | None]:
    """Where to go on after a match, and the construct that begins there, if it is one."""
    if match["quote"]:
        return _string(content, match)
    found = None
    if match["definition"]:
        found = _definition(content, match)
    elif match["alias"]:
        found = _alias(content, match)
    elif match["handler"]:
        found = _handler(content, match)
    elif match["lazy"]:
        text = match[0].removeprefix(match["lazy"]) + b" " * len(match["lazy"])
        found = NewerSyntax(Kind.LAZY_IMPORT, *match.span(), LAZY_VERSION, text)
    return found.end if found else match.end(), found


def _blank(text: bytes) -> bytes:
    """Blanks in place of a text; its line breaks stay."""
    return _NOT_BREAK.sub(b" ", text)


def _string(content: bytes, match: re.Match[bytes]) -> tuple[int, NewerSyntax | None]:
    """Where a string ends, and its construct if older parsers do not know it."""
    begin = match.start()
    end, newer, fields = formatted_end(content, match, 0)
    template = bool(TEMPLATE.intersection(match["prefix"]))
    if not (newer or template):
        return end, None
    replacement = _string_as_long(content[begin:end])
    kind = Kind.TEMPLATE if template else Kind.F_STRING
    minor = TEMPLATES_VERSION if template else F_STRINGS_VERSION
    return end, NewerSyntax(kind, begin, end, minor, replacement, fields=tuple(fields))


def _string_as_long(text: bytes) -> bytes:
    """A string without fields, as long as a text and with its line breaks.

    Raises UnclosedSyntax if a line has no room for what must be in it.
    """
    first, *lines = _BREAKS.split(text)
    quote = b"'''" if lines else b"'"
    last = lines[-1] if lines else first
    if len(last) >= len(quote) and len(text) >= 2 * len(quote):
        return quote + _blank(text[len(quote) : -len(quote)]) + quote
    if not all([first, *lines[:-1]]):
        raise UnclosedSyntax
    return re.sub(rb" (?=[\r\n])", rb"\\", b"''" + _blank(text[2:]))


def _definition(content: bytes, match: re.Match[bytes]) -> NewerSyntax | None:
    """A function or class with type parameters: its name, up to the bracket of its parameters."""
    parameters, end = _type_parameters(content, match.end())
    definition = match["definition"]
    next_token = _BLANK_RUN.match(content, end)
    after = next_token.end() if next_token else end
    if content.startswith(b"(", after):
        end = after + 1
        closing = b""
    elif definition.startswith(b"class") and content.startswith(b":", after):
        closing = b")"
    else:
        return None
    blank = _blank(content[match.end() : end - len(closing)])
    return NewerSyntax(
        Kind.TYPE_PARAMETERS,
        match.start(),
        end,
        _version(parameters),
        definition + b"(" + blank + closing,
        parameters,
    )


def _alias(content: bytes, match: re.Match[bytes]) -> NewerSyntax | None:
    """A `type` statement up to its `=`: older parsers read an assignment, to `name[0]` if it has
    parameters."""
    generic, name = match.start("generic"), match["alias"]
    replacement = name + b" " * (generic - match.start() - len(name))
    if match["generic"] == b"=":
        return NewerSyntax(
            Kind.TYPE_ALIAS, match.start(), generic, TYPE_PARAMETERS_VERSION, replacement
        )
    parameters, end = _type_parameters(content, match.end())
    if not _EQUALS.match(content, end):
        return None
    inside = _blank(content[match.end() : end - 1]).replace(b" ", b"0", 1)
    replacement += b"[" + inside + b"]"
    version = _version(parameters)
    return NewerSyntax(Kind.TYPE_ALIAS, match.start(), end, version, replacement, parameters)


def _version(parameters: tuple[TypeParameter, ...]) -> int:
    has_default = any(parameter.default is not None for parameter in parameters)
    return DEFAULTS_VERSION if has_default else TYPE_PARAMETERS_VERSION


def _type_parameters(content: bytes, begin: int) -> tuple[tuple[TypeParameter, ...], int]:
    """The type parameters after a bracket, and the position after the bracket that closes it."""
    parameters: list[TypeParameter] = []
    cuts: dict[bytes, int] = {}  # the first colon and the first equals sign of a parameter
    for mark in code_marks(content, begin, 0):
        if mark.text in (b":", b"="):
            cuts.setdefault(mark.text, mark.begin)
        elif mark.text in (b",", b"]"):
            if not _NOTHING.match(content[begin : mark.begin]):
                parameters.append(_type_parameter(content, begin, mark.begin, cuts))
            begin, cuts = mark.end, {}
            if mark.text == b"]" and parameters:
                return tuple(parameters), mark.end
    raise UnclosedSyntax


def _type_parameter(content: bytes, begin: int, end: int, cuts: dict[bytes, int]) -> TypeParameter:
    equals = cuts.get(b"=", end)
    colon = min(cuts.get(b":", equals), equals)
    match = _PARAMETER.match(content[begin:colon])
    if not match:
        raise UnclosedSyntax
    return TypeParameter(
        stars=len(match[1]),
        name=match[2].decode(),
        bound=content[colon + 1 : equals] if colon < equals else None,
        default=content[equals + 1 : end] if equals < end else None,
        begin=begin + match.start(2) - len(match[1]),
        end=end,
    )


def _handler(content: bytes, match: re.Match[bytes]) -> NewerSyntax | None:
    """An `except` with several expressions and no brackets around them."""
    commas = []
    for mark in _marks_or_none(content, match.end()):
        if mark.text == b",":
            commas.append(mark.begin)
        elif mark.text == b":":
            break
        else:
            return None
    else:
        return None
    begin, end = match.end(), mark.begin
    if not commas or not content[commas[-1] + 1 : end].strip():
        return None
    text = _bracketed(content[begin:end], [comma - begin for comma in commas])
    return NewerSyntax(Kind.EXCEPT, match.start(), end, EXCEPT_VERSION, match[0] + text)


def _marks_or_none(content: bytes, at: int) -> Iterator[Mark]:
    """Yields the marks from a position on; ends where a bracket does not close."""
    try:
        yield from code_marks(content, at, 0)
    except UnclosedSyntax:
        return


def _bracketed(text: bytes, commas: list[int]) -> bytes:
    """Expressions in brackets where two blanks make room for them, else with `|` for the commas."""
    blanks = (comma + 1 for comma in commas if text[comma + 1 : comma + 2].isspace())
    blank = next(blanks, None)
    if blank is not None and text[:1].isspace():
        return b"(" + text[1:blank] + text[blank + 1 :] + b")"
    pieces = bytearray(text)
    for comma in commas:
        pieces[comma] = ord("|")
    return bytes(pieces)
