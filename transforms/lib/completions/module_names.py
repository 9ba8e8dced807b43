"""The names that statements of a module bind, and those that they need from elsewhere."""

import ast
import builtins
from collections.abc import Iterator

from transforms.lib.python.syntax_trees import Function

BUILTINS = frozenset(dir(builtins))


def free_names(tree: ast.AST) -> set[str]:
    """The names that a tree reads and binds in no scope of it, without builtins."""
    read, bound = set[str](), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, Function | ast.ClassDef | ast.Import | ast.ImportFrom):
            bound.update(bound_names(node))
    return read - bound - BUILTINS


def bound_names(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement binds in its module."""
    if isinstance(statement, Function | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        for alias in statement.names:
            yield (alias.asname or alias.name).partition(".")[0]
    else:
        yield from (
            node.id
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        )
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, Function | ast.ClassDef | ast.Import | ast.ImportFrom):
                yield from bound_names(child)
