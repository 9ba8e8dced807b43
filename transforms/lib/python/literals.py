"""Python source and literals of strangers, parsed within bounds; nothing is evaluated.

CPython's parser refuses what is too deep for it, but what walks its trees may use up the stack; so
they are measured first. A tree is shared by all who ask for the same text: nobody changes it.
"""

import ast
import functools
import math
from typing import Any

MAX_SOURCE = 1_000_000  # characters
SMALL = 20_000  # characters of a text whose tree is remembered for a while
MAX_LITERAL = 1_000_000
MAX_DEPTH = 200  # of a syntax tree, where real code stays below 50
MAX_NODES = 400_000
SCALARS = (type(None), bool, int, str, bytes)


class Unparsable(Exception):
    """Text that is not taken: `reason` from a closed list, and a `value`."""

    def __init__(self, reason: str, value: str | None = None) -> None:
        super().__init__(f"{reason}: {value}")
        self.reason = reason
        self.value = value


def parse(text: str) -> ast.Module:
    """The syntax tree of a module; Unparsable if it has none, or too large or deep a one."""
    if len(text) > MAX_SOURCE:
        raise Unparsable("too_large", f"{len(text)} characters")
    return _remembered(text) if len(text) <= SMALL else _parse(text)


def _parse(text: str) -> ast.Module:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise Unparsable("not_python3", f"{type(error).__name__}: {error}"[:200]) from error
    except (MemoryError, RecursionError) as error:
        raise Unparsable("too_deep", type(error).__name__) from error
    _measure(tree)
    return tree


_remembered = functools.lru_cache(64)(_parse)


def _measure(tree: ast.AST) -> None:
    level: list[ast.AST] = [tree]
    nodes = depth = 0
    while level:
        nodes, depth = nodes + len(level), depth + 1
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            raise Unparsable("too_deep", f"{depth} levels, {nodes} nodes")
        level = [child for node in level for child in ast.iter_child_nodes(node)]


def literal(text: str) -> Any:
    """The value of a literal of built-in types; Unparsable if the text is none."""
    if len(text) > MAX_LITERAL:
        raise Unparsable("too_large", f"{len(text)} characters")
    if not text.strip():
        raise Unparsable("not_literal", "nothing")
    return literal_of(parse(f"({text.strip()}\n)"), text)


def literal_of(tree: ast.AST, text: str = "") -> Any:
    """The value of a tree that is a literal; `...` is none."""
    if isinstance(tree, ast.Module):
        body = tree.body
        if len(body) != 1 or not isinstance(body[0], ast.Expr):
            raise Unparsable("not_literal", text[:100])
        tree = body[0].value
    try:
        value = ast.literal_eval(tree)
        literal_text(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise Unparsable("not_literal", text[:100] or type(error).__name__) from error
    return value


def literal_text(value: Any) -> str:
    """The one text of a value, which `ast.literal_eval` reads; Unparsable if there is none."""
    try:
        return _text(value)
    except RecursionError as error:
        raise Unparsable("too_deep", type(error).__name__) from error
    except ValueError as error:  # an int of more than 4,300 digits has no text
        raise Unparsable("huge_int", str(error)[:100]) from error


def _text(value: Any) -> str:
    kind = type(value)
    if kind in SCALARS:
        return repr(value)
    if kind is float:
        return _float(value)
    if kind is complex and math.isfinite(value.real) and math.isfinite(value.imag):
        return repr(value)
    if kind is list:
        return f"[{', '.join(map(_text, value))}]"
    if kind is tuple:
        return f"({', '.join(map(_text, value))}{',' if len(value) == 1 else ''})"
    if kind is dict:
        return "{" + ", ".join(f"{_text(key)}: {_text(item)}" for key, item in value.items()) + "}"
    if kind is set:  # in an order that does not depend on hashes
        return "{" + ", ".join(sorted(map(_text, value))) + "}" if value else "set()"
    raise Unparsable("not_literal", kind.__name__)


def _float(value: float) -> str:
    if math.isnan(value):
        raise Unparsable("not_literal", "nan")
    if math.isinf(value):
        return "1e999" if value > 0 else "-1e999"
    return repr(value)
