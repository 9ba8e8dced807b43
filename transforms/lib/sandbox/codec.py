"""Values to bytes and back, on both sides of the sandbox: built-in data only, exact and bounded.

What comes out of a sandbox may be hostile, so the bytes are JSON with a tag before every
container, and the decoder makes exact built-in types of them or raises NotData. There is no
pickle, no constructor that the other side could name, and no way to send a type. Floats keep
every bit but the payload of a NaN; integers are limited only by the bytes they take; lone
surrogates survive.

This module also runs inside the sandbox: it imports nothing but the standard library.
"""

import datetime
import json
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

MAX_VALUE_DEPTH = 100  # nested containers: more than any problem has; a cycle ends here too
MAX_VALUES = 1_000_000  # in one value with all its parts; more than 1 MB of output holds
# Of a message: `encode` makes one or two for a value that is no text or number. What is decoded may
# be hostile, and each bracket takes a hundred bytes of memory before anything else is known of it.
MAX_BRACKETS = 2 * MAX_VALUES
MAX_COLLISIONS = 1000  # members of a set with equal hashes: more would make it quadratic
MAX_FRACTION_BITS = 1 << 14  # of each part: their greatest common divisor takes quadratic time
LENGTH_BYTES = 4  # of the length that stands before each message
PLAIN_INT = 10**18  # larger ints are sent in base 16, which is linear to read and to write
JSON_SCALARS = frozenset((int, float, str, bool, type(None)))
JSON_TEXT = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)  # or to the end
SURROGATE = re.compile("[\ud800-\udfff]")
HEX_INT = re.compile(r"-?0x[0-9a-f]+")
DECIMAL = re.compile(r"-?(\d+(\.\d+)?(E[+-]?\d{1,9})?|Infinity|NaN)", re.ASCII)

# How two processes of a check send more than data (`inside/peer.py`): of a value that is not of an
# exact built-in type, Refer gives a tag and parts that are data, or None; Resolve gives it back.
Refer = Callable[[Any], tuple[object, ...] | None]
Resolve = Callable[[str, list[Any]], object]
JSON_ENCODER = json.JSONEncoder(separators=(",", ":"))


class NotData(Exception):
    """A value that cannot cross (not built-in data, too large, too deep or cyclic), or bytes that
    encode no value."""


def encode(value: object, refer: Refer = lambda _: None) -> bytes:
    """The bytes of a value; raises NotData for a value that cannot cross.

    An instance of a subclass is sent as the built-in value that it holds. Members of sets are
    sorted by their bytes, so that equal values have equal bytes.
    """
    return _dump(_Trees(refer).tree(value, MAX_VALUE_DEPTH))


def _dump(tree: object) -> bytes:
    return JSON_ENCODER.encode(tree).encode()


class _Trees:
    """Makes JSON trees of values, up to MAX_VALUES of them."""

    def __init__(self, refer: Refer) -> None:
        self._refer, self._left = refer, MAX_VALUES

    def tree(self, value: Any, depth: int) -> object:
        kind = type(value)
        if kind not in TAGS:
            if depth and (reference := self._refer(value)):
                return [reference[0], *(self.tree(part, depth - 1) for part in reference[1:])]
            kind = built_in(kind)
            if kind is None:
                raise NotData(f"a value of type {type(value).__name__}"[:100])
        if kind in ENCODERS:
            return ENCODERS[kind](value)
        if depth == 0:
            raise NotData("too deep, or cyclic")
        if kind is dict:
            parts = [part for pair in dict.items(value) for part in pair]
        else:
            parts = list(kind.__iter__(value))
        self._left -= len(parts)
        if self._left < 0:
            raise NotData(f"more than {MAX_VALUES} values")
        trees = parts if _plain(parts) else [self.tree(part, depth - 1) for part in parts]
        return [TAGS[kind], *(sorted(trees, key=_dump) if kind in (set, frozenset) else trees)]


def built_in(kind: type) -> Any:
    """The type as which a value is sent: the first of its classes that is built in, or None."""
    if kind in TAGS:
        return kind
    return next((base for base in type.mro(kind) if base in TAGS), None)


def _plain(parts: list) -> bool:
    """Whether all parts are JSON as they are: quick to see, and true of most large lists."""
    kinds = set(map(type, parts))
    if kinds == {int}:
        return bool(min(parts) > -PLAIN_INT and max(parts) < PLAIN_INT)
    if kinds == {str}:
        return all(map(str.isascii, parts))
    return kinds <= {float, bool, type(None)}


def _int(value: int) -> object:
    value = int.__pos__(value)  # a subclass's instance becomes an int
    return value if -PLAIN_INT < value < PLAIN_INT else ["int", hex(value)]


def _str(value: str) -> object:
    value = str.__str__(value)
    if not value.isascii() and SURROGATE.search(value):  # JSON would join two of them
        return ["str", value.encode("utf-32-be", "surrogatepass").hex()]
    return value


