"""Row groups as others write them: tiny, with dictionaries of huge values, damaged."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.flipped_bit import flip_a_bit
from transforms.lib.errors import UsageError
from transforms.lib.skeleton import row_groups, units
from transforms.lib.skeleton.read_units import read_unit


def write(path, contents, **options):
    """Parquet of source files with these contents; its path as text."""
    count = len(contents)
    names = [f"{i}.py" for i in range(count)]
    table = pa.table({"repo": ["r"] * count, "path": names, "content": contents})
    pq.write_table(table, path, **options)
    return str(path)


def batches(file, **how):
    planned, _ = units.plan_units([file])
    return [batch for unit in planned for batch in read_unit(unit, **how)]


def test_small_row_groups_are_read_together(tmp_path):
    contents = [f"x = {i}" for i in range(1000)]
    many = batches(write(tmp_path / "many.parquet", contents, row_group_size=3))
    one = batches(write(tmp_path / "one.parquet", contents))
    assert [batch["content"].to_pylist() for batch in many] == [contents]
    assert [batch.num_rows for batch in many] == [batch.num_rows for batch in one]


def test_a_value_that_a_dictionary_repeats_is_read_row_by_row(tmp_path, monkeypatch):
    monkeypatch.setattr(row_groups, "PIECE_BYTES", 200_000)
    monkeypatch.setattr(row_groups, "BATCH_BYTES", 150_000)
    contents = pa.DictionaryArray.from_arrays([0] * 300 + [1], ["x" * 100_000, "y"])
    for name in ("string", "dictionary"):
        file = write(tmp_path / f"{name}.parquet", contents, store_schema=name == "dictionary")
        read = batches(file)
        assert max(batch.nbytes for batch in read) < 2 * 200_000
        assert [len(t) for b in read for t in b["content"].to_pylist()] == [100_000] * 300 + [1]


def test_short_values_of_a_dictionary_are_read_as_ever(tmp_path):
    contents = [f"x = {i % 7}" for i in range(1000)]
    parquet = pq.ParquetFile(write(tmp_path / "x.parquet", contents))
    columns = ("repo", "path", "content")
    size = row_groups.rows_at_a_time(str(tmp_path / "x.parquet"), parquet, [0], columns, columns)
    assert size == row_groups.PIECE_ROWS


@pytest.fixture
def damaged(tmp_path):
    file = write(
        tmp_path / "x.parquet",
        [f"x = {i:05d}" for i in range(3000)],
        row_group_size=1000,
        write_page_checksum=True,
        use_dictionary=False,
        compression="none",
    )
    flip_a_bit(file, 1)
    return file


def test_a_damaged_page_is_an_error_that_names_the_row_group(damaged):
    with pytest.raises(UsageError, match=r"x\.parquet: row group 1 cannot be read"):
        batches(damaged)


def test_what_stands_beside_a_damaged_row_group_is_read_once(damaged):
    faults = []
    paths = [p for b in batches(damaged, damaged=faults.append) for p in b["path"].to_pylist()]
    assert paths == [f"{i}.py" for i in range(3000) if i // 1000 != 1]
    assert len(faults) == 1 and "1,000 of its 1,000 rows are left out" in faults[0]


def test_pages_before_a_damaged_one_are_read(tmp_path):
    file = write(
        tmp_path / "x.parquet",
        [f"x = {i:05d}" for i in range(3000)],
        data_page_size=1000,
        write_batch_size=100,
        write_page_checksum=True,
        use_dictionary=False,
        compression="none",
    )
    flip_a_bit(file, 0)
    faults = []
    paths = [p for b in batches(file, damaged=faults.append) for p in b["path"].to_pylist()]
    assert 1000 < len(paths) < 2000 and paths == [f"{i}.py" for i in range(len(paths))]
    assert f"{3000 - len(paths):,} of its 3,000 rows are left out" in faults[0]
