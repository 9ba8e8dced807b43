"""Rows of Parquet as records: tiny row groups, huge repeated values, times, damage."""

import json
from datetime import datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.flipped_bit import flip_a_bit
from transforms.lib.errors import UsageError
from transforms.lib.records import parquet_rows
from transforms.lib.records.parquet_rows import RowGroups, plan_rows, rows_of
from transforms.lib.skeleton import row_groups


def test_small_row_groups_are_one_part(tmp_path):
    file = str(tmp_path / "x.parquet")
    pq.write_table(pa.table({"a": range(1000)}), file, row_group_size=3)
    parts, _ = plan_rows(file, ("a",))
    assert parts == [RowGroups(file, 0, 333, 1)]
    assert [entry.record["a"] for entry in parts[0].entries()] == list(range(1000))
    assert [number for number, _ in rows_of(file)] == list(range(1, 1001))


def test_parts_know_their_first_row(tmp_path, monkeypatch):
    monkeypatch.setattr(row_groups, "BATCH_BYTES", 10_000)
    file = str(tmp_path / "x.parquet")
    rows = pa.table({"a": [str(i) * 100 for i in range(500)]})
    pq.write_table(rows, file, row_group_size=7)
    parts, _ = plan_rows(file, ("a",))
    assert len(parts) > 3
    places = [entry.place for part in parts for entry in part.entries()]
    assert places == [f"x.parquet:{number}" for number in range(1, 501)]
    unpacked = RowGroups(*json.loads(json.dumps(list(vars(parts[2]).values()))))
    assert list(unpacked.entries()) == list(parts[2].entries())


def test_a_value_that_a_dictionary_repeats_is_held_a_few_times(tmp_path, monkeypatch):
    monkeypatch.setattr(row_groups, "PIECE_BYTES", 300_000)
    sizes = []
    values = parquet_rows._values
    monkeypatch.setattr(parquet_rows, "_values", lambda row: sizes.append(row) or values(row))
    column = pa.DictionaryArray.from_arrays([0] * 300, ["x" * 100_000])
    file = str(tmp_path / "x.parquet")
    pq.write_table(pa.table({"a": column}), file, store_schema=False)
    assert sum(len(row["a"]) for _, row in rows_of(file)) == 300 * 100_000
    assert max(row.get_total_buffer_size() for row in sizes) < 1_000_000


def test_times_that_python_cannot_hold_are_null(tmp_path):
    file = str(tmp_path / "x.parquet")
    times = pa.array([1, 2_000, None], pa.timestamp("ns"))
    pq.write_table(pa.table({"a": ["x", "y", "z"], "at": times}), file)
    assert [row for _, row in rows_of(file)] == [
        {"a": "x", "at": None},
        {"a": "y", "at": datetime(1970, 1, 1, microsecond=2)},
        {"a": "z", "at": None},
    ]


def test_a_damaged_page_is_an_error(tmp_path):
    file = str(tmp_path / "x.parquet")
    columns = {name: [f"{name}{i}" for i in range(999)] for name in "abc"}
    how = {"write_page_checksum": True, "use_dictionary": False, "compression": "none"}
    pq.write_table(pa.table(columns), file, **how)
    flip_a_bit(file, 0)
    with pytest.raises(UsageError, match="row group 0 cannot be read"):
        list(rows_of(file))


def test_a_needed_column_twice_is_an_error(tmp_path):
    file = str(tmp_path / "x.parquet")
    table = pa.table({"a": ["x"], "b": ["y"]})
    pq.write_table(table.append_column("a", table["a"]), file)
    with pytest.raises(UsageError, match="2 columns are called 'a'"):
        plan_rows(file, ("a",))
    assert plan_rows(file, ("b",))[0]
