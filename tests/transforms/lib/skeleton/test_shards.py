"""Shards: what a unit writes, what a commit lists, and what it removes."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas import by_name
from transforms.lib.errors import UsageError
from transforms.lib.skeleton import shards
from transforms.lib.skeleton.shards import UnitShards
from transforms.lib.skeleton.storage import Storage

CI = by_name("ci_configs")


@pytest.fixture
def data(tmp_path):
    return Storage(str(tmp_path))


def table(*repos):
    rows = [{name: None for name in CI.schema.names} | {"repo": repo} for repo in repos]
    return pa.Table.from_pylist(rows, schema=CI.schema)


def write(data, unit, *tables, config="c"):
    unit_shards = UnitShards(data, "crawl", unit, config)
    for each in tables:
        unit_shards.write("ci_configs", each)
    return unit_shards.commit()


def commit(data, *markers):
    entries = [shard for marker in markers for shard in marker["shards"]]
    shards.commit(data, "crawl", ("ci_configs", "files"), "c", entries)


def test_commit_lists_what_units_wrote_and_removes_the_rest(data):
    data.put("ci_configs/part-old.parquet", b"of an older run")
    data.put("ci_configs/part-a.parquet.123.tmp", b"of a killed run")
    second, first = write(data, "b", table("y", "z")), write(data, "a", table("x"), table("w"))
    nothing = write(data, "c", table())
    assert shards.read_manifest(data, "ci_configs") is None, "not before the commit"
    commit(data, second, first, nothing)
    manifest = shards.read_manifest(data, "ci_configs")
    assert [shard["name"] for shard in manifest["shards"]] == ["part-a.parquet", "part-b.parquet"]
    assert (manifest["rows"], manifest["config"]) == (4, "c")
    assert data.list("", recursive=True) == [
        "ci_configs/_manifest.json",
        "ci_configs/part-a.parquet",
        "ci_configs/part-b.parquet",
        "files/_manifest.json",
        "files/part-empty.parquet",
    ]
    assert not data.path("_work") or not data.list("_work", recursive=True)
    assert [d.name for d in shards.committed(data)] == ["files", "ci_configs"]
    repos = [
        pq.read_table(data.open(name))["repo"].to_pylist()
        for name in shards.shard_paths(data, "ci_configs")
    ]
    assert repos == [["x", "w"], ["y", "z"]]


def test_every_shard_has_the_options_of_quire(data):
    write(data, "a", table("x"))
    with pq.ParquetFile(data.open("ci_configs/part-a.parquet")) as parquet:
        assert parquet.schema_arrow.equals(CI.schema)
        chunk = parquet.metadata.row_group(0).column(0)
        assert chunk.compression == "ZSTD" and chunk.has_column_index and chunk.has_offset_index
        metadata = parquet.metadata.metadata
        assert metadata[b"quire_config"] == b"c" and metadata[b"quire_version"] == b"0.1.0"


def test_a_finished_unit_is_recognised_by_its_configuration(data):
    marker = write(data, "a", table("x"), config="one")
    assert shards.finished(data, "crawl", "done", "a", "one") == marker
    assert shards.finished(data, "crawl", "done", "a", "two") is None
    assert shards.finished(data, "crawl", "done", "b", "one") is None


def test_uncommit_leaves_shards_that_nobody_reads(data):
    commit(data, write(data, "a", table("x")))
    shards.uncommit(data, ["ci_configs"])
    assert shards.read_manifest(data, "ci_configs") is None
    with pytest.raises(FileNotFoundError, match="ci_configs"):
        list(shards.shard_paths(data, "ci_configs"))
    assert shards.strays(data, "ci_configs", set()) == ["part-a.parquet"]


@pytest.mark.parametrize("content", [[], {"rows": 1}, {"shards": [{}]}])
def test_a_file_that_is_not_a_manifest_is_a_usage_error(data, content):
    data.put_json("files/_manifest.json", content)
    with pytest.raises(UsageError, match="files/_manifest.json: not a manifest"):
        shards.read_manifest(data, "files")
