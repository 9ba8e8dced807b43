"""Computes where a function begins and ends, and where its docstring is, to the byte.

ast says where the first and last tokens of statements are. What is around them, and which comments
below a function still belong to it, is decided as libcst does: a function reaches to the last line
that is indented as deep as its block.
"""

import ast
import re
from dataclasses import dataclass

from transforms.functions.documented_functions import Definition, DocumentedFunction
from transforms.lib.python.parsing import Rejected
from transforms.lib.python.source_text import SourceText

# All quantifiers are possessive: a file may be made to be slow to match.
DEF_AND_NAME = re.compile(rb"(?:async[ \t\f\\\r\n]++)?def[ \t\f\\\r\n]++[\w\x80-\xff]++")
# What may be between the last name or expression of a signature and its colon, with the colon.
TO_COLON = re.compile(rb"(?:[][ \t\f\r\n\\(),*/]|#[^\r\n]*+)*+:")
# What may follow the last token of a line: blanks, joined lines, semicolons, a comment.
REST_OF_LINE = re.compile(rb"(?:[ \t\f;]|\\(?:\r\n|\r|\n))*+(?:#[^\r\n]*+)?(?:\r\n|\r|\n|\Z)")
EMPTY_LINE = re.compile(rb"[ \t\f]*+(?:#[^\r\n]*+)?(?:\r\n|\r|\n|\Z)")
COMMENT_JOIN_OR_BREAK = re.compile(rb"#[^\r\n]*+|\\(?:\r\n|\r|\n)|(\r\n|\r|\n)")
INDENTATION = re.compile(rb"[ \t\f]*+")
# One string literal and nothing else: two side by side would be a concatenation.
ONE_LITERAL = re.compile(
    rb'[rRuU]?(?:"""(?:[^\\"]|\\.|"(?!""))*+"""|\'\'\'(?:[^\\\']|\\.|\'(?!\'\'))*+\'\'\''
    rb'|"(?:[^\\"]|\\.)*+"|\'(?:[^\\\']|\\.)*+\')',
    re.DOTALL,
)


@dataclass(frozen=True)
class Extent:
    """Positions of the parts of a function, in bytes of its file.

    The text of the function is begin to end, its prompt begin to docstring_end. `definition` is the
    position of `def` or `async`, `colon` the one after the colon of the signature. `block` is where
    the first line of the block begins and `indent` its indentation, None if the body is on the line
    of the colon.
    """

    begin: int
    definition: int
    colon: int
    docstring: int
    docstring_end: int
    end: int
    block: int | None
    indent: bytes | None


def extent(source: SourceText, function: DocumentedFunction) -> Extent:
    """The extent of a function.

    Raises Rejected ("unproved") if its bytes do not match the positions that ast gives.
    """
    node, statement = function.node, function.docstring
    definition = source.begin(node)
    docstring = source.begin(statement)
    colon = _after_colon(source, node, definition)
    block = _block(source.content, colon, docstring)
    indent = None if block is None else _indentation(source.content, block)
    end = _match(REST_OF_LINE, source.content, source.end(node))
    if indent is not None:
        end = _footer_end(source.content, end, indent)
    begin = _at_sign(source, node.decorator_list[0]) if node.decorator_list else definition
    return Extent(begin, definition, colon, docstring, source.end(statement), end, block, indent)


def _match(pattern: re.Pattern[bytes], content: bytes, position: int) -> int:
    """The end of what `pattern` matches at a position. Raises Rejected if nothing matches."""
    if match := pattern.match(content, position):
        return match.end()
    raise Rejected("unproved", f"byte {position}")


def _at_sign(source: SourceText, decorator: ast.expr) -> int:
    """The `@` of a decorator: the nearest one before it that is the first of its line."""
    at = source.begin(decorator)
    while True:
        at = source.content.rindex(b"@", 0, at)
        if not source.content[source.line_begin(at) : at].strip(b" \t\f"):
            return at


def _after_colon(source: SourceText, node: Definition, definition: int) -> int:
    """The position after the colon of a signature, which ast does not tell."""
    arguments = node.args
    last = (
        [node.returns]
        if node.returns
        else [
            *getattr(node, "type_params", ()),
            *arguments.posonlyargs,
            *arguments.args,
            *arguments.defaults,
            arguments.vararg,
            *arguments.kwonlyargs,
            *arguments.kw_defaults,
            arguments.kwarg,
        ]
    )
    ends = [source.end(part) for part in last if part is not None]
    after = max(ends) if ends else _match(DEF_AND_NAME, source.content, definition)
    return _match(TO_COLON, source.content, after)


def _block(content: bytes, colon: int, docstring: int) -> int | None:
    """Where the line of the docstring begins, joined lines as one; None if it is the colon's."""
    gap = COMMENT_JOIN_OR_BREAK.finditer(content, colon, docstring)
    breaks = [match.end() for match in gap if match[1]]
    return breaks[-1] if breaks else None


def _indentation(content: bytes, line: int) -> bytes:
    """The blanks at the beginning of a line."""
    match = INDENTATION.match(content, line)
    return match[0] if match else b""


def _footer_end(content: bytes, position: int, indent: bytes) -> int:
    """The end of the last empty line or comment below that is indented as the block is."""
    last = position
    while (line := EMPTY_LINE.match(content, position)) and line.end() > position:
        if content.startswith(indent, position):
            last = line.end()
        position = line.end()
    return last


def is_one_literal(literal: bytes) -> bool:
    """Whether a string constant, as written, is one literal and not several side by side.

    >>> is_one_literal(b'"one"'), is_one_literal(b'"one" "two"')
    (True, False)
    """
    quotes = literal[:3]
    if quotes in (b'"""', b"'''") and literal.find(quotes, 3) == len(literal) - 3:
        return True
    return ONE_LITERAL.fullmatch(literal) is not None
