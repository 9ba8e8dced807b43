"""The calls that probes make of the candidate with values that are known before they run."""

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from transforms.lib.problems.probes.folding import fold
from transforms.lib.problems.probes.unittest_probes import CANDIDATE
from transforms.lib.python.literals import literal_text
from transforms.lib.python.parsing import Rejected, parse

# The first argument of a test that calls the candidate by itself: the name of no probe.
DIRECT = ""


def probed_calls(harness: str) -> list[tuple[Any, ...]]:
    """The arguments of each such call in the text of a harness, all of them by position; no twins.

    >>> probed_calls("def test_f(candidate):\\n    sides = (1, 2)\\n    candidate(*sides)\\n")
    [(1, 2)]
    """
    found: dict[str, tuple[Any, ...]] = {}
    try:
        statements = parse(harness).body
    except Rejected:
        return []
    for node in statements:
        if isinstance(node, ast.FunctionDef) and [a.arg for a in node.args.args] == [CANDIDATE]:
            for arguments in _calls(node.body):
                found.setdefault(literal_text(arguments), arguments)
    return list(found.values())


def _calls(statements: Iterable[ast.stmt]) -> Iterator[tuple[Any, ...]]:
    """The calls of a probe's statements, with the names that these assign on the way."""
    known: dict[str, Any] = {}
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == CANDIDATE:
                try:
                    yield _arguments(node, known)
                except Rejected:
                    continue  # made of what only the program knows
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            _assign(statement.targets[0], statement.value, known)


def _arguments(call: ast.Call, known: dict[str, Any]) -> tuple[Any, ...]:
    """The values of a call's arguments; Rejected if one is not known, or has a name."""
    if call.keywords:
        raise Rejected("not_literal", "an argument with a name")
    values = list[Any]()
    for argument in call.args:
        if isinstance(argument, ast.Starred):
            many = fold(argument.value, known)
            if not isinstance(many, list | tuple):
                raise Rejected("not_literal", "arguments that are no list")
            values += many
        else:
            values.append(fold(argument, known))
    literal_text(arguments := tuple(values))
    return arguments


def _assign(target: ast.expr, value: ast.expr, known: dict[str, Any]) -> None:
    """Note what an assignment gives to names; a name whose value is not known is forgotten."""
    names = [target] if isinstance(target, ast.Name) else getattr(target, "elts", [])
    for name in names:
        known.pop(getattr(name, "id", ""), None)
    try:
        folded = fold(value, known)
    except Rejected:
        return
    if isinstance(target, ast.Name):
        known[target.id] = folded
    elif isinstance(folded, list | tuple) and len(folded) == len(names):
        known.update((n.id, v) for n, v in zip(names, folded, strict=True) if hasattr(n, "id"))
