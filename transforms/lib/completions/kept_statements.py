"""Which statements of a program stay around its entry point: no tests, no examples, no prints."""

import ast
from collections.abc import Iterator, Sequence

from transforms.lib.completions.entry_definitions import bound_names
from transforms.lib.python.syntax_trees import Function

Definition = Function | ast.ClassDef | ast.Import | ast.ImportFrom
# What only a script calls: a statement with such a call is no part of a function's module.
SCRIPT_CALLS = frozenset(("print", "input", "exit", "quit"))


def without_usage(code: str, body: Sequence[ast.stmt], entry: int, name: str) -> str:
    """A program without the statements that use its entry point, or that only a script needs.

    `body` are the statements of `code`, `entry` is the number of the one that defines the entry
    point `name`. Comments stay where they are.
    """
    used = _used_names(body)
    kept = [_stays(each, number - entry, name, used) for number, each in enumerate(body)]
    if all(kept):
        return code
    lines = code.splitlines(keepends=True)
    needed = _lines_of(each for each, stays in zip(body, kept, strict=True) if stays)
    dropped = _lines_of(each for each, stays in zip(body, kept, strict=True) if not stays)
    gone = dropped - needed
    return "".join(line for number, line in enumerate(lines, 1) if number not in gone)


def _stays(statement: ast.stmt, place: int, name: str, used: frozenset[str]) -> bool:
    """Whether a statement stays; `place` is negative before the entry point."""
    if place == 0 or isinstance(statement, Definition):
        return True
    if isinstance(statement, ast.Assert | ast.Return) or _is_script(statement, name):
        return False
    if isinstance(statement, ast.Expr):
        return place < 0 and isinstance(statement.value, ast.Call)
    return place < 0 or not (used | {name}).isdisjoint(bound_names(statement))


def _is_script(statement: ast.stmt, name: str) -> bool:
    """Whether a statement calls the entry point, or is what a module does when it is run."""
    for node in _outside_functions(statement):
        if isinstance(node, ast.Name) and node.id == "__name__":
            return True
        if isinstance(node, ast.Call) and _called(node) in SCRIPT_CALLS | {name}:
            return True
    return False


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _outside_functions(statement: ast.stmt) -> Iterator[ast.AST]:
    """The nodes that run when the statement does."""
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, Function | ast.Lambda):
            stack.extend(ast.iter_child_nodes(node))


def _used_names(body: Sequence[ast.stmt]) -> frozenset[str]:
    """The names that functions and classes of a module read."""
    return frozenset(
        node.id
        for statement in body
        if isinstance(statement, Function | ast.ClassDef)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )


def _lines_of(statements: Iterator[ast.stmt]) -> set[int]:
    return {
        number
        for each in statements
        for number in range(first_line(each), (each.end_lineno or each.lineno) + 1)
    }


def first_line(statement: ast.stmt) -> int:
    """The number of the line on which a statement begins, decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(each.lineno for each in decorators)])