ENCODERS: dict[type, Callable[[Any], object]] = {
    type(None): lambda value: None,
    bool: lambda value: value,
    int: _int,
    float: float.__pos__,
    str: _str,
    complex: lambda value: ["complex", value.real, value.imag],
    bytes: lambda value: ["bytes", bytes.hex(value)],
    bytearray: lambda value: ["bytearray", bytearray.hex(value)],
    range: lambda value: ["range", *map(_int, (value.start, value.stop, value.step))],
    datetime.datetime: lambda value: ["datetime", datetime.datetime.isoformat(value)],
    datetime.date: lambda value: ["date", datetime.date.isoformat(value)],
    datetime.time: lambda value: ["time", datetime.time.isoformat(value)],
    datetime.timedelta: lambda value: ["timedelta", value.days, value.seconds, value.microseconds],
    Decimal: lambda value: ["Decimal", Decimal.__str__(value)],
    Fraction: lambda value: ["Fraction", _int(value.numerator), _int(value.denominator)],
}
TAGS = {kind: kind.__name__ for kind in (*ENCODERS, list, tuple, set, frozenset, dict)}


def decode(data: bytes, resolve: Resolve | None = None) -> Any:
    """The value of some bytes, of exact built-in types; raises NotData if they hold none."""
    if data.count(b"[") + data.count(b"{") > MAX_BRACKETS:
        bare = JSON_TEXT.sub(b"", data)
        if bare.count(b"[") + bare.count(b"{") > MAX_BRACKETS:
            raise NotData(f"more than {MAX_VALUES} values")
    try:
        return _value(json.loads(data.decode()), MAX_VALUE_DEPTH, resolve)
    # The errors that hostile bytes provoke in JSON and in the constructors: not UTF-8, endless
    # nesting, a number of too many digits, a list in a set, the year 0.
    except (ValueError, TypeError, OverflowError, RecursionError, ArithmeticError) as error:
        raise NotData(f"not a value: {str(error)[:100]}") from error


def _value(tree: object, depth: int, resolve: Resolve | None) -> Any:
    if type(tree) in JSON_SCALARS:
        return tree
    if type(tree) is not list or not tree or type(tree[0]) is not str or depth == 0:
        raise NotData("not a value")
    tag, rest = tree[0], tree[1:]
    if tag in DECODERS:
        return DECODERS[tag](*rest)
    if tag not in CONTAINERS and not resolve:
        raise NotData(f"no such type: {tag[:20]!a}")
    if not set(map(type, rest)) <= JSON_SCALARS:
        rest = [_value(part, depth - 1, resolve) for part in rest]
    return CONTAINERS[tag](rest) if tag in CONTAINERS or not resolve else resolve(tag, rest)


def _integer(tree: object) -> int:
    if type(tree) is int:
        return tree
    if type(tree) is list and len(tree) == 2 and tree[0] == "int":
        return _hex(tree[1])
    raise NotData("not an integer")


def _hex(text: str) -> int:
    if not HEX_INT.fullmatch(text):
        raise NotData("not an integer")
    return int(text, 16)


def _real(tree: object) -> float:
    if type(tree) is not float:
        raise NotData("not a float")
    return tree


def _decimal(text: str) -> Decimal:
    if not DECIMAL.fullmatch(text):
        raise NotData("not a decimal")
    return Decimal(text)


def _fraction(numerator: object, denominator: object) -> Fraction:
    parts = _integer(numerator), _integer(denominator)
    if max(map(int.bit_length, parts)) > MAX_FRACTION_BITS:
        raise NotData("a fraction too large")
    return Fraction(*parts)


DECODERS: dict[str, Callable[..., object]] = {
    "int": _hex,
    "str": lambda text: bytes.fromhex(text).decode("utf-32-be", "surrogatepass"),
    "complex": lambda real, imag: complex(_real(real), _real(imag)),
    "bytes": bytes.fromhex,
    "bytearray": bytearray.fromhex,
    "range": lambda *parts: range(*map(_integer, parts)),
    "datetime": datetime.datetime.fromisoformat,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "timedelta": lambda *parts: datetime.timedelta(*map(_integer, parts)),
    "Decimal": _decimal,
    "Fraction": _fraction,
}


def _members(parts: list) -> list:
    """Members of a set or keys of a dict; raises NotData if too many of them share a hash."""
    if len(parts) - len(set(map(hash, parts))) > MAX_COLLISIONS:
        raise NotData("too many equal hashes")
    return parts


def _dict(parts: list) -> dict:
    return dict(zip(_members(parts[::2]), parts[1::2], strict=True))


CONTAINERS: dict[str, Callable[[list], object]] = {
    "list": list,
    "tuple": tuple,
    "set": lambda parts: set(_members(parts)),
    "frozenset": lambda parts: frozenset(_members(parts)),
    "dict": _dict,
}


def frames(data: bytes, most: int | None = None) -> list[bytes]:
    """The messages in some bytes, each after its length, or the first `most` of them.

    A last one that is cut off is left out.
    """
    messages, at = list[bytes](), 0
    while (begin := at + LENGTH_BYTES) <= len(data) and len(messages) != most:
        at = begin + int.from_bytes(data[at:begin])
        if at <= len(data):
            messages.append(data[begin:at])
    return messages


def frame(body: bytes) -> bytes:
    """A message with its length before it."""
    return len(body).to_bytes(LENGTH_BYTES) + body
