"""One file to its functions: found by ast, cut by bytes, each with what a row tells of it."""

import ast
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from transforms.functions import prompts, quality
from transforms.functions.extent import Extent, extent, is_one_literal
from transforms.functions.finding import Found, find
from transforms.functions.imports import Imports, imports
from transforms.functions.names import needs
from transforms.functions.signature import parameters, signature, written
from transforms.functions.source import Source
from transforms.functions.unparsable import parse

Row = dict[str, Any]  # the columns of `functions` that the file's text alone decides
# A prompt, its indent and its new docstring to the prompt as libcst rewrites it.
Rewrite = Callable[[str, str, str], str | None]


def extract_functions(text: str, rewrite: Rewrite) -> list[Row]:
    """The functions of a file that have docstrings, in its order; Rejected if it has no tree."""
    tree = parse(text)
    found = find(tree)
    if not found:
        return []
    file = _File(Source(text), imports(tree), rewrite)
    return [file.row(each) for each in found if file.has_docstring(each)]


@dataclass(frozen=True)
class _File:
    """What the rows of one file have in common."""

    source: Source
    imports: Imports
    rewrite: Rewrite

    def has_docstring(self, found: Found) -> bool:
        """Whether its string is one literal."""
        literal = found.docstring.value
        content = self.source.content[self.source.begin(literal) : self.source.end(literal)]
        return is_one_literal(content)

    def row(self, found: Found) -> Row:
        """The row of a function."""
        source, node, places = self.source, found.node, extent(self.source, found)
        needed = needs(node)
        given, returns = parameters(source, node), written(source, node.returns)
        annotated = returns is not None or any(annotation for _, _, annotation, _ in given)
        lines = self.imports.needed(needed.names, annotated)
        docstring = _cleaned(found)
        return {
            "qualname": found.qualname,
            "kind": found.kind,
            "start_line": source.line(places.begin),
            "end_line": source.line(places.end - 1),
            "start_byte": places.begin,
            "decorators": [written(source, each) for each in node.decorator_list],
            "signature": signature(source, places),
            "parameters": given,
            "returns": returns,
            "docstring": docstring,
            "docstring_raw": source.of(found.docstring.value),
            "prompt": source.text(places.begin, places.docstring_end),
            "body": source.text(places.docstring_end, places.end),
            "humaneval_prompt": self._humaneval_prompt(found, places, lines),
            "docstring_lines": len(docstring.splitlines()),
            "min_python": needed.python,
            "is_dunder": quality.is_dunder(node.name),
            "has_return": quality.has_return(node),
            "body_is_stub": quality.is_stub(node),
        }

    def _humaneval_prompt(self, found: Found, places: Extent, lines: list[str]) -> str | None:
        source = self.source
        indent = source.text(source.line_begin(places.begin), places.begin)
        literal = prompts.unix_lines(source.of(found.docstring.value))
        docstring = prompts.dedented_docstring(literal, indent)
        header = prompts.unix_lines(source.text(places.begin, places.docstring))
        in_brackets = source.begin(found.docstring.value) != places.docstring
        if places.indent is None or in_brackets or not prompts.is_provable(header):
            prompt = prompts.unix_lines(source.text(places.begin, places.docstring_end))
            function = self.rewrite(prompt, indent, docstring)
        else:
            function = prompts.dedented(header, indent) + docstring
        return function and prompts.humaneval_prompt(lines, function)


def _cleaned(found: Found) -> str:
    """The docstring as inspect.cleandoc has it; surrogates, which are no text, as escapes."""
    value = found.docstring.value
    assert isinstance(value, ast.Constant) and isinstance(value.value, str)
    return inspect.cleandoc(value.value).encode(errors="backslashreplace").decode()
