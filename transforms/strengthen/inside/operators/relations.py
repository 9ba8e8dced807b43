"""`<` for `<=`, `==` for `!=`, `in` for `not in`."""

import ast
from collections.abc import Iterator

from transforms.strengthen.inside.change import Change, replaced

SIGNS: dict[type, str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}
# Of each the bound, the opposite, and one that is right for many values.
OTHERS: dict[type, tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE, ast.NotEq),
    ast.LtE: (ast.Lt, ast.Gt, ast.Eq),
    ast.Gt: (ast.GtE, ast.LtE, ast.NotEq),
    ast.GtE: (ast.Gt, ast.Lt, ast.Eq),
    ast.Eq: (ast.NotEq, ast.LtE, ast.GtE),
    ast.NotEq: (ast.Eq, ast.Lt, ast.Gt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}


def changes(node: ast.AST) -> Iterator[Change]:
    """Other relations in a comparison."""
    if not isinstance(node, ast.Compare):
        return
    for number, old in enumerate(node.ops):
        compared = node.comparators[number]
        for other in OTHERS[type(old)]:
            detail = f"{SIGNS[type(old)]} to {SIGNS[other]}"
            if _has_order(other) and not _has_order(type(old)) and _is_text(compared):
                continue
            yield Change(
                "relation", node, detail, compared, ops=replaced(node.ops, number, other())
            )


def _has_order(kind: type) -> bool:
    return kind in (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not isinstance(node.value, int | float)
