"""Damage to shards: found by size and digest, told in a line that names the command to repair it."""

import random
from pathlib import Path

import pyarrow as pa
import pytest

from schemas import by_name
from transforms.lib.errors import UsageError
from transforms.lib.skeleton.damage import harmed_shards, repair
from transforms.lib.skeleton.parquet_files import read_shard, verified
from transforms.lib.skeleton.read_units import read_unit
from transforms.lib.skeleton.shards import UnitShards, commit
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import plan_units

SHARD = "files/part-a.parquet"
SCHEMA = by_name("files").schema
REPAIR = "`quire crawl {root} --resume`, with the flags of its run, makes it anew"


@pytest.fixture
def data(tmp_path: Path) -> Storage:
    """DATA with one shard of `files`."""
    data = Storage(str(tmp_path / "data"))
    names = random.Random(1)
    rows = [
        {"repo": f"r{i}", "path": f"{i}.py", "content": f"x = {names.random()}\n", "size": i}
        for i in range(300)
    ]
    unit = UnitShards(data, "crawl", "a", "c")
    unit.write("files", pa.Table.from_pylist(rows, schema=SCHEMA))
    commit(data, "crawl", ("files",), "c", unit.commit()["shards"])
    return data


def test_one_flipped_bit_never_gives_other_rows(data: Storage) -> None:
    """A reader fails and names the shard and the command, or reads what was written."""
    path = Path(data.path(SHARD))
    sound, rows = path.read_bytes(), read_shard(data, SHARD)
    places = random.Random(2)
    refused = 0
    for _ in range(400):
        content = bytearray(sound)
        content[places.randrange(len(sound))] ^= 1 << places.randrange(8)
        path.write_bytes(content)
        try:
            assert read_shard(data, SHARD).equals(rows)
        except UsageError as error:
            refused += 1
            line = str(error)
            assert line.startswith(str(path)) and line.endswith(REPAIR.format(root=data.root))
            assert "\n" not in line
    assert refused > 200


def test_a_unit_with_a_flipped_bit_names_shard_and_row_group(data: Storage) -> None:
    path = Path(data.path(SHARD))
    (unit,), _ = plan_units([str(path)])
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"part-a.parquet: row group 0 .* checksum .*`quire crawl"):
        list(read_unit(unit))


@pytest.mark.parametrize("stage_of", [("corpus", "corpus"), ("scores", "evaluate SAMPLES --data")])
def test_the_command_that_repairs_is_that_of_the_stage(
    tmp_path: Path, stage_of: tuple[str, str]
) -> None:
    dataset, command = stage_of
    data = Storage(str(tmp_path))
    commit(data, "any", (dataset,), "c", [])
    shard = data.path(f"{dataset}/part-empty.parquet")
    assert repair(
        shard
    ) == f"; `quire {command} {tmp_path} --resume`, with the flags of its run, " + ("makes it anew")
    for other in (shard.replace("empty", "other"), str(tmp_path / "x.parquet"), "s3://b/x"):
        assert repair(other) == ""


def gone(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def other(path: Path) -> None:
    """Change the footer, which no checksum covers, so that it can still be read."""
    path.write_bytes(path.read_bytes().replace(b"quire_config", b"quire_confix"))


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (gone, "missing"),
        (cut, "bytes, the manifest says"),
        (longer, "bytes, the manifest says"),
        (other, "its sha256 is not the manifest's"),
    ],
)
def test_whatever_became_of_a_shard_is_found(data: Storage, harm, fault: str) -> None:
    assert harmed_shards(data, ["files", "corpus"]) == []
    harm(Path(data.path(SHARD)))
    (found,) = harmed_shards(data, ["files", "corpus"])
    assert found[:2] == ("files", "part-a.parquet") and fault in found.fault
    with pytest.raises(UsageError, match=fault):
        verified([data.path(SHARD)])
