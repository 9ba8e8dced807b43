"""A program around one function or class, in pieces: what a prompt shows, what a solution adds."""

import ast
from dataclasses import dataclass
from typing import Any

import libcst as cst

from transforms.problems.imports import free
from transforms.problems.parsing import parse
from transforms.problems.scopes import bound_by, read_at_once

PASS = "    pass\n"
BODY = cst.IndentedBlock([cst.SimpleStatementLine([cst.Pass()])])
Defined = cst.FunctionDef | cst.ClassDef


@dataclass(frozen=True)
class Pieces:
    """Imports, what stands before an entry point, its header (decorators and `def f(x):`), its
    docstring, its body (indented), and what follows it."""

    imports: tuple[str, ...]
    before: str
    header: str
    docstring: str | None
    body: str
    after: str

    def program(self) -> str:
        """The whole as one module, without the docstring."""
        return joined("\n".join(self.imports), self.before, self.header + self.body, self.after)


def joined(*blocks: str) -> str:
    """Blocks of a module, two empty lines between them, a line break at the end."""
    return "\n\n\n".join(block.strip("\n") for block in blocks if block.strip()) + "\n"


def code(*nodes: cst.CSTNode) -> str:
    """Statements as a module of their own, each without comments before it; "" for none."""
    texts = [cst.Module([_bare(node)]).code for node in nodes]
    return joined(*texts) if texts else ""


def _bare(node: cst.CSTNode) -> Any:
    bare = node.with_changes(leading_lines=[])
    if isinstance(bare, Defined):
        bare = bare.with_changes(lines_after_decorators=[])
    return bare


def in_pieces(entry: Defined) -> tuple[str, str | None, str]:
    """Header, docstring and body of a definition."""
    statements = list(entry.body.body)
    if isinstance(entry.body, cst.SimpleStatementSuite):
        statements = [cst.SimpleStatementLine(statements)]  # type: ignore[arg-type]
    docstring = _docstring(statements[0])
    statements = statements[1:] if docstring is not None else statements
    header = code(entry.with_changes(body=BODY)).removesuffix(PASS)
    rest = cst.IndentedBlock(statements or list(BODY.body))  # type: ignore[arg-type]
    return header, docstring, code(entry.with_changes(body=rest)).removeprefix(header)


def _docstring(node: cst.CSTNode) -> str | None:
    if not (isinstance(node, cst.SimpleStatementLine) and isinstance(node.body[0], cst.Expr)):
        return None
    value = node.body[0].value
    if not isinstance(value, cst.SimpleString | cst.ConcatenatedString):
        return None
    text = value.evaluated_value
    return text if isinstance(text, str) else None


def is_import(node: cst.CSTNode) -> bool:
    """Whether a statement does nothing but import."""
    return isinstance(node, cst.SimpleStatementLine) and all(
        isinstance(part, cst.Import | cst.ImportFrom) for part in node.body
    )


def arranged(statements: list[cst.CSTNode], entry: Defined, shown: frozenset[str] = frozenset()
             ) -> Pieces:  # fmt: skip
    """The pieces of a module with these statements.

    What the definition of the entry point reads, and what is `shown`, must stand before it; all
    else follows, so that a prompt shows no part of a solution.
    """
    others = [s for s in statements if s is not entry and not is_import(s)]
    before = _needed_first(others, entry, shown)
    after = [s for s in others if s not in before]
    imports = code(*(s for s in statements if is_import(s))).split("\n")
    lines = tuple(line for line in imports if line.strip())
    return Pieces(lines, code(*before), *in_pieces(entry), code(*after))


def _needed_first(
    others: list[cst.CSTNode], entry: Defined, shown: frozenset[str]
) -> list[cst.CSTNode]:
    trees = [(s, _tree(s)) for s in others]
    wanted, before = read_at_once(_tree(entry)) | shown, list[cst.CSTNode]()
    for _ in others:
        more = [(s, tree) for s, tree in trees if s not in before and wanted & bound_by(tree)]
        before += [s for s, _ in more]
        wanted |= {name for _, tree in more for name in read_at_once(tree)}
    return [s for s in others if s in before]


def reachable(statements: list[cst.CSTNode], roots: frozenset[str]) -> list[cst.CSTNode]:
    """The statements that define `roots`, and what these use in turn; what binds no name at all
    has no part in it."""
    binds = [(s, bound_by(_tree(s))) for s in statements]
    names, kept = {*roots, "annotations"}, set[int]()  # of the __future__
    while more := [s for s, bound in binds if id(s) not in kept and names & bound]:
        kept |= {id(s) for s in more}
        names |= {name for s in more for name in free(code(s))}
    return [s for s in statements if id(s) in kept]


def _tree(statement: cst.CSTNode) -> ast.stmt:
    return parse(code(statement)).body[0]
