"""Signatures as written: parameters with their annotations and defaults, and what is returned."""

import ast
import re
from collections.abc import Iterator

from transforms.functions.documented_functions import Definition
from transforms.functions.extent import Extent
from transforms.lib.python.source_text import SourceText

# A bracket around an expression, with what may be between the two.
OPENING_BRACKET = re.compile(rb"\((?:[ \t\f\r\n\\]|#[^\r\n]*+[\r\n])*+\Z")
CLOSING_BRACKET = re.compile(rb"(?:[ \t\f\r\n\\]|#[^\r\n]*+)*+\)")
LOOK_BACK_BYTES = 200  # in which the opening bracket is looked for
# What is before a default, an annotation, a return annotation or a decorator without brackets.
NO_BRACKET = (b"=", b":", b">", b"@")

Parameter = tuple[str, str, str | None, str | None]  # name, kind, annotation, default


def signature(source: SourceText, extent: Extent) -> str:
    """The text from `def` or `async def` to before the colon."""
    return source.text(extent.definition, extent.colon - 1).rstrip(" \t\f")


def parameters(source: SourceText, node: Definition) -> list[Parameter]:
    """The parameters in order, with inspect's names of their kinds, in lower case.

    >>> text = "def f(a, *, b: int = (1)): pass"
    >>> parameters(SourceText(text), ast.parse(text).body[0])
    [('a', 'positional_or_keyword', None, None), ('b', 'keyword_only', 'int', '(1)')]
    """
    return [
        (arg.arg, kind, written(source, arg.annotation), written(source, default))
        for arg, kind, default in _parameters(node.args)
    ]


def _parameters(arguments: ast.arguments) -> Iterator[tuple[ast.arg, str, ast.expr | None]]:
    positional = [(arg, "positional_only") for arg in arguments.posonlyargs]
    positional += [(arg, "positional_or_keyword") for arg in arguments.args]
    required = len(positional) - len(arguments.defaults)
    for place, (arg, kind) in enumerate(positional):
        yield arg, kind, arguments.defaults[place - required] if place >= required else None
    if arguments.vararg:
        yield arguments.vararg, "var_positional", None
    for arg, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield arg, "keyword_only", default
    if arguments.kwarg:
        yield arguments.kwarg, "var_keyword", None


def written(source: SourceText, node: ast.expr | None) -> str | None:
    """The text of an expression with the brackets around it, which ast leaves out."""
    if node is None:
        return None
    begin, end = source.begin(node), source.end(node)
    while True:
        before = source.content[max(0, begin - LOOK_BACK_BYTES) : begin]
        if before.rstrip().endswith(NO_BRACKET):
            break
        opening = OPENING_BRACKET.search(before)
        closing = CLOSING_BRACKET.match(source.content, end)
        if not opening or not closing:
            break
        begin, end = begin - len(before) + opening.start(), closing.end()
    return source.text(begin, end)
