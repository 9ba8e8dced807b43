"""A program around one function or class, in pieces: what a prompt shows, what a solution adds."""

import ast
import io
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.lib.python.modules import Defined, Statement, code, first_line, joined, statements
from transforms.lib.python.scopes import bound_by, read_at_once

INDENT = "    "


@dataclass(frozen=True)
class Pieces:
    """Imports, what stands before an entry point, its header (decorators and `def f(x):`), its
    docstring, its body (indented, by `indent`), and what follows it."""

    imports: tuple[str, ...]
    before: str
    header: str
    docstring: str | None
    body: str
    after: str
    indent: str = INDENT

    def program(self) -> str:
        """The whole as one module, without the docstring."""
        return joined("\n".join(self.imports), self.before, self.header + self.body, self.after)


def arranged(
    parts: Sequence[Statement], entry: Statement, shown: frozenset[str] = frozenset()
) -> Pieces:
    """The pieces of a module with these statements.

    What the definition of the entry point reads, and what is `shown`, must stand before it; all
    else follows, so that a prompt shows no part of a solution.
    """
    others = [part for part in parts if part is not entry and not part.is_import]
    first = _needed_first(others, entry, shown)
    before = [part for part in others if id(part) in first]
    after = [part for part in others if id(part) not in first]
    imports = tuple(line for part in parts if part.is_import for line in _lines(part))
    header, docstring, body, indent = in_pieces(entry)
    return Pieces(imports, code(*before), header, docstring, body, code(*after), indent)


def _lines(part: Statement) -> list[str]:
    return [ast.unparse(part.node)]  # in one line, however it was written


def _needed_first(others: list[Statement], entry: Statement, shown: frozenset[str]) -> set[int]:
    wanted, first = read_at_once(entry.node) | shown, set[int]()
    while more := [p for p in others if id(p) not in first and wanted & bound_by(p.node)]:
        first |= {id(part) for part in more}
        wanted |= {name for part in more for name in read_at_once(part.node)}
    return first


def in_pieces(entry: Statement) -> tuple[str, str | None, str, str]:
    """Header, docstring, body and indentation of a definition."""
    node, text = _definition(entry)
    lines = text.split("\n")
    top = _header_lines(text, node)
    if node.body[0].lineno <= top:  # def f(): pass
        return in_pieces(statements(ast.unparse(node))[0])
    docstring = ast.get_docstring(node, clean=False)
    begin = top if docstring is None else node.body[0].end_lineno or top
    first = lines[first_line(node.body[0]) - 1]
    indent = first[: len(first) - len(first.lstrip())]
    rest = len(node.body) > (docstring is not None)
    body = "\n".join(lines[begin:]).strip("\n") + "\n" if rest else f"{indent}pass\n"
    return "\n".join(lines[:top]) + "\n", docstring, body, indent


def _definition(entry: Statement) -> tuple[Defined, str]:
    """The definition with positions in its own text."""
    node = statements(entry.text)[0].node
    assert isinstance(node, Defined)
    return node, entry.text


def _header_lines(text: str, node: Defined) -> int:
    """How many lines a definition's header has, with decorators, to the one with its colon."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NEWLINE and token.end[0] >= node.lineno:
            return token.end[0]
    return node.lineno
