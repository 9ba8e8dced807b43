"""Names in syntax trees: what is bound, what is read, and what a definition reads at once."""

import ast
from collections.abc import Iterator

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def names_in(*nodes: ast.AST) -> set[str]:
    """All that is written as a name below nodes: read, bound, imported, or a parameter."""
    return {name for outer in nodes for node in ast.walk(outer) for name in _written(node)}


def bound_by(statement: ast.stmt) -> set[str]:
    """Names that a statement of a module binds there."""
    if isinstance(statement, Definition):
        return {statement.name}
    return {name for node in within(statement) for name in _written(node) if _binds(node)}


def _written(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, Definition):
        return [node.name]
    if isinstance(node, ast.alias):
        return [(node.asname or node.name).partition(".")[0]]
    return []


def _binds(node: ast.AST) -> bool:
    return not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load)


def within(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all below it but the insides of functions and classes."""
    yield node
    if not isinstance(node, Definition | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from within(child)


def read_at_once(statement: ast.stmt) -> set[str]:
    """Names that a statement reads when it is executed, not only when what it defines is called."""
    if isinstance(statement, ast.ClassDef):
        outside = [*statement.bases, *statement.keywords, *statement.decorator_list]
        inside = {name for part in statement.body for name in read_at_once(part)}
        return names_in(*outside) | inside
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        args = statement.args
        parameters = [*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg]
        annotations = [p.annotation for p in parameters if p] + [statement.returns]
        parts = [*annotations, *args.defaults, *args.kw_defaults, *statement.decorator_list]
        return names_in(*(part for part in parts if part))
    return names_in(*within(statement))
