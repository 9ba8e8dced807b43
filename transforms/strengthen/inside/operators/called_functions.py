"""Swapped arguments, `min` for `max`, the other order of a sort, other defaults."""

import ast
from collections.abc import Iterator

from transforms.strengthen.inside.change import Change, placed
from transforms.strengthen.inside.step_counts import counts

OPPOSITES = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "bisect_left": "bisect_right",
    "bisect_right": "bisect_left",
    "lower": "upper",
    "upper": "lower",
    "append": "appendleft",
    "popleft": "pop",
    "floor": "ceil",
    "ceil": "floor",
    "lstrip": "rstrip",
    "rstrip": "lstrip",
    "find": "rfind",
    "rfind": "find",
    "union": "intersection",
    "keys": "values",
}
SYMMETRIC = {"min", "max", "gcd", "isinstance", "range", "zip", "map", "print", "lcm"}


def changes(node: ast.AST) -> Iterator[Change]:
    """Other calls in the place of one."""
    if not isinstance(node, ast.Call) or counts(node):
        return
    name = called_name(node)
    if other := OPPOSITES.get(name):
        yield Change("function", node, f"{name} to {other}", func=_renamed(node.func, other))
    if name in ("sorted", "sort"):
        yield Change("function", node, f"{name} reversed", keywords=_reversed(node))
    if len(node.args) > 1 and name not in SYMMETRIC:
        first, second, *rest = node.args
        if not isinstance(first, ast.Starred) and not isinstance(second, ast.Starred):
            yield Change("swapped", node, "arguments", args=[second, first, *rest])


def called_name(node: ast.Call) -> str:
    """The name of the function or method that is called; empty if it has none."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _renamed(function: ast.expr, name: str) -> ast.expr:
    made = (
        ast.Attribute(function.value, name, ast.Load())
        if isinstance(function, ast.Attribute)
        else ast.Name(name, ast.Load())
    )
    renamed: ast.expr = placed(made, function)
    return renamed


def _reversed(node: ast.Call) -> list[ast.keyword]:
    """The keywords of a sort with the other order."""
    others = [keyword for keyword in node.keywords if keyword.arg != "reverse"]
    given = [keyword.value for keyword in node.keywords if keyword.arg == "reverse"]
    was = given[0] if given else placed(ast.Constant(False), node)
    value = placed(ast.UnaryOp(ast.Not(), was), node)
    return [*others, placed(ast.keyword("reverse", value), node)]
