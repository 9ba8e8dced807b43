"""Python's own parser over hostile sources: a tree or None, walked without recursion."""

import ast
from collections.abc import Iterator
from itertools import islice

Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")  # fields that hold statements


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes in the order of the source."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(list(ast.iter_child_nodes(node))))


def functions(tree: ast.AST) -> Iterator[Function]:
    """Every function in the order of the source, nested ones and methods too."""
    return (node for _, node in qualified(tree))


def qualified(tree: ast.AST) -> Iterator[tuple[str, Function]]:
    """Every function with its `__qualname__`."""
    stack: list[tuple[str, ast.AST]] = [("", tree)]
    while stack:
        prefix, node = stack.pop()
        if isinstance(node, Function):
            yield prefix + node.name, node
            prefix += f"{node.name}.<locals>."
        elif isinstance(node, ast.ClassDef):
            prefix += f"{node.name}."
        for field in reversed(BLOCKS):  # no expression holds a function
            stack.extend((prefix, child) for child in reversed(getattr(node, field, ())))


def size(tree: ast.AST, most: int) -> int:
    """How many nodes a tree has, counted no further than `most` + 1."""
    return sum(1 for _ in islice(walk(tree), most + 1))


def bare_string(statement: ast.stmt) -> str | None:
    """What a statement says that is nothing but a string, such as a docstring."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        value = statement.value.value
        return value if isinstance(value, str) else None
    return None


def unparsed(tree: ast.AST) -> str | None:
    """The source that Python writes for a tree; None where it is too deep for that."""
    try:
        return ast.unparse(tree)
    except RecursionError:
        return None
