"""Which statements of a program stay around its entry point: no tests, no examples, no prints."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transforms.lib.completions.module_names import bound_names, free_names
from transforms.lib.completions.parsable_lines import lines_of
from transforms.lib.python.syntax_trees import Function

Definition = Function | ast.ClassDef | ast.Import | ast.ImportFrom
# What only a script calls: a statement with such a call is no part of a function's module.
SCRIPT_CALLS = frozenset(("print", "input", "exit", "quit"))
NEED_ROUNDS = 10  # of values that are made of other values


def without_usage(code: str, body: Sequence[ast.stmt], entry: int, name: str) -> str:
    """A program without the statements that use its entry point, or that only a script needs.

    `body` are the statements of `code`, `entry` is the number of the one that defines the entry
    point `name`. Comments stay where they are.
    """
    names = _Names(frozenset(_needed(body)) | {name}, _bound(body))
    kept = [_stays(each, number - entry, name, names) for number, each in enumerate(body)]
    if all(kept):
        return code
    lines = lines_of(code)
    needed = _lines_of(each for each, stays in zip(body, kept, strict=True) if stays)
    dropped = _lines_of(each for each, stays in zip(body, kept, strict=True) if not stays)
    gone = dropped - needed
    return "".join(line for number, line in enumerate(lines, 1) if number not in gone)


@dataclass(frozen=True)
class _Names:
    """Names that definitions of a module need, and all that the module binds."""

    needed: frozenset[str]
    bound: frozenset[str]


def _stays(statement: ast.stmt, place: int, name: str, names: _Names) -> bool:
    """Whether a statement stays; `place` is negative before the entry point."""
    if place == 0 or isinstance(statement, Definition):
        return True
    if isinstance(statement, ast.Assert | ast.Return) or _is_script(statement, name):
        return False
    bound = set(bound_names(statement))
    if bound:
        return not names.needed.isdisjoint(bound)
    # Such as sys.setrecursionlimit(…); prose that happens to parse has names that nobody defines.
    acts = not isinstance(statement, ast.Expr) or isinstance(statement.value, ast.Call)
    return place < 0 and acts and free_names(statement) <= names.bound


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


def _needed(body: Sequence[ast.stmt]) -> set[str]:
    """The names that functions and classes of a module need of it, and those that these need."""
    needed: set[str] = set()
    wanting: list[ast.stmt] = [e for e in body if isinstance(e, Function | ast.ClassDef)]
    others = [each for each in body if not isinstance(each, Definition)]
    for _ in range(NEED_ROUNDS):
        fresh = {name for each in wanting for name in free_names(each)} - needed
        if not fresh:
            break
        needed |= fresh
        wanting = [each for each in others if not fresh.isdisjoint(bound_names(each))]
    return needed


def _bound(body: Sequence[ast.stmt]) -> frozenset[str]:
    return frozenset(name for each in body for name in bound_names(each))


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
