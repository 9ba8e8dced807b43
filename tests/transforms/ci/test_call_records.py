"""Records of calls: what is read from a hostile process, and in which order."""

import json
import random

import pyarrow as pa
import pytest

from schemas import CALLS
from transforms.ci.call_records import CALLS_OF_FUNCTION, TraceReading, read_traces
from transforms.ci.traced_paths import TracedPaths

PATHS = TracedPaths(["pkg/__init__.py", "pkg/a.py", "src/other/b.py", "test/test_a.py"])
SITE = "/sandbox/environment/lib/python3.12/site-packages/"


def record(**changes: object) -> dict:
    return {
        "file": "/sandbox/tree/pkg/a.py",
        "line": 3,
        "name": "f",
        "flags": 0,
        "library": False,
        "names": [["x", "p"]],
        "arguments": ["1"],
        "encodings": "L",
        "outcome": "return",
        "value": "2",
        "encoding": "L",
        "yields": [],
        "after": {},
        "test": "test/test_a.py::test_f (call)",
    } | changes


def read(*files: list[dict | bytes]) -> TraceReading:
    contents = [
        b"".join((r if isinstance(r, bytes) else json.dumps(r).encode()) + b"\n" for r in records)
        for records in files
    ]
    return read_traces(contents, PATHS, repo="p", commit="c", python="3.12")


def test_a_record_is_a_row() -> None:
    reading = read([record(after={"0": "[1]"}, names=[["x", "p"]], arguments=["[]"])])
    pa.Table.from_pylist(reading.rows, schema=CALLS.schema)
    (row,) = reading.rows
    assert (row["path"], row["module"], row["qualname"]) == ("pkg/a.py", "pkg.a", "f")
    assert row["arguments"] == [{"name": "x", "role": "p", "value": "[]", "encoding": "L"}]
    assert row["mutated"] == [{"name": "x", "value": "[1]", "encoding": "L"}]
    assert row["test"] == "test/test_a.py::test_f"
    assert not reading.dropped


@pytest.mark.parametrize(
    ("file", "path", "module", "is_library"),
    [
        (SITE + "pkg/a.py", "pkg/a.py", "pkg.a", False),
        (SITE + "other/b.py", "src/other/b.py", "other.b", False),
        ("/sandbox/tree/src/other/b.py", "src/other/b.py", "other.b", False),
        (SITE + "six.py", "six.py", "six", True),
        ("/opt/lib/python3.12/json/__init__.py", "json/__init__.py", "json", True),
    ],
)
def test_paths(file: str, path: str, module: str, is_library: bool) -> None:
    (row,) = read([record(file=file)]).rows
    assert (row["path"], row["module"], row["is_library"]) == (path, module, is_library)


@pytest.mark.parametrize(
    "bad",
    [
        b"no json",
        b"[" * 100_000,
        b"\xff\xfe",
        b"null",
        b"{}",
        b'"' + b"x" * (2 << 20) + b'"',
        record(line=-1),
        record(line=True),
        record(line=10**12),
        record(flags=3),
        record(flags=True),
        record(names=[["x", "p"], ["x", "p"]], arguments=["1", "1"]),
        record(names=[["x y", "p"]]),
        record(names=[["x", "?"]]),
        record(arguments=[]),
        record(arguments=[1]),
        record(outcome="yield"),
        record(after={"1": "2"}),
        record(after={"-1": "2"}),
        record(yields=[["1"]]),
        record(test=5),
        record(file="/etc/passwd"),
        record(file="/sandbox/tree/../../etc/passwd.py"),
        record(arguments=["open('x')"]),
        record(value="__import__('os').system('x')"),
    ],
)
def test_what_is_no_record_is_counted_and_dropped(bad: dict | bytes) -> None:
    reading = read([bad, record()])
    assert [row["value"] for row in reading.rows] == ["2"]
    assert sum(reading.dropped.values()) == 1


def test_lone_surrogates_can_be_stored() -> None:
    reading = read([record(arguments=["'\\ud800'"], value='"\ud800"', name="\udcff")])
    pa.Table.from_pylist(reading.rows, schema=CALLS.schema)


def test_the_encoding_is_seen_from_the_value_itself() -> None:
    (row,) = read([record(value="ref('m', 'C')", encoding="L")]).rows
    assert row["encoding"] == "E"


def test_the_order_of_processes_does_not_show() -> None:
    numbers = [record(arguments=[str(n)], value=str(n)) for n in range(8)]
    first, second = numbers[:5], numbers[3:]
    rows = read(first, second).rows
    assert rows == read(second, first).rows == read(second, first, first).rows
    assert len(rows) == 8


def test_the_first_calls_that_differ_are_kept_whole_ones_before_opaque_ones() -> None:
    records = [record(arguments=["?"], value=str(n)) for n in range(5)]
    records += [record(arguments=[str(n)], value="0") for n in range(30)] * 2
    rows = read(records).rows
    assert len(rows) == CALLS_OF_FUNCTION
    assert [row["arguments"][0]["value"] for row in rows] == [str(n) for n in range(10)]
    assert [row["number"] for row in rows] == list(range(10))


def test_any_bytes_are_read() -> None:
    chance = random.Random(1)
    whole = json.dumps(
        record(value="{'a': [1, (2,)]}", arguments=["obj(ref('m','C'), {})"])
    ).encode()
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        reading = read([bytes(content)])
        pa.Table.from_pylist(reading.rows, schema=CALLS.schema)
        assert len(reading.rows) + sum(reading.dropped.values()) >= 1
