"""Signatures as written: parameters with their annotations and defaults, what is returned."""

import ast
import re
from collections.abc import Iterator

from transforms.functions.extent import Extent
from transforms.functions.finding import Definition
from transforms.functions.source import Source

# A bracket around an expression, and what may stand between the two.
OPENING = re.compile(rb"\((?:[ \t\f\r\n\\]|#[^\r\n]*+[\r\n])*+\Z")
CLOSING = re.compile(rb"(?:[ \t\f\r\n\\]|#[^\r\n]*+)*+\)")
BEFORE = 200  # bytes in which the bracket is looked for
BARE = (b"=", b":", b">", b"@")  # what stands before an expression without brackets

Parameter = tuple[str, str, str | None, str | None]  # name, kind, annotation, default


def signature(source: Source, extent: Extent) -> str:
    """From `def` or `async def` to before the colon."""
    return source.text(extent.definition, extent.colon - 1).rstrip(" \t\f")


def parameters(source: Source, node: Definition) -> list[Parameter]:
    """The parameters in order, with the names that inspect has for their kinds."""
    return [
        (arg.arg, kind, written(source, arg.annotation), written(source, default))
        for arg, kind, default in _parameters(node.args)
    ]


def _parameters(given: ast.arguments) -> Iterator[tuple[ast.arg, str, ast.expr | None]]:
    positional = [(arg, "positional_only") for arg in given.posonlyargs]
    positional += [(arg, "positional_or_keyword") for arg in given.args]
    bare = len(positional) - len(given.defaults)
    for place, (arg, kind) in enumerate(positional):
        yield arg, kind, given.defaults[place - bare] if place >= bare else None
    if given.vararg:
        yield given.vararg, "var_positional", None
    for arg, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        yield arg, "keyword_only", default
    if given.kwarg:
        yield given.kwarg, "var_keyword", None


def written(source: Source, node: ast.expr | None) -> str | None:
    """An expression as written, with the brackets around it, which ast leaves out."""
    if node is None:
        return None
    begin, end = source.begin(node), source.end(node)
    while not (before := source.content[max(0, begin - BEFORE) : begin]).rstrip().endswith(BARE):
        opening, closing = OPENING.search(before), CLOSING.match(source.content, end)
        if not opening or not closing:
            break
        begin, end = begin - len(before) + opening.start(), closing.end()
    return source.text(begin, end)
