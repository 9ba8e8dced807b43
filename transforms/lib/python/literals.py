"""Python literals of strangers: read within bounds, written in one way, never evaluated."""

import ast
import math
from typing import Any

from transforms.lib.python.parsing import Rejected, parse

MAX_LITERAL = 1_000_000  # characters
MAX_QUOTED = 100  # characters of a text that a reject keeps
SCALARS = (type(None), bool, int, str, bytes)  # types whose repr is their literal


def literal(text: str) -> Any:
    """The value of a literal of built-in types.

    Raises Rejected (`not_literal`, `not_python3`, `too_large`, `too_deep`) if the text is none.

    >>> literal(" {'a': [1, 2.5, (3,)]} ")
    {'a': [1, 2.5, (3,)]}
    >>> try:
    ...     literal("open('f')")
    ... except Rejected as rejected:
    ...     print(rejected.reason)
    not_literal
    """
    if len(text) > MAX_LITERAL:
        raise Rejected("too_large", f"{len(text)} characters")
    if not text.strip():
        raise Rejected("not_literal", "nothing")
    body = parse(f"({text.strip()}\n)").body
    if len(body) != 1 or not isinstance(body[0], ast.Expr):
        raise Rejected("not_literal", text[:MAX_QUOTED])
    return literal_of(body[0].value, text)


def literal_of(tree: ast.expr, text: str = "") -> Any:
    """The value of an expression that is a literal; `...` is none.

    `text` is its source, which the reject then quotes. Raises Rejected (`not_literal`).
    """
    try:
        value = ast.literal_eval(tree)
        literal_text(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise Rejected("not_literal", text[:MAX_QUOTED] or type(error).__name__) from error
    return value


def literal_text(value: Any) -> str:
    """The one text of a value of built-in types, which `literal` reads back.

    Equal values have equal texts: a set is sorted. Raises Rejected (`not_literal`, `too_deep`,
    `huge_int`) if the value has no literal.

    >>> literal_text([1, (2,), {"b", "a"}, float("inf")])
    "[1, (2,), {'a', 'b'}, 1e999]"
    """
    try:
        return _text(value)
    except RecursionError as error:
        raise Rejected("too_deep", type(error).__name__) from error
    except ValueError as error:  # an int of more than 4,300 digits has no text
        raise Rejected("huge_int", str(error)[:MAX_QUOTED]) from error


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
    if kind is set:  # sorted, because the order of a set depends on hashes
        return "{" + ", ".join(sorted(map(_text, value))) + "}" if value else "set()"
    raise Rejected("not_literal", kind.__name__)


def _float(value: float) -> str:
    if math.isnan(value):
        raise Rejected("not_literal", "nan")
    if math.isinf(value):
        return "1e999" if value > 0 else "-1e999"  # read back as infinity
    return repr(value)
