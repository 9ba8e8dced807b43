"""How an answer is compared with the expected one: outside the sandbox, by the problem's rule.

Equality looks at types too: True is not 1, 1 is not 1.0, a list is not a tuple. A NaN equals a
NaN, and sets and dicts have no order. No method of a foreign object is ever called: the values
are of exact built-in types, because `transforms/lib/sandbox/codec.py` made them.
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from transforms.lib.sandbox.outcomes import Outcome, Raised, Returned

# Of the rules without order: how many outer levels of lists keep their order, and how many levels
# below those have none (100 stands for all: deeper values do not leave the sandbox).
LEVELS_OF_KIND = {"unordered": (0, 1), "unordered_nested": (0, 100), "unordered_items": (1, 1)}
RULE_KINDS = (
    "exact",
    "equal",
    "float",
    *LEVELS_OF_KIND,
    "inplace",
    "tokens",
    "tokens_caseless",
)
FLOAT_TOLERANCE = 1e-5  # LeetCode's, for answers that are floats
# A number as a judge reads one: ASCII digits, and an exponent that is quick to apply.
JUDGED_NUMBER = re.compile(r"[+-]?(\d{1,400}\.?\d{0,400}|\.\d{1,400})([eE][+-]?\d{1,3})?", re.ASCII)
Close = Callable[[Any, Any], bool]


@dataclass(frozen=True)
class AnswerRule:
    """How the answers of a problem are compared.

    - `kind`: one of RULE_KINDS. `equal` compares values that are not containers by Python's `==`,
      for which 1, 1.0 and True are the same.
    - `tolerance`: absolute for numbers below 1, relative above. If it is not 0, an int may stand
      for a float.
    - `ordered`, `levels`: lists keep their order on `ordered` outer levels, and have none on the
      `levels` below those.
    - `argument`: for `inplace`, the position or name of the argument that holds the answer after
      the call.
    """

    kind: str = "exact"
    tolerance: float = 0.0
    levels: int = 0
    argument: int | str = 0
    ordered: int = 0

    @classmethod
    def of(cls, kind: str, tolerance: float | None = None) -> "AnswerRule":
        """The rule for the `compare` and `tolerance` of a problem.

        Raises ValueError for a kind that is not in RULE_KINDS, such as `checker`.
        """
        if kind not in RULE_KINDS:
            raise ValueError(f"no such rule: {kind!r}")
        if tolerance is None:
            tolerance = FLOAT_TOLERANCE if kind == "float" else 0.0
        ordered, levels = LEVELS_OF_KIND.get(kind, (0, 0))
        return cls(kind, tolerance, levels, ordered=ordered)


EXACT_RULE = AnswerRule()


def agree(expected: Outcome, answer: Outcome, rule: AnswerRule = EXACT_RULE) -> bool:
    """Whether a call had the expected outcome: a value, changed arguments, or an exception.

    Arguments after the call are compared if the expected outcome has them. An Opaque outcome
    agrees with nothing.

    >>> agree(Returned([1, 2]), Returned([2, 1]))
    False
    >>> agree(Returned([1, 2]), Returned([2, 1]), AnswerRule.of("unordered"))
    True
    >>> agree(Returned(0.3), Returned(0.1 + 0.2), AnswerRule.of("float"))
    True
    >>> agree(Returned(1), Returned(True))
    False
    >>> agree(Returned([1, 2]), Returned(None, ([1, 2],)), AnswerRule.of("inplace"))
    True
    """
    if isinstance(expected, Raised) and isinstance(answer, Raised):
        return (expected.type, expected.message) == (answer.type, answer.message)
    if not (isinstance(expected, Returned) and isinstance(answer, Returned)):
        return False
    if rule.kind == "inplace":
        return equal(expected.value, _argument(answer.arguments, rule.argument), rule)
    same = equal(expected.value, answer.value, rule)
    if not same or expected.arguments is None:
        return same
    return equal(expected.arguments, answer.arguments, AnswerRule(tolerance=rule.tolerance))


def _argument(arguments: Any, which: int | str) -> Any:
    if isinstance(arguments, dict):
        names = list(arguments)
        which = names[which] if isinstance(which, int) and which < len(names) else which
        return arguments.get(which)
    return arguments[which] if isinstance(which, int) and which < len(arguments or ()) else None


def equal(expected: Any, answer: Any, rule: AnswerRule = EXACT_RULE) -> bool:
    """Whether two values are equal under a rule.

    >>> equal({"a": [1, 2.0]}, {"a": [1, 2]}), equal({"a": [1, 2]}, {"a": [1, 2]})
    (False, True)
    """
    close = _same if rule.kind == "equal" else _close(rule.tolerance)
    levels = rule.ordered, rule.levels
    return _equal(_without_order(expected, *levels), _without_order(answer, *levels), close)


def _same(a: Any, b: Any) -> bool:
    return bool(a == b) or bool(a != a and b != b)


def _close(tolerance: float) -> Close:
    """Whether two values that are not containers are equal, with their types, or close enough."""
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
    if type(a) not in CONTAINER_PARTS or type(a) is not type(b):
        return close(a, b)
    if len(a) != len(b):
        return False
    parts = CONTAINER_PARTS[type(a)]
    return all(_equal(x, y, close) for x, y in zip(parts(a), parts(b), strict=True))


def _keys_and_values(mapping: dict) -> Iterable[Any]:
    for key in sorted(mapping, key=_sort_key):
        yield key
        yield mapping[key]


def _sorted_members(values: Iterable) -> Iterable[Any]:
    return sorted(values, key=_sort_key)


# What is compared of a container, part by part.
CONTAINER_PARTS: dict[type, Callable[[Any], Iterable[Any]]] = {
    list: iter,
    tuple: iter,
    set: _sorted_members,
    frozenset: _sorted_members,
    dict: _keys_and_values,
}


def _without_order(value: Any, ordered: int, levels: int) -> Any:
    """The value with lists sorted on `levels` levels, below `ordered` levels that stay in order."""
    if not (ordered or levels) or type(value) not in (list, tuple):
        return value
    if ordered:
        return type(value)(_without_order(part, ordered - 1, levels) for part in value)
    return type(value)(_sorted_members(_without_order(part, 0, levels - 1) for part in value))


def _sort_key(value: Any) -> tuple:
    """A key that sorts values of any types: numbers by size, so that close ones stay neighbours."""
    kind = type(value)
    if kind in (bool, int, float) and value == value:
        return 0, value, kind.__name__
    if kind in CONTAINER_PARTS:
        return 1, kind.__name__, [_sort_key(part) for part in CONTAINER_PARTS[kind](value)]
    return 2, kind.__name__, value if kind in (str, bytes, bytearray) else _text(value)


def _text(value: Any) -> str:
    try:
        return repr(value)
    except ValueError:  # a part is an int of more digits than Python shows
        return str(hash(value))


def printed_alike(expected: str, printed: str, rule: AnswerRule) -> bool:
    """Whether a program printed the expected output, by a rule of tokens.

    >>> printed_alike("Yes 0.5", "YES   0.50", AnswerRule.of("tokens_caseless", 1e-9))
    True
    """
    if rule.kind == "tokens_caseless":
        expected, printed = expected.casefold(), printed.casefold()
    return tokens_agree(expected, printed, rule.tolerance)


def tokens_agree(expected: str, printed: str, tolerance: float = 0.0) -> bool:
    """Whether two outputs have the same tokens line by line; blanks around tokens do not count.

    With a tolerance, tokens that are numbers are compared as decimals, which lose no digit.
    """
    expected_lines, printed_lines = _token_lines(expected), _token_lines(printed)
    if [len(line) for line in expected_lines] != [len(line) for line in printed_lines]:
        return False
    lines = zip(expected_lines, printed_lines, strict=True)
    pairs = (pair for line in lines for pair in zip(*line, strict=True))
    return all(a == b or (tolerance > 0 and _near(a, b, Decimal(tolerance))) for a, b in pairs)


def _token_lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.strip().split("\n")]


def _near(a: str, b: str, tolerance: Decimal) -> bool:
    if not (JUDGED_NUMBER.fullmatch(a) and JUDGED_NUMBER.fullmatch(b)):
        return False
    x, y = Decimal(a), Decimal(b)
    return abs(x - y) <= tolerance * max(Decimal(1), abs(x), abs(y))
