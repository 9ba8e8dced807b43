"""Numbers one larger and one smaller, and other constants."""

import ast
from collections.abc import Iterator
from typing import Any

from transforms.strengthen.inside.change import Change

SHOWN = 20  # characters of a constant in a name
LARGE_INT = 10**30  # larger ones are left as they are


def changes(node: ast.AST) -> Iterator[Change]:
    """Other constants in the place of one."""
    if not isinstance(node, ast.Constant):
        return
    for operator, value in others(node.value):
        detail = f"{repr(node.value)[:SHOWN]} to {repr(value)[:SHOWN]}"
        yield Change(operator, node, detail, value=value)


def others(value: Any) -> Iterator[tuple[str, Any]]:
    """The constants that are tried in the place of a value, each after its operator."""
    if isinstance(value, bool):
        yield "constant", not value
    elif isinstance(value, int) and value < LARGE_INT:
        yield "boundary", value + 1
        yield "boundary", value - 1
        yield from (("constant", other) for other in (0, 1) if abs(other - value) > 1)
    elif isinstance(value, float):
        yield "constant", value * 2 if value and value - value == 0 else 1.0
        yield "constant", -value if value else -1.0
    elif isinstance(value, str):
        yield "constant", "" if value else "x"
        if len(value) == 1:
            yield "constant", chr(min(ord(value) + 1, 0xD7FF))
