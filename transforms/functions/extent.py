"""Where a function begins, where its docstring stands, and where it ends, to the byte.

ast tells where the first and last tokens of statements are. What is beside them, and which
comments below still belong to a function, follows libcst: lines up to the last one that is
indented as deep as the function's block.
"""

import ast
import re
from dataclasses import dataclass

from transforms.functions.finding import Definition, Found
from transforms.functions.source import Source
from transforms.lib.python.parsing import Rejected

# Possessive throughout: a file may be made to be slow to match.
DEFINITION = re.compile(rb"(?:async[ \t\f\\\r\n]++)?def[ \t\f\\\r\n]++[\w\x80-\xff]++")
# What may stand between the last name or expression of a signature and its colon.
TO_COLON = re.compile(rb"(?:[][ \t\f\r\n\\(),*/]|#[^\r\n]*+)*+:")
# What may stand after the last token of a line: blanks, joined lines, semicolons, a comment.
REST = re.compile(rb"(?:[ \t\f;]|\\(?:\r\n|\r|\n))*+(?:#[^\r\n]*+)?(?:\r\n|\r|\n|\Z)")
EMPTY_LINE = re.compile(rb"[ \t\f]*+(?:#[^\r\n]*+)?(?:\r\n|\r|\n|\Z)")
COMMENT_JOIN_OR_BREAK = re.compile(rb"#[^\r\n]*+|\\(?:\r\n|\r|\n)|(\r\n|\r|\n)")
INDENT = re.compile(rb"[ \t\f]*+")
# One string literal and nothing else: neighbours would make it a concatenation.
LITERAL = re.compile(
    rb'[rRuU]?(?:"""(?:[^\\"]|\\.|"(?!""))*+"""|\'\'\'(?:[^\\\']|\\.|\'(?!\'\'))*+\'\'\''
    rb'|"(?:[^\\"]|\\.)*+"|\'(?:[^\\\']|\\.)*+\')',
    re.DOTALL,
)


@dataclass(frozen=True)
class Extent:
    """Places in a file, in bytes.

    A function's text is begin to end, its prompt begin to docstring_end. `definition` is the
    place of `def` or `async`, `colon` that after the colon of the signature. `indent` is that of
    the block, None if the body stands on the line of the colon.
    """

    begin: int
    definition: int
    colon: int
    docstring: int
    docstring_end: int
    end: int
    indent: bytes | None


def extent(source: Source, found: Found) -> Extent:
    """The extent of a function."""
    node, statement = found.node, found.docstring
    definition = source.begin(node)
    docstring = source.begin(statement)
    colon = _after_colon(source, node, definition)
    indent = _block_indent(source.content[colon:docstring])
    end = _match(REST, source.content, source.end(node))
    if indent is not None:
        end = _footer_end(source.content, end, indent)
    begin = _at_sign(source, node.decorator_list[0]) if node.decorator_list else definition
    return Extent(begin, definition, colon, docstring, source.end(statement), end, indent)


def _match(pattern: re.Pattern[bytes], content: bytes, at: int) -> int:
    """Where what matches at a place ends. Rejected if it does not: ast then says what is not so."""
    if found := pattern.match(content, at):
        return found.end()
    raise Rejected("unproved", f"byte {at}")


def _at_sign(source: Source, decorator: ast.expr) -> int:
    """The `@` of a decorator: the nearest one before it that is the first of its line."""
    at = source.begin(decorator)
    while True:
        at = source.content.rindex(b"@", 0, at)
        if not source.content[source.line_begin(at) : at].strip(b" \t\f"):
            return at


def _after_colon(source: Source, node: Definition, definition: int) -> int:
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
    ends = [source.end(each) for each in last if each is not None]
    after = max(ends) if ends else _match(DEFINITION, source.content, definition)
    return _match(TO_COLON, source.content, after)


def _block_indent(gap: bytes) -> bytes | None:
    """The indent of the block, from what stands between the colon and the docstring."""
    breaks = [found.end() for found in COMMENT_JOIN_OR_BREAK.finditer(gap) if found[1]]
    if not breaks:
        return None
    indent = INDENT.match(gap, breaks[-1])
    return indent[0] if indent else b""


def _footer_end(content: bytes, at: int, indent: bytes) -> int:
    """The end of the last empty line or comment below that is indented as the block is."""
    last = at
    while (line := EMPTY_LINE.match(content, at)) and line.end() > at:
        if content.startswith(indent, at):
            last = line.end()
        at = line.end()
    return last


def is_one_literal(literal: bytes) -> bool:
    """Whether a string constant, as written, is one literal and not several side by side."""
    quotes = literal[:3]
    if quotes in (b'"""', b"'''") and literal.find(quotes, 3) == len(literal) - 3:
        return True
    return LITERAL.fullmatch(literal) is not None
