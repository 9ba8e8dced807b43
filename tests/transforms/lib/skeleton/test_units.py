"""Work units: how row groups are planned, what the digest depends on, how a group is read."""

import base64

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as encryption
import pytest

from tests.conftest import write_files
from tests.support.inputs import HALF_A_UNIT
from transforms.lib.errors import UsageError
from transforms.lib.skeleton import units
from transforms.lib.skeleton.input_names import matching_files
from transforms.lib.skeleton.read_units import read_unit


def grouped(path, *sizes, **more):
    """A Parquet file with a row group for each size (in characters, of one row)."""
    schema = pa.schema([(n, pa.string()) for n in ("repo", "path", "content", *more)])
    with pq.ParquetWriter(path, schema, use_dictionary=False) as writer:
        for size in sizes:
            row = {"repo": "r", "path": "p", "content": "x" * size} | more
            writer.write_table(pa.Table.from_pylist([row] if size else [], schema=schema))
    return str(path)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([1, 1, 1], [3]),
        ([HALF_A_UNIT, HALF_A_UNIT, 9, HALF_A_UNIT], [1, 2, 1]),
        ([3 * HALF_A_UNIT, 1], [1, 1]),
        ([0, 5, 0], [1]),
        ([0], []),
        ([], []),
    ],
)
def test_row_groups_are_gathered_up_to_a_size(tmp_path, sizes, expected):
    planned, _ = units.plan_units([grouped(tmp_path / "a.parquet", *sizes)])
    assert [unit.rows for unit in planned] == expected
    assert [unit.name for unit in planned] == [f"{i:05d}" for i in range(len(expected))]


def test_columns_that_are_not_read_do_not_count(tmp_path):
    file = grouped(tmp_path / "a.parquet", 1, 1, 1, embedding="x" * HALF_A_UNIT)
    assert len(units.plan_units([file])[0]) == 1


def test_small_files_share_a_unit(tmp_path):
    files = [grouped(tmp_path / f"{i}.parquet", 10, 10) for i in range(3)]
    (unit,), _ = units.plan_units(files)
    assert unit.parts == tuple((file, 0, 1) for file in files)
    assert units.Unit.unpack(unit.pack()) == unit


def test_the_digest_depends_on_the_input_and_not_on_its_place(tmp_path):
    (tmp_path / "b").mkdir()
    row = {"repo": "r", "path": "p", "content": "x = 1\n"}
    first, moved, other = (
        units.plan_units([str(write_files(tmp_path / name, [row | change]))])[1]
        for name, change in [
            ("a.parquet", {}),
            ("b/c.parquet", {}),
            ("d.parquet", {"content": "x = 2\n"}),
        ]
    )
    assert first == moved != other


def test_a_large_row_group_is_read_in_batches(tmp_path):
    rows = [{"repo": "r", "path": str(i), "content": "x" * 999_000 + str(i)} for i in range(40)]
    file = str(write_files(tmp_path / "a.parquet", rows))
    (unit,), _ = units.plan_units([file])
    batches = list(read_unit(unit))
    assert max(len(batch) for batch in batches) <= 20
    assert [path for batch in batches for path in batch["path"].to_pylist()] == [
        str(i) for i in range(40)
    ]


def test_only_the_requested_columns_are_read(tmp_path):
    (unit,), _ = units.plan_units([grouped(tmp_path / "a.parquet", 3)])
    (batch,) = read_unit(unit, ["content", "stars"])
    assert batch.to_pydict() == {"content": ["xxx"], "stars": [None]}


@pytest.mark.parametrize("scheme", ["", "file://"])
def test_matching_files_are_sorted_and_at_least_one(tmp_path, scheme):
    for name in ("b.parquet", "a.parquet", "c.txt"):
        (tmp_path / name).touch()
    files = matching_files(f"{scheme}{tmp_path}/*.parquet")
    assert files == [f"{scheme}{tmp_path}/{name}.parquet" for name in "ab"]
    with pytest.raises(UsageError, match="no such file"):
        matching_files(f"{scheme}{tmp_path}/*.csv")


class Keys(encryption.KmsClient):
    """Keys that are no secret."""

    def __init__(self, _):
        encryption.KmsClient.__init__(self)

    def wrap_key(self, key, _):
        return base64.b64encode(key)


@pytest.mark.parametrize("plain_footer", [False, True])
def test_encrypted_parquet_is_a_usage_error(tmp_path, plain_footer):
    """With a plain footer Arrow would end the process."""
    table = pa.table({"repo": ["r"], "path": ["a.py"], "content": ["x"]})
    how = encryption.EncryptionConfiguration(
        footer_key="f", column_keys={"k": ["content"]}, plaintext_footer=plain_footer
    )
    connection = encryption.KmsConnectionConfig()
    keys = encryption.CryptoFactory(Keys).file_encryption_properties(connection, how)
    with pq.ParquetWriter(
        tmp_path / "x.parquet", table.schema, encryption_properties=keys
    ) as writer:
        writer.write_table(table)
    with pytest.raises(UsageError, match=r"x\.parquet: .*encrypted"):
        units.plan_units([str(tmp_path / "x.parquet")])
