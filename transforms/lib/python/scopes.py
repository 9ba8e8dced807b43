"""Which names Python code binds, reads, reads at once when it is executed, and leaves undefined."""

import ast
from collections.abc import Iterator

from transforms.lib.python.parsing import symbol_table

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def names_in(*nodes: ast.AST) -> set[str]:
    """All names that are written below nodes: read, bound, imported, or a parameter's.

    >>> sorted(names_in(ast.parse("import a.b as c\\ndef f(x): return x.y + z")))
    ['c', 'f', 'x', 'z']
    """
    return {name for outer in nodes for node in ast.walk(outer) for name in _names_of(node)}


def bound_by(statement: ast.stmt) -> set[str]:
    """The names that a statement of a module binds in that module."""
    if isinstance(statement, Definition):
        return {statement.name}
    return {name for node in _within(statement) for name in _names_of(node) if _binds(node)}


def _names_of(node: ast.AST) -> list[str]:
    """The names that a node itself writes."""
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


def _within(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all nodes below it, but for the insides of functions and classes."""
    yield node
    if not isinstance(node, Definition | ast.Lambda):
        for child in ast.iter_child_nodes(node):
            yield from _within(child)


def read_at_once(statement: ast.stmt) -> set[str]:
    """The names that a statement reads when it is executed, and not only when what it defines is
    called: for a function those of its decorators, defaults and annotations."""
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
    return names_in(*_within(statement))


def free_names(text: str) -> set[str]:
    """The names that a module uses and neither defines nor imports, those of builtins included.

    Raises Rejected if the text is no Python 3.

    >>> sorted(free_names("import os\\ndef f(x): return len(x) + os.sep + y"))
    ['len', 'y']
    """
    table = symbol_table(text)
    used, defined, scopes = set[str](), set[str](), [table]
    while scopes:
        scope = scopes.pop()
        scopes += scope.get_children()
        bound = [symbol for symbol in scope.get_symbols() if symbol.is_assigned()]
        defined |= {s.get_name() for s in bound if scope is table or s.is_declared_global()}
        symbols = [symbol for symbol in scope.get_symbols() if symbol.is_referenced()]
        # Python's symtable takes a function called "top" for the module: hence the second test.
        used |= {
            symbol.get_name()
            for symbol in symbols
            if scope is table or (symbol.is_global() and not symbol.is_local())
        }
    return used - defined - {s.get_name() for s in table.get_symbols() if s.is_imported()}
