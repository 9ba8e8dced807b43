"""Stand-ins for functions and objects of the other process.

A function can only be called. Where a problem asks for a class, the stand-in of an object also
passes on attributes, methods and operators, with operands as arguments.

- Against objects that decide what a check decides, by an operator that is shown the value which is
  expected (a difference that is always nothing, an order in which all is less): compared with a
  value, an object is never equal, and has no order. What arithmetic between an object and a value
  makes must be an object again, and can only be shown as text, or compared with other objects.
  Whether a value is in an object is seen by going through it. Anything else fails the program.

What two objects are to one another (equal, less) only they can say.
"""

import operator
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

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
EQUALITY = {name: getattr(operator, name) for name in ("eq", "ne")}
ORDER = {name: getattr(operator, name) for name in ("lt", "le", "gt", "ge")}
TEXTS: dict[str, Callable[..., Any]] = {"str": str, "repr": repr}
UNARY: dict[str, Callable[..., Any]] = {
    "neg": operator.neg,
    "pos": operator.pos,
    "abs": abs,
    "invert": operator.invert,
    "index": operator.index,
    "len": len,
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
OPERATORS = BINARY | EQUALITY | ORDER | TEXTS | UNARY | {"instance": isinstance}


class Refused(BaseException):
    """An object of the program where a value is judged: the program fails, whoever catches this.

    `reasons` are those of all that were raised in this process.
    """

    reasons: ClassVar[list[str]] = []

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reasons.append(reason)


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
    """The stand-in of an object, or of a class.

    `_mixed` says that arithmetic with a value made it, so that it may know what is expected.
    """

    _mixed = False

    def _answer(self, *request: object, mixed: bool = False) -> Any:
        answer = self._ask(*request)
        if mixed or self._mixed:
            if not isinstance(answer, Object):
                raise Refused("a value that arithmetic between an object and a value has made")
            answer.__dict__["_mixed"] = True
        return answer

    def __call__(self, *values: object, **named: object) -> Any:
        """Call it as a function; a class returns an object."""
        return self._answer("call", self._number, values, named)

    def __getattr__(self, name: str) -> Any:
        return self._answer("get", self._number, name)

    def __setattr__(self, name: str, value: object) -> None:
        self._ask("set", self._number, name, value)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, Object) and self._ask("apply", "instance", instance, self)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._answer("apply", "iter", self))

    def __contains__(self, other: object) -> bool:
        if isinstance(other, Object):
            return self._answer("apply", "contains", self, other) is True
        return any(each is other or each == other for each in self)


def _unary(name: str) -> Callable[..., Any]:
    return lambda self, *values: self._answer("apply", name, self, *values)


def _text(name: str) -> Callable[..., Any]:
    return lambda self: self._ask("apply", name, self)


def _binary(name: str, reflected: bool) -> Callable[..., Any]:
    def apply(self: Object, other: object, *more: object) -> Any:
        operands = (other, self) if reflected else (self, other, *more)
        mixed = not isinstance(other, Object) or other._mixed
        return self._answer("apply", name, *operands, mixed=mixed)

    return apply


def _equality(name: str) -> Callable[..., Any]:
    def compare(self: Object, other: object) -> Any:
        if not isinstance(other, Object):
            return NotImplemented  # so Python finds it unequal to any value
        return self._ask("apply", name, self, other) is True

    return compare


def _order(name: str) -> Callable[..., Any]:
    def compare(self: Object, other: object) -> Any:
        if not isinstance(other, Object):
            raise Refused("an order between an object and a value")
        return self._ask("apply", name, self, other) is True

    return compare


for _name in UNARY:
    if _name not in ("iter", "contains"):
        setattr(Object, f"__{_name}__", _unary(_name))
for _name in TEXTS:
    setattr(Object, f"__{_name}__", _text(_name))
for _name in BINARY:
    setattr(Object, f"__{_name}__", _binary(_name, reflected=False))
    setattr(Object, f"__r{_name}__", _binary(_name, reflected=True))
for _name in EQUALITY:
    setattr(Object, f"__{_name}__", _equality(_name))
for _name in ORDER:
    setattr(Object, f"__{_name}__", _order(_name))
