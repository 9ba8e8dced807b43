"""Statements that are left out."""

import ast
from collections.abc import Iterator

from transforms.strengthen.inside.change import Change, placed, replaced
from transforms.strengthen.inside.step_counts import counts

LISTS = ("body", "orelse", "finalbody")
KEPT = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom),
    *(ast.Pass, ast.Global, ast.Nonlocal, ast.Break, ast.Continue),
)


def changes(node: ast.AST) -> Iterator[Change]:
    """The statements of a node, each left out, but for definitions and jumps."""
    for name in LISTS:
        held = getattr(node, name, None)
        body = held if isinstance(held, list) else []  # a lambda's body is no list
        for number, statement in enumerate(body):
            if (
                not counts(statement)
                and not isinstance(statement, KEPT)
                and not _is_text(statement)
            ):
                fields = {name: replaced(body, number, placed(ast.Pass(), statement))}
                detail = type(statement).__name__
                yield Change("dropped", node, detail, statement, **fields)


def _is_text(statement: ast.AST) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
