"""Values to bytes and back: exact, and any bytes give a value or NotData."""

import datetime
import json
import math
import sys
from collections import Counter, OrderedDict, defaultdict, namedtuple
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.lib.sandbox import codec
from transforms.lib.sandbox.codec import NotData, decode, encode, frame, frames
from transforms.lib.trials.compare_values import equal

Point = namedtuple("Point", "x y")

TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates too
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXT
    | st.binary()
    | st.complex_numbers()
    | st.decimals(allow_nan=False)
    | st.fractions(max_denominator=10**6)
    | st.dates()
    | st.times()
    | st.datetimes(timezones=st.just(datetime.UTC) | st.none())
    | st.timedeltas()
    | st.builds(range, st.integers(), st.integers(), st.integers(1, 10))
)
HASHABLE = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner, max_size=3),
    max_leaves=8,
)
VALUES = st.recursive(
    SCALARS | st.sets(HASHABLE, max_size=4) | st.binary().map(bytearray),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(HASHABLE, inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_round_trip(value: object) -> None:
    data = encode(value)
    assert equal(decode(data), value)
    assert encode(decode(data)) == data


@given(st.lists(TEXT).map("".join))
def test_texts_keep_every_character(text: str) -> None:
    assert decode(encode([text, text])) == [text, text]


@pytest.mark.parametrize(
    "value",
    [
        -0.0,
        math.nan,
        math.inf,
        -math.inf,
        5e-324,
        10**18,
        -(10**18),
        [10**5000],
        True,
        "\ud83d\ude00",
        "\ud800",
        [],
        (),
        {},
        set(),
        frozenset(),
        [None, True, 1.5],
        [1, 10**30],
        {"": {(): [frozenset()]}},
    ],
)
def test_edges(value: object) -> None:
    back = decode(encode(value))
    assert type(back) is type(value)
    assert equal(back, value)
    if isinstance(value, float):
        assert math.copysign(1, back) == math.copysign(1, value)


def test_an_instance_of_a_subclass_is_the_value_it_holds() -> None:
    class Odd(int):
        __eq__ = __ne__ = lambda self, other: True  # noqa: E731
        __hash__ = int.__hash__
        __int__ = __index__ = __pos__ = lambda self: 0  # noqa: E731

    values = [Odd(7), Point(1, 2), Counter("aab"), OrderedDict(a=1), defaultdict(list, b=[])]
    back = decode(encode(values))
    assert back == [7, (1, 2), {"a": 2, "b": 1}, {"a": 1}, {"b": []}]
    assert [type(each) for each in back] == [int, tuple, dict, dict, dict]


def test_equal_sets_have_equal_bytes() -> None:
    assert encode({"a", "b", 1}) == encode({1, "b", "a"})


def cyclic() -> list:
    value: list = []
    value.append({1: (value,)})
    return value


@pytest.mark.parametrize(
    "value",
    [
        object(),
        int,
        len,
        lambda: 0,
        (x for x in ()),
        iter([]),
        cyclic(),
        [0] * (codec.MAX_VALUES + 1),
        [[0] * 1000] * 1001,
        {1: object()},
        Ellipsis,
        NotImplemented,
        memoryview(b""),
        [print],
    ],
)
def test_what_is_no_data(value: object) -> None:
    with pytest.raises(NotData):
        encode(value)


HOSTILE = [
    b"",
    b"[",
    b"[" * 100_000,
    b'{"a":1}',
    b"[]",
    b"[1]",
    b"[null]",
    b'[["list"]]',
    b'["nothing"]',
    b'["set",["list"]]',
    b'["dict",1]',
    b'["dict",["list"],1]',
    b'["bytes",5]',
    b'["bytes","zz"]',
    b'["int",5]',
    b'["int","5"]',
    b'["int","0x"]',
    b'["int"]',
    b'["int","0x1","0x1"]',
    b'["complex",1,2]',
    b'["range",1,2,0]',
    b'["range",1.5]',
    b'["Fraction",1,0]',
    b'["Decimal","1E9999999999"]',
    b'["Decimal","sNaN"]',
    b'["Decimal",1]',
    b'["date","0000-00-00"]',
    b'["datetime",5]',
    b'["timedelta",1e9]',
    b'["timedelta",999999999999]',
    b'["time","25:00"]',
    b'["str","0000d8"]',
    b'["str",1]',
    b'["mine",1]',
    b'["yours",0]',
    b'["type","int"]',
    b"1" * 5000,
    b"\xff\xfe",
    b"nul",
    "\ufeff1".encode(),
    "[1]".encode("utf-16"),
    b'["list",{}]',
    b'["tuple"] 1',
    b'["list",["list",{"a":1}]]',
    b'["list",' * 200 + b"1" + b"]" * 200,
    b'["Fraction",1,["int","0x' + b"f" * 5000 + b'"]]',
    json.dumps(["set"] + [["int", hex((2**61 - 1) * n)] for n in range(10**4)]).encode(),
    json.dumps(["dict"] + [["int", hex((2**61 - 1) * (n // 2))] for n in range(10**4)]).encode(),
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bytes_are_no_value(data: bytes) -> None:
    with pytest.raises(NotData):
        decode(data)


TREES = st.recursive(
    st.none()
    | st.integers()
    | st.floats()
    | TEXT
    | st.sampled_from([*codec.DECODERS, *codec.CONTAINERS]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=2),
)


@given(TREES)
def test_any_json_is_a_value_or_none(tree: object) -> None:
    try:
        value = decode(json.dumps(tree).encode())
    except NotData:
        return
    assert equal(decode(encode(value)), value)


@given(st.binary())
def test_any_bytes_are_messages_or_none(data: bytes) -> None:
    assert sum(4 + len(body) for body in codec.frames(data)) <= len(data)
    assert codec.frames(codec.frame(data) + codec.frame(b"") + data[:3]) == [data, b""]


def test_a_million_digits_take_no_quadratic_time() -> None:
    value = 1 << 4_000_000  # to base 10 and back, this takes minutes
    assert decode(encode(value)) == value


def test_every_type_is_documented() -> None:
    documentation = sys.modules["transforms.lib.sandbox"].__doc__ or ""
    missing = {kind.__name__ for kind in codec.TAGS} - {"NoneType"}
    assert not [name for name in missing if name not in documentation]
    assert Decimal in codec.TAGS
    assert Fraction in codec.TAGS


def test_a_message_with_too_many_values_takes_no_memory() -> None:
    """Each empty list takes 3 bytes of a message and 70 of memory; brackets in texts are none."""
    for part in (b"[]", b"{}", b'["list"]'):
        with pytest.raises(NotData, match="more than 1000000 values"):
            decode(b'["list",' + b",".join([part] * (2_000_000)) + b"]")
    assert decode(b'"' + b"[{" * 2_000_000 + b'"') == "[{" * 2_000_000
    with pytest.raises(NotData):
        decode(b"[" * 2_500_000 + b'"' + b'\\"' * 1_000_000)


def test_no_more_frames_are_read_than_requested() -> None:
    assert frames(bytes(400), 3) == [b""] * 3
    assert frames(frame(b"a") + frame(b"b") + b"\0", 3) == [b"a", b"b"]
