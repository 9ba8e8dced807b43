"""Whether what a program gave is what was expected: outside the sandbox, by the problem's rule.

Equality is of types too (True is not 1, 1 is not 1.0, a list is no tuple), a NaN equals a NaN, and
sets and dicts have no order. Nothing here calls what a program could have written: values are of
exact built-in types, for `sandbox.codec` made them.
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from transforms.lib.sandbox.outcomes import Outcome, Raised, Returned

# Kinds of rules by how many levels of lists keep their order, and how many below have none.
ORDERS = {"unordered": (0, 1), "unordered_nested": (0, 100), "unordered_items": (1, 1)}
KINDS = ("exact", "equal", "float", *ORDERS, "inplace", "tokens", "tokens_caseless")
TOLERANCE = 1e-5  # LeetCode's, for answers that are floats
# A number as judges read one: no digits of other scripts, no exponent that takes long to apply.
NUMBER = re.compile(r"[+-]?(\d{1,400}\.?\d{0,400}|\.\d{1,400})([eE][+-]?\d{1,3})?", re.ASCII)
Close = Callable[[Any, Any], bool]


@dataclass(frozen=True)
class Rule:
    """How a problem's answers are compared.

    `tolerance` is absolute below 1 and relative above, and lets an int stand for a float.
    `levels` of lists have no order, below `ordered` ones from the outside. `equal` is Python's
    `==` between values that are not containers (1 is 1.0 and True). `argument` is the position or
    name of the argument that holds the answer after the call (inplace).
    """

    kind: str = "exact"
    tolerance: float = 0.0
    levels: int = 0
    argument: int | str = 0
    ordered: int = 0

    @classmethod
    def of(cls, kind: str, tolerance: float | None = None) -> "Rule":
        """The rule of a problem's `compare` column; ValueError where that needs a checker."""
        if kind not in KINDS:
            raise ValueError(f"no such rule: {kind!r}")
        if tolerance is None:
            tolerance = TOLERANCE if kind == "float" else 0.0
        ordered, levels = ORDERS.get(kind, (0, 0))
        return cls(kind, tolerance, levels, ordered=ordered)


EXACT = Rule()


def agree(expected: Outcome, got: Outcome, rule: Rule = EXACT) -> bool:
    """Whether a call gave what was expected: a value, changed arguments, or an exception.

    Arguments after the call are compared where the expected outcome has them. What is opaque
    agrees with nothing.
    """
    if isinstance(expected, Raised) and isinstance(got, Raised):
        return (expected.type, expected.message) == (got.type, got.message)
    if not (isinstance(expected, Returned) and isinstance(got, Returned)):
        return False
    if rule.kind == "inplace":
        return equal(expected.value, _argument(got.arguments, rule.argument), rule)
    same = equal(expected.value, got.value, rule)
    if not same or expected.arguments is None:
        return same
    return equal(expected.arguments, got.arguments, Rule(tolerance=rule.tolerance))


def _argument(arguments: Any, which: int | str) -> Any:
    if isinstance(arguments, dict):
        names = list(arguments)
        which = names[which] if isinstance(which, int) and which < len(names) else which
        return arguments.get(which)
    return arguments[which] if isinstance(which, int) and which < len(arguments or ()) else None


def equal(expected: Any, got: Any, rule: Rule = EXACT) -> bool:
    """Whether two values are equal under a rule."""
    close = _same if rule.kind == "equal" else _close(rule.tolerance)
    levels = rule.ordered, rule.levels
    return _equal(_without_order(expected, *levels), _without_order(got, *levels), close)


def _same(a: Any, b: Any) -> bool:
    return bool(a == b) or bool(a != a and b != b)


def _close(tolerance: float) -> Close:
    numbers = {int, float} if tolerance else set()

    def close(a: Any, b: Any) -> bool:
        if type(a) is not type(b) and not {type(a), type(b)} <= numbers:
            return False
        if a == b or (a != a and b != b):
            return True
        if float not in (type(a), type(b)) or not tolerance:
            return False
        try:
            return bool(abs(a - b) <= tolerance * max(1.0, abs(a), abs(b)) < math.inf)
        except OverflowError:  # an int beyond all floats
            return False

    return close


def _equal(a: Any, b: Any, close: Close) -> bool:
    if type(a) not in PARTS or type(a) is not type(b):
        return close(a, b)
    if len(a) != len(b):
        return False
    parts = PARTS[type(a)]
    return all(_equal(x, y, close) for x, y in zip(parts(a), parts(b), strict=True))


def _pairs(value: dict) -> Iterable[Any]:
    for key in sorted(value, key=_order):
        yield key
        yield value[key]


def _members(value: Iterable) -> Iterable[Any]:
    return sorted(value, key=_order)


PARTS: dict[type, Callable[[Any], Iterable[Any]]] = {
    list: iter,
    tuple: iter,
    set: _members,
    frozenset: _members,
    dict: _pairs,
}


def _without_order(value: Any, ordered: int, levels: int) -> Any:
    """Lists at some levels, below those that keep their order, in the one order of `_order`."""
    if not (ordered or levels) or type(value) not in (list, tuple):
        return value
    if ordered:
        return type(value)(_without_order(part, ordered - 1, levels) for part in value)
    return type(value)(_members(_without_order(part, 0, levels - 1) for part in value))


def _order(value: Any) -> tuple:
    """A key that puts any values in an order: numbers by size, so that close ones stay close."""
    kind = type(value)
    if kind in (bool, int, float) and value == value:
        return 0, value, kind.__name__
    if kind in PARTS:
        return 1, kind.__name__, [_order(part) for part in PARTS[kind](value)]
    return 2, kind.__name__, value if kind in (str, bytes, bytearray) else _text(value)


def _text(value: Any) -> str:
    try:
        return repr(value)
    except ValueError:  # a part is an int of more digits than Python shows
        return str(hash(value))


def printed_alike(expected: str, got: str, rule: Rule) -> bool:
    """Whether a program printed what was expected, by a rule of tokens."""
    if rule.kind == "tokens_caseless":
        expected, got = expected.casefold(), got.casefold()
    return tokens_agree(expected, got, rule.tolerance)


def tokens_agree(expected: str, got: str, tolerance: float = 0.0) -> bool:
    """Whether two outputs hold the same tokens line by line; blank space about them is nothing.

    With a tolerance, tokens that are numbers are compared as decimals, which lose no digit.
    """
    theirs, ours = _lines(expected), _lines(got)
    if [len(line) for line in theirs] != [len(line) for line in ours]:
        return False
    pairs = (pair for lines in zip(theirs, ours, strict=True) for pair in zip(*lines, strict=True))
    return all(a == b or (tolerance > 0 and _near(a, b, Decimal(tolerance))) for a, b in pairs)


def _lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.strip().split("\n")]


def _near(a: str, b: str, tolerance: Decimal) -> bool:
    if not (NUMBER.fullmatch(a) and NUMBER.fullmatch(b)):
        return False
    x, y = Decimal(a), Decimal(b)
    return abs(x - y) <= tolerance * max(Decimal(1), abs(x), abs(y))
