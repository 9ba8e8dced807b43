"""A program around one function or class, cut into what a prompt shows and what a solution adds."""

import ast
import io
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.lib.python.modules import (
    Module,
    NamedDefinition,
    Statement,
    code,
    first_line,
    joined,
)
from transforms.lib.python.scopes import read_at_once

INDENT = "    "


@dataclass(frozen=True)
class Pieces:
    """A program as texts, in the order in which they stand.

    imports: statements, one a line each; before: what the definition of the entry point needs;
    header: its decorators and `def f(x):`; docstring: None if it has none; body: indented by
    `indent`; after: all other statements.
    """

    imports: tuple[str, ...]
    before: str
    header: str
    docstring: str | None
    body: str
    after: str
    indent: str = INDENT

    def program(self) -> str:
        """The pieces as one module, without the docstring."""
        return joined("\n".join(self.imports), self.before, self.header + self.body, self.after)


def arranged(
    statements: Sequence[Statement], entry: Statement, shown: frozenset[str] = frozenset()
) -> Pieces:
    """The pieces of a module of these statements, of which `entry` defines the entry point.

    What the definition of the entry point reads, and what defines the names `shown`, stands
    before it; all else follows it, so that a prompt shows no part of a solution. Texts that are
    statements, which do nothing, are left out.
    """
    others = [s for s in statements if s is not entry and not s.is_import and not _is_text(s)]
    first = _needed_first(others, entry, shown)
    before = [statement for statement in others if id(statement) in first]
    after = [statement for statement in others if id(statement) not in first]
    # Each import in one line, however it was written.
    imports = tuple(ast.unparse(s.node) for s in statements if s.is_import)
    header, docstring, body, indent = _cut(entry)
    return Pieces(imports, code(*before), header, docstring, body, code(*after), indent)


def _is_text(statement: Statement) -> bool:
    """Whether a statement is nothing but a constant, as a comment in quotes is."""
    node = statement.node
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _needed_first(others: list[Statement], entry: Statement, shown: frozenset[str]) -> set[int]:
    """The ids of the statements that must be executed before the entry point is defined."""
    wanted, first = read_at_once(entry.node) | shown, set[int]()
    while more := [s for s in others if id(s) not in first and wanted & s.bound_names]:
        first |= {id(statement) for statement in more}
        wanted |= {name for statement in more for name in read_at_once(statement.node)}
    return first


def _cut(entry: Statement) -> tuple[str, str | None, str, str]:
    """Header, docstring, body and indentation of a definition."""
    node = entry.node
    assert isinstance(node, NamedDefinition)
    lines = entry.text.split("\n")
    offset = first_line(node) - 1  # of line numbers in the module to those in the text
    top = header_lines(entry.text, node.lineno - offset)
    if node.body[0].lineno - offset <= top:  # def f(): pass
        return _cut(Module(ast.unparse(node)).statements[0])
    docstring = ast.get_docstring(node, clean=False)
    begin = top if docstring is None else (node.body[0].end_lineno or 0) - offset
    first = lines[first_line(node.body[0]) - offset - 1]
    indent = first[: len(first) - len(first.lstrip())]
    has_body = len(node.body) > (docstring is not None)
    body = "\n".join(lines[begin:]).strip("\n") + "\n" if has_body else f"{indent}pass\n"
    return "\n".join(lines[:top]) + "\n", docstring, body, indent


def header_lines(text: str, definition_line: int) -> int:
    """How many lines a definition's header has: with decorators, up to the one with its colon."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NEWLINE and token.end[0] >= definition_line:
            return token.end[0]
    return definition_line
