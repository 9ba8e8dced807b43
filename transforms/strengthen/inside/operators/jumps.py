"""Returns that come too early, loops of one round, `break` for `continue`, other results."""

import ast
from collections.abc import Iterator
from typing import Any

from transforms.strengthen.inside.change import Change, placed, replaced
from transforms.strengthen.inside.operators.conditions import negated
from transforms.strengthen.inside.step_counts import counts

LISTS = ("body", "orelse", "finalbody")


def changes(node: ast.AST) -> Iterator[Change]:
    """Other ways through a function or a loop."""
    for name in LISTS:
        held = getattr(node, name, None)
        body = held if isinstance(held, list) else []  # a lambda's body is no list
        for number, statement in enumerate(body):
            if other := _opposite(statement):
                fields = {name: replaced(body, number, placed(other, statement))}
                detail = f"to {type(other).__name__.lower()}"
                yield Change("jump", node, detail, statement, **fields)
    match node:
        case ast.For() | ast.While():
            last = node.body[-1]
            if not isinstance(last, ast.Return | ast.Break | ast.Raise):
                body = [*node.body, placed(ast.Break(), last)]
                yield Change("jump", node, "one round", body=body)
        case ast.FunctionDef() if node.name != "__init__":
            yield from _early_returns(node)
        case ast.Return(value=ast.expr() as value):
            yield from _results(node, value)


def _opposite(statement: ast.stmt) -> ast.stmt | None:
    if isinstance(statement, ast.Break):
        return ast.Continue()
    return ast.Break() if isinstance(statement, ast.Continue) else None


def _early_returns(node: ast.FunctionDef) -> Iterator[Change]:
    """A return after the first statement that is more than a text or a condition."""
    names = [argument.arg for argument in node.args.args if argument.arg not in ("self", "cls")]
    value: Any = ast.Name(names[0], ast.Load()) if names else ast.Constant(None)
    own = [number for number, each in enumerate(node.body) if not counts(each)]
    for number in own[1:4]:
        at = node.body[number]
        early = placed(ast.Return(value), at)
        body = [*node.body[:number], early, *node.body[number:]]
        yield Change("early_return", node, names[0] if names else "None", at, body=body)


def _results(node: ast.Return, value: ast.expr) -> Iterator[Change]:
    """Another result: the opposite of a condition, or None."""
    if isinstance(value, ast.Compare | ast.BoolOp):
        yield Change("result", node, "negated", value=negated(value))
    elif not isinstance(value, ast.Constant):
        yield Change("result", node, "None", value=placed(ast.Constant(None), value))
