"""Bounds of slices and ranges, and indices, that are one off."""

import ast
from collections.abc import Iterator

from transforms.strengthen.inside.change import Change, placed, replaced
from transforms.strengthen.inside.operators.called_functions import called_name
from transforms.strengthen.inside.step_counts import counts

SIGNS: tuple[tuple[str, type[ast.operator]], ...] = (("+ 1", ast.Add), ("- 1", ast.Sub))


def changes(node: ast.AST) -> Iterator[Change]:
    """Bounds that are one off; those that are constants are left to the operator `boundary`."""
    match node:
        case ast.Slice():
            for name in ("lower", "upper"):
                bound = getattr(node, name)
                if bound is not None and not _is_number(bound):
                    for sign, other in _one_off(bound):
                        yield Change("bound", node, f"{name} {sign}", bound, **{name: other})
        case ast.Subscript(slice=ast.BinOp() | ast.Name() as index) if _is_read(node):
            for sign, other in _one_off(index):
                yield Change("index", node, sign, index, slice=other)
        case ast.Call() if called_name(node) == "range" and not counts(node):
            for number, bound in enumerate(node.args):
                if not _is_number(bound):
                    for sign, other in _one_off(bound):
                        args = replaced(node.args, number, other)
                        yield Change("bound", node, f"range {number} {sign}", bound, args=args)


def _one_off(bound: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    for sign, kind in SIGNS:
        yield sign, placed(ast.BinOp(bound, kind(), placed(ast.Constant(1), bound)), bound)


def _is_number(bound: ast.expr) -> bool:
    return isinstance(bound, ast.Constant) or (
        isinstance(bound, ast.UnaryOp) and isinstance(bound.operand, ast.Constant)
    )


def _is_read(node: ast.Subscript) -> bool:
    return isinstance(node.ctx, ast.Load)
