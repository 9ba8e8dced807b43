"""How two values are compared by a problem's rule; this file imports the standard library alone.

So its text can be part of a program in the sandbox, too.

Equality looks at types too: True is not 1, 1 is not 1.0, a list is not a tuple. A NaN equals a
NaN, and sets and dicts have no order. No method of a foreign object is ever called: the values
are of exact built-in types, because `transforms/lib/sandbox/codec.py` made them.

Against answers that are made to be slow to compare: a comparison ends at the first difference, and
takes n log n steps at most for the n values of the *expected* answer, however the other is nested,
and however large it is. (An answer of another size is another answer.) So no process and no clock
is needed to end one, and a loaded machine decides the same.
"""

import datetime
import hashlib
import math
import re
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

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


def equal(expected: Any, answer: Any, rule: AnswerRule = EXACT_RULE) -> bool:
    """Whether two values are equal under a rule.

    >>> equal({"a": [1, 2.0]}, {"a": [1, 2]}), equal({"a": [1, 2]}, {"a": [1, 2]})
    (False, True)
    """
    close = _same if rule.kind == "equal" else _close(rule.tolerance)
    return _equal(expected, answer, rule.ordered, rule.levels, close)


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


def _equal(expected: Any, answer: Any, ordered: int, levels: int, close: Close) -> bool:
    """Whether two values are equal if lists have no order on `levels` levels below `ordered`."""
    kind = type(expected)
    if kind not in CONTAINERS or kind is not type(answer):
        return close(expected, answer)
    if len(expected) != len(answer):
        return False
    if kind in LISTS and (ordered or not levels):
        below = max(ordered - 1, 0)
        pairs = zip(expected, answer, strict=True)
        return all(_equal(x, y, below, levels, close) for x, y in pairs)
    if values_in(answer, most := values_in(expected)) != most:
        return False
    return _same_parts(_in_order(expected, levels)[1], _in_order(answer, levels)[1], close)


def values_in(value: Any, most: float = math.inf) -> int:
    """How many values a value is made of; if there are more than `most`, some number above it."""
    count, pending = 1, [value]
    while pending and count <= most:
        container = pending.pop()
        if type(container) not in CONTAINERS:
            continue
        count += len(container) * (2 if type(container) is dict else 1)
        if count <= most:
            members = chain(container, container.values()) if type(container) is dict else container
            pending += [member for member in members if type(member) in CONTAINERS]
    return count


class _InOrder(NamedTuple):
    """A container whose parts stand in an order that depends on nothing but the parts.

    Keys and values of a dict follow one another.
    """

    kind: type
    parts: list[Any]


def _same_parts(a: Any, b: Any, close: Close) -> bool:
    if not (isinstance(a, _InOrder) and isinstance(b, _InOrder) and a.kind is b.kind):
        return not isinstance(a, _InOrder) and not isinstance(b, _InOrder) and close(a, b)
    if len(a.parts) != len(b.parts):
        return False
    return all(_same_parts(x, y, close) for x, y in zip(a.parts, b.parts, strict=True))


def _in_order(value: Any, levels: int) -> tuple[bytes, Any]:
    """The sort key of a value, and the value with an order for all that has none.

    That are sets, dicts, and lists on `levels` levels. Every part is sorted once, by a key that is
    made of its own parts' keys: keys are bytes, which no nesting makes slow to compare.
    """
    kind = type(value)
    if kind not in CONTAINERS:
        return _scalar_key(value), value
    if kind is dict:
        items = [(_in_order(key, 0), _in_order(value[key], 0)) for key in value]
        items.sort(key=lambda item: item[0][0])
        parts = [part for item in items for part in item]
    else:
        below = levels - 1 if levels and kind in LISTS else 0
        parts = [_in_order(part, below) for part in value]
        if levels or kind not in LISTS:
            parts.sort(key=itemgetter(0))
    key = b"".join((CONTAINERS[kind], *(key for key, _ in parts), END_KEY))
    return key, _InOrder(kind, [part for _, part in parts])


def sorted_members(values: Iterable[Any]) -> list[Any]:
    """Members of a set in an order that is the same in every process."""
    return sorted(values, key=lambda value: _in_order(value, 0)[0])


# The first byte of a key tells containers from other values. Keys of those are of one length, and
# numbers come in the order of their size, so that close ones stay neighbours.
CONTAINERS: dict[Any, bytes] = {
    list: b"\3L",
    tuple: b"\3T",
    set: b"\3S",
    frozenset: b"\3F",
    dict: b"\3D",
}
LISTS = (list, tuple)
END_KEY, NUMBER_KEY, OTHER_KEY = b"\0", b"\1", b"\2"
NUMBERS = (bool, int, float, Decimal, Fraction)
DOUBLE = struct.Struct(">d")
SIGN_BIT, ALL_BITS = 1 << 63, (1 << 64) - 1
KEY_CHARACTERS = 15  # bytes of a text that stand in its key as they are


def _scalar_key(value: Any) -> bytes:
    kind = type(value).__name__.encode()
    if type(value) in NUMBERS and value == value:
        # Equal numbers have equal hashes, of whichever type they are, and in every process.
        tie = (hash(value) & ALL_BITS).to_bytes(8)
        return NUMBER_KEY + _by_size(value) + tie + kind[:7].ljust(7)
    raw = bytes(value) if type(value) in (bytes, bytearray) else _text(value)
    digest = hashlib.blake2b(kind + raw, digest_size=8).digest()
    return OTHER_KEY + kind[:1] + raw[:KEY_CHARACTERS].ljust(KEY_CHARACTERS, b"\0") + digest


def _by_size(number: Any) -> bytes:
    """Eight bytes that sort as the number does, rounded to a float."""
    try:
        rounded = float(number)
    except OverflowError:
        rounded = math.inf if number > 0 else -math.inf
    bits = int.from_bytes(DOUBLE.pack(rounded + 0.0))  # -0.0 becomes 0.0
    return (bits ^ (ALL_BITS if bits & SIGN_BIT else SIGN_BIT)).to_bytes(8)


def _text(value: Any) -> bytes:
    if isinstance(value, datetime.date | datetime.time):
        value = value.isoformat()  # without `fold`, of which equality takes no notice
    try:
        text = value if type(value) is str else repr(value)
    except ValueError:  # a part is an int of more digits than Python shows
        text = str(hash(value))
    return text.encode("utf-8", "surrogatepass")


def tokens_agree(
    expected: str, printed: str, tolerance: float = 0.0, caseless: bool = False
) -> bool:
    """Whether two outputs have the same tokens line by line; blanks around tokens do not count.

    With a tolerance, tokens that are numbers are compared as decimals, which lose no digit. No more
    of the output is split than the expected one has lines and tokens.
    """
    expected, printed = expected.strip(), printed.strip()
    if expected.count("\n") != printed.count("\n"):
        return False
    margin = Decimal(tolerance)
    for expected_line, line in zip(expected.split("\n"), printed.split("\n"), strict=True):
        tokens = expected_line.split()
        answered = line.split(None, len(tokens))
        if len(tokens) != len(answered):
            return False
        for a, b in zip(tokens, answered, strict=True):
            same = a == b or (caseless and a.casefold() == b.casefold())
            if not same and not (tolerance > 0 and _near(a, b, margin)):
                return False
    return True


def _near(a: str, b: str, tolerance: Decimal) -> bool:
    if not (JUDGED_NUMBER.fullmatch(a) and JUDGED_NUMBER.fullmatch(b)):
        return False
    x, y = Decimal(a), Decimal(b)
    return abs(x - y) <= tolerance * max(Decimal(1), abs(x), abs(y))
