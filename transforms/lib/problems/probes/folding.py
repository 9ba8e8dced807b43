"""Constant folding: the values of expressions that are known before a program runs.

These are literals, and a little of what tests do with them. No code of the program is called.
"""

import ast
from collections.abc import Callable, Mapping
from typing import Any

from transforms.lib.python.literals import literal_of
from transforms.lib.python.parsing import Rejected

MAX_ITEMS = 10_000  # of a range
MAX_SIZE = 100_000  # values and characters of a value; a value referenced twice counts twice
# Functions and methods that are known; what makes an iterator in Python makes a list here.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "dict": dict,
    "enumerate": lambda *a: list(enumerate(*a)),
    "len": len,
    "list": list,
    "range": lambda *a: list(_range(*a)),
    "reversed": lambda a: list(reversed(a)),
    "set": set,
    "sorted": sorted,
    "tuple": tuple,
    "zip": lambda *a: list(zip(*a, strict=False)),
}
METHODS: dict[str, Callable[..., Any]] = {
    "items": lambda self: list(self.items()),
    "keys": lambda self: list(self),
    "values": lambda self: list(self.values()),
    "join": lambda self, parts: _joined(self, parts),
}
OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: _number(a) * _number(b),
    ast.Div: lambda a, b: _number(a) / _number(b),
}
# Errors of an operation on values that it is not for.
OPERATION_ERRORS = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError)
MAX_FACTOR = 10**100  # of a product: a list or a text is none, which would grow


def _number(value: Any) -> Any:
    if isinstance(value, int | float) and abs(value) <= MAX_FACTOR:
        return value
    raise Rejected("not_literal", "a factor that is no number")


def _joined(between: str, parts: list[str]) -> str:
    if sum(map(len, parts)) + len(between) * len(parts) > MAX_SIZE:
        raise Rejected("too_large", f"over {MAX_SIZE} characters")
    return between.join(parts)


def _range(*bounds: int) -> range:
    items = range(*bounds)
    if len(items) > MAX_ITEMS:
        raise Rejected("not_literal", f"a range of {len(items)}")
    return items


def fold(node: ast.expr, known: Mapping[str, Any]) -> Any:
    """The value of an expression, where names have the values `known`.

    Raises Rejected (`not_literal`, `too_large`, `too_deep`) if the value is not known.

    >>> fold(ast.parse("list(zip(names, [1, 2]))", mode="eval").body, {"names": "ab"})
    [('a', 1), ('b', 2)]
    """
    try:
        return _fold(node, known)
    except OPERATION_ERRORS as error:
        raise Rejected("not_literal", str(error)[:100]) from error
    except RecursionError as error:
        raise Rejected("too_deep") from error


def _fold(node: ast.expr, known: Mapping[str, Any]) -> Any:
    value = _value(node, known)
    if _size(value) > MAX_SIZE:
        raise Rejected("too_large", f"over {MAX_SIZE} values")
    return value


def _size(value: Any) -> int:
    """How many values and characters a value has, counted no further than MAX_SIZE."""
    size, pending = 0, [value]
    while pending and size <= MAX_SIZE:
        item = pending.pop()
        size += len(item) + 1 if isinstance(item, str | bytes | list | tuple | set | dict) else 1
        if isinstance(item, list | tuple | set | dict):
            pending += item.values() if isinstance(item, dict) else item
    return size


def _value(node: ast.expr, known: Mapping[str, Any]) -> Any:
    match node:
        case ast.Name(id=name):
            if name not in known:
                raise Rejected("not_literal", name)
            return known[name]
        case ast.List(elts=items):
            return [_fold(item, known) for item in items]
        case ast.Tuple(elts=items):
            return tuple(_fold(item, known) for item in items)
        case ast.Set(elts=items):
            return {_fold(item, known) for item in items}
        case ast.Dict(keys=keys, values=values) if all(keys):
            pairs = zip(keys, values, strict=True)
            return {_fold(key, known): _fold(value, known) for key, value in pairs if key}
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_fold(left, known), _fold(right, known))
        case ast.Call(func=function, args=arguments, keywords=keywords):
            return _call(function, arguments, keywords, known)
        case ast.JoinedStr(values=parts):
            return _joined("", [_formatted(part, known) for part in parts])
        case ast.Subscript(value=value, slice=ast.Slice(lower=lower, upper=upper, step=step)):
            bounds = (part and _fold(part, known) for part in (lower, upper, step))
            return _fold(value, known)[slice(*bounds)]
        case ast.Subscript(value=value, slice=index):
            return _fold(value, known)[_fold(index, known)]
    return literal_of(node)


def _formatted(part: ast.expr, known: Mapping[str, Any]) -> str:
    """The text of a part of an f-string: a constant, or a text or int without a format."""
    match part:
        case ast.Constant(value=str(text)):
            return text
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            shown = _fold(value, known)
            if isinstance(shown, str | int):
                return str(shown)
    raise Rejected("not_literal", "a format")


def _call(
    function: ast.expr,
    arguments: list[ast.expr],
    keywords: list[ast.keyword],
    known: Mapping[str, Any],
) -> Any:
    values = [_fold(argument, known) for argument in arguments]
    if [keyword.arg for keyword in keywords] == ["start"] and len(values) == 1:
        values.append(_fold(keywords[0].value, known))  # enumerate(…, start=1)
    elif keywords:
        raise Rejected("not_literal", "keywords")
    match function:
        case ast.Name(id=name) if name in FUNCTIONS and name not in known:
            return FUNCTIONS[name](*values)
        case ast.Attribute(value=owner, attr=name) if name in METHODS:
            return METHODS[name](_fold(owner, known), *values)
    raise Rejected("not_literal", ast.unparse(function)[:100])
