"""Other operators between numbers, no modulo, no minus."""

import ast
from collections.abc import Iterator

from transforms.strengthen.inside.change import Change, placed

SIGNS: dict[type, str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.MatMult: "@",
}
OTHERS: dict[type, tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.FloorDiv),
    ast.Mult: (ast.Add, ast.FloorDiv),
    ast.Div: (ast.FloorDiv, ast.Mult),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv, ast.Add),
    ast.Pow: (ast.Mult,),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
    ast.BitAnd: (ast.BitOr, ast.BitXor),
    ast.BitOr: (ast.BitAnd, ast.BitXor),
    ast.BitXor: (ast.BitOr, ast.BitAnd),
}


def changes(node: ast.AST) -> Iterator[Change]:
    """Other operators in an expression or an augmented assignment."""
    match node:
        case ast.BinOp(op=old) if not _is_text(node.left):
            yield from _others("arithmetic", node, old, node.right)
            if isinstance(old, ast.Mod):
                zero = placed(ast.Constant(0), node.right)
                yield Change("arithmetic", node, "% left out", op=ast.Add(), right=zero)
        case ast.AugAssign(op=old) if not _is_text(node.value):
            yield from _others("augmented", node, old, node.value)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            # Of other constants than 1, other operators make enough.
            if not isinstance(operand, ast.Constant) or operand.value == 1:
                yield Change("minus", node, "left out", op=ast.UAdd())


def _others(operator: str, node: ast.AST, old: ast.operator, at: ast.expr) -> Iterator[Change]:
    for other in OTHERS.get(type(old), ()):
        detail = f"{SIGNS[type(old)]} to {SIGNS[other]}"
        yield Change(operator, node, detail, at, op=other())


def _is_text(node: ast.expr) -> bool:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    return is_text or isinstance(node, ast.JoinedStr)
