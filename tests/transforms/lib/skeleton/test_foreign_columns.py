"""Columns that others wrote: every type is converted or null, and the texts stay whole."""

import datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from transforms.lib.errors import UsageError
from transforms.lib.skeleton import units
from transforms.lib.skeleton.read_units import read_unit

NAN, INF = float("nan"), float("inf")
TIME = pa.timestamp("us", "UTC")
NOON = datetime.datetime(2020, 1, 1, 12, tzinfo=datetime.UTC)


def read(tmp_path, **columns):
    """The rows of a file with these columns, which is otherwise as it should be."""
    count = len(next(iter(columns.values())))
    whole = {"repo": ["r"] * count, "path": ["a.py"] * count, "content": ["x"] * count}
    pq.write_table(pa.table(whole | columns), tmp_path / "x.parquet")
    (unit,), _ = units.plan_units([str(tmp_path / "x.parquet")])
    return pa.Table.from_batches(list(read_unit(unit))).to_pydict()


@pytest.mark.parametrize("name", ["stars", "size"])
@pytest.mark.parametrize(
    ("column", "counts"),
    [
        (pa.array([7.0, 7.5, NAN, INF, -INF, 1e30, None]), [7, *[None] * 6]),
        (pa.array([7.0, NAN], pa.float16()), [7, None]),
        (pa.array([Decimal("7.00"), Decimal("7.01"), None]), [7, None, None]),
        (pa.array([Decimal(10**37)], pa.decimal256(70)), [None]),
        (pa.array([" 7 ", "7.0", "1e2", "many", "", "NaN", "9" * 50, "1e999999999"]),
         [7, 7, 100, *[None] * 5]),
        (pa.array([True, False]), [None, None]),
        (pa.array([2**64 - 1, 2**63, 7], pa.uint64()), [None, None, 7]),
        (pa.array([255], pa.uint8()), [255]),
        (pa.array([7, 7, None]).dictionary_encode(), [7, 7, None]),
        (pa.array(["7", "x"]).dictionary_encode(), [7, None]),
        (pa.array(["7"], pa.large_string()), [7]),
        (pa.array(["7"], pa.string_view()), [7]),
        (pa.array([b"7"]), [None]),
        (pa.array([NOON], TIME), [None]),
        (pa.array([NOON.date()]), [None]),
        (pa.array([[7], []]), [None, None]),
        (pa.array([{"a": 7}]), [None]),
        (pa.nulls(2), [None, None]),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)  # fmt: skip
def test_counts(tmp_path, name, column, counts):
    assert read(tmp_path, **{name: column})[name] == counts


@pytest.mark.parametrize("name", ["commit", "licence_spdx"])
@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pa.array([7, None]), ["7", None]),
        (pa.array([1.5, NAN]), ["1.5", None]),
        (pa.array([Decimal("1.10")]), ["1.10"]),
        (pa.array(["é", None]).dictionary_encode(), ["é", None]),
        (pa.array(["é"], pa.large_string()), ["é"]),
        (pa.array(["é"], pa.string_view()), ["é"]),
        (pa.array([b"ab", b"\xff", None]), ["ab", "\\xff", None]),
        (pa.array([b"ab"], pa.binary(2)), ["ab"]),
        (pa.array([True]), [None]),
        (pa.array([NOON], TIME), [None]),
        (pa.array([["MIT"]]), [None]),
        (pa.nulls(1), [None]),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
def test_texts(tmp_path, name, column, texts):
    assert read(tmp_path, **{name: column})[name] == texts


def test_content_may_be_bytes(tmp_path):
    column = pa.array([b"x = 1\n", None], pa.large_binary())
    assert read(tmp_path, content=column)["content"] == ["x = 1\n", None]


def test_columns_of_the_same_name_one_level_down_are_others(tmp_path):
    nested = pa.array([{"content": "no", "stars": 9, "size": [1]}])
    assert read(tmp_path, meta=nested)["content"] == ["x"]


@pytest.mark.parametrize("name", ["content", "repo", "stars"])
def test_a_column_twice_is_a_usage_error(tmp_path, name):
    table = pa.table({"repo": ["r"], "path": ["a.py"], "content": ["x"], "stars": [1]})
    pq.write_table(table.append_column(name, table[name]), tmp_path / "x.parquet")
    with pytest.raises(UsageError, match=rf"x\.parquet: 2 columns are called '{name}'"):
        units.plan_units([str(tmp_path / "x.parquet")])


def test_a_column_twice_that_nobody_needs(tmp_path):
    table = pa.table({"repo": ["r"], "path": ["a.py"], "content": ["x"], "other": [1]})
    pq.write_table(table.append_column("other", table["other"]), tmp_path / "x.parquet")
    (unit,), _ = units.plan_units([str(tmp_path / "x.parquet")])
    assert [batch["content"].to_pylist() for batch in read_unit(unit)] == [["x"]]
