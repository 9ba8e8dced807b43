"""Stand-ins for functions and objects of the other process.

A function can only be called. Where a problem asks for a class, the stand-in of an object also
passes on attributes, methods and operators, with operands as arguments. Comparisons are passed on
only between two such objects: compared with a value, an object is never equal.
"""

import operator
from collections.abc import Callable, Iterator
from typing import Any

Ask = Callable[..., Any]  # sends a request and its parts to the other process; returns the answer

BINARY = {
    name: getattr(operator, f"__{name}__")
    for name in (
        "add",
        "sub",
        "mul",
        "truediv",
        "floordiv",
        "mod",
        "pow",
        "matmul",
        "and",
        "or",
        "xor",
    )
}
COMPARISONS = {name: getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")}
UNARY: dict[str, Callable[..., Any]] = {
    "neg": operator.neg,
    "pos": operator.pos,
    "abs": abs,
    "invert": operator.invert,
    "index": operator.index,
    "len": len,
    "str": str,
    "repr": repr,
    "bool": bool,
    "int": int,
    "float": float,
    "hash": hash,
    "round": round,
    "next": next,
    "reversed": lambda it: list(reversed(it)),
    "iter": list,
    "getitem": operator.getitem,
    "setitem": operator.setitem,
    "delitem": operator.delitem,
    "contains": operator.contains,
}
OPERATORS = BINARY | COMPARISONS | UNARY | {"instance": isinstance}


class Function:
    """The stand-in of a function."""

    _number: int
    _ask: Ask

    def __init__(self, number: int, ask: Ask) -> None:
        self.__dict__.update(_number=number, _ask=ask)

    def __call__(self, *values: object, **named: object) -> Any:
        """Call it with data; its changes to lists and other mutable arguments are repeated here."""
        return self._ask("call", self._number, values, named)


class Object(Function):
    """The stand-in of an object, or of a class."""

    def __getattr__(self, name: str) -> Any:
        return self._ask("get", self._number, name)

    def __setattr__(self, name: str, value: object) -> None:
        self._ask("set", self._number, name, value)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, Object) and self._ask("apply", "instance", instance, self)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._ask("apply", "iter", self))


def _unary(name: str) -> Callable[..., Any]:
    return lambda self, *values: self._ask("apply", name, self, *values)


def _reflected(name: str) -> Callable[..., Any]:
    return lambda self, other: self._ask("apply", name, other, self)


def _comparison(name: str) -> Callable[..., Any]:
    def compare(self: Object, other: object) -> Any:
        if not isinstance(other, Object):
            return NotImplemented  # so Python finds it unequal to any value, and unordered with it
        return self._ask("apply", name, self, other) is True

    return compare


for _name in (*UNARY, *BINARY):
    if _name != "iter":
        setattr(Object, f"__{_name}__", _unary(_name))
for _name in BINARY:
    setattr(Object, f"__r{_name}__", _reflected(_name))
for _name in COMPARISONS:
    setattr(Object, f"__{_name}__", _comparison(_name))
