"""Negated conditions, `and` for `or`, and conditions with a part less."""

import ast
from collections.abc import Iterator

from transforms.strengthen.inside.change import Change, placed, replaced, without
from transforms.strengthen.inside.step_counts import counts


def changes(node: ast.AST) -> Iterator[Change]:
    """Other conditions in a statement or an expression."""
    match node:
        case ast.If() | ast.While() | ast.IfExp() if not _is_relation(node.test):
            yield Change("negated", node, "condition", node.test, test=negated(node.test))
        case ast.comprehension():
            for number, test in enumerate(node.ifs):
                if not counts(test):
                    yield Change("negated", node, "true", test, ifs=without(node.ifs, number))
                    if not _is_relation(test):
                        ifs = replaced(node.ifs, number, negated(test))
                        yield Change("negated", node, "condition", test, ifs=ifs)
        case ast.UnaryOp(op=ast.Not()):
            yield Change("negated", node, "not", operand=negated(node.operand))
        case ast.BoolOp() if not counts(node):
            yield from _boolean(node)


def _is_relation(test: ast.expr) -> bool:
    """Whether it is one relation, of which the operator `relation` makes the opposite."""
    return isinstance(test, ast.Compare) and len(test.ops) == 1


def negated(test: ast.expr) -> ast.expr:
    """The opposite of a condition."""
    made: ast.expr = placed(ast.UnaryOp(ast.Not(), test), test)
    return made


def _boolean(node: ast.BoolOp) -> Iterator[Change]:
    was_and = isinstance(node.op, ast.And)
    detail = "and to or" if was_and else "or to and"
    yield Change("boolean", node, detail, op=ast.Or() if was_and else ast.And())
    for number, value in enumerate(node.values):
        # What decides nothing in its place, as a list of values may not become one alone.
        idle = placed(ast.Constant(was_and), value)
        values = replaced(node.values, number, idle)
        yield Change("boolean", node, f"without {number}", value, values=values)
