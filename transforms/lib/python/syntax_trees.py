"""How syntax trees are walked, measured and written back, where possible without recursion."""

import ast
from collections.abc import Iterator
from itertools import islice

Function = ast.FunctionDef | ast.AsyncFunctionDef
STATEMENT_FIELDS = ("body", "handlers", "orelse", "finalbody", "cases")  # of any node


def walk(tree: ast.AST) -> Iterator[ast.AST]:
    """A node and all nodes below it, in the order of the source."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(list(ast.iter_child_nodes(node))))


def functions(tree: ast.AST) -> Iterator[Function]:
    """All functions below a node, nested ones and methods too, in the order of the source."""
    return (node for _, node in qualified(tree))


def qualified(tree: ast.AST) -> Iterator[tuple[str, Function]]:
    """All functions below a node with their `__qualname__`, in the order of the source.

    >>> tree = ast.parse("class A:\\n  def f(self):\\n    def g(): pass")
    >>> [name for name, _ in qualified(tree)]
    ['A.f', 'A.f.<locals>.g']
    """
    stack: list[tuple[str, ast.AST]] = [("", tree)]
    while stack:
        prefix, node = stack.pop()
        if isinstance(node, Function):
            yield prefix + node.name, node
            prefix += f"{node.name}.<locals>."
        elif isinstance(node, ast.ClassDef):
            prefix += f"{node.name}."
        for field in reversed(STATEMENT_FIELDS):  # no expression holds a function
            stack.extend((prefix, child) for child in reversed(getattr(node, field, ())))


def size(tree: ast.AST, most: int) -> int:
    """The number of nodes of a tree, or `most` + 1 if it has more than `most`."""
    return sum(1 for _ in islice(walk(tree), most + 1))


def bare_string(statement: ast.stmt) -> str | None:
    """The string that is a statement of its own, such as a docstring; None for other statements."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        value = statement.value.value
        return value if isinstance(value, str) else None
    return None


def unparsed(tree: ast.AST) -> str | None:
    """The source that Python writes for a tree.

    None for a tree that is too deep for that, or has what this Python cannot write, as an f-string
    with a backslash in a field before 3.12.
    """
    try:
        return ast.unparse(tree)
    except (RecursionError, ValueError):
        return None
