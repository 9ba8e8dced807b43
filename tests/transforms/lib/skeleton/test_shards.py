"""Shards: what a unit writes, what a commit lists, and what it removes."""

import contextlib

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
        assert metadata[b"quire_config"] == b"c" and metadata[b"quire_version"] == b"0.2.0"


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


def test_a_unit_that_lost_a_shard_is_not_finished(data):
    marker = write(data, "a", table("x"))
    path = data.path("ci_configs/part-a.parquet")
    with open(path, "r+b") as file:
        file.truncate(100)
    assert shards.finished(data, "crawl", "done", "a", "c") is None
    assert write(data, "a", table("x")) == marker
    assert shards.finished(data, "crawl", "done", "a", "c") == marker
    data.delete("ci_configs/part-a.parquet")
    assert shards.finished(data, "crawl", "done", "a", "c") is None


@pytest.mark.parametrize("content", [b"", b"\0" * 300, b"[]", b'{"config": "c"}'])
def test_what_a_power_cut_leaves_of_a_marker_is_no_marker(data, content):
    write(data, "a", table("x"))
    data.put(shards.marker_name("crawl", "done", "a"), content)
    assert shards.finished(data, "crawl", "done", "a", "c") is None


def test_a_shard_that_a_later_phase_wrote_again_does_not_undo_the_earlier_phase(data):
    unit = UnitShards(data, "crawl", "a", "c")
    unit.write("ci_configs", table("x"))
    first = unit.commit("first")
    write(data, "a", table("x", "y", "z"))
    assert shards.finished(data, "crawl", "first", "a", "c") == first
    data.delete("ci_configs/part-a.parquet")
    assert shards.finished(data, "crawl", "first", "a", "c") is None


def test_a_unit_of_many_small_tables_is_measured_once_each(data):
    class Small:
        num_rows, measured = 1, 0

        @property
        def nbytes(self):
            self.measured += 1
            return 1

    small = Small()
    unit = UnitShards(data, "crawl", "a", "c")
    for _ in range(1000):
        unit.write("ci_configs", small)
    assert small.measured == 1000


def replace(data, *repos):
    """A run over committed datasets, up to its commit; returns its entries."""
    data.put(shards.replacing_file("crawl"), b"new")
    return write(data, "a", table(*repos), config="new")["shards"]


def repos(data):
    """What readers of a dataset see; None if it is not committed."""
    if shards.read_manifest(data, "ci_configs") is None:
        return None
    tables = [pq.read_table(data.open(name)) for name in shards.shard_paths(data, "ci_configs")]
    return [repo for each in tables for repo in each["repo"].to_pylist()]


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("calls", range(40))
def test_a_commit_that_is_cut_off_anywhere_has_lost_nothing(data, monkeypatch, calls):
    """What is replaced is read until the commit, which the next run finishes if it had begun."""
    commit(data, write(data, "a", table("old")), write(data, "gone", table("old")))
    entries = replace(data, "new", "newer")
    assert repos(data) == ["old", "old"]
    left = [calls]

    def or_stop(method):
        def called(*arguments, **options):
            if not left[0]:
                raise Interrupted
            left[0] -= 1
            return method(*arguments, **options)

        return called

    with monkeypatch.context() as patched:
        for name in ("put", "delete", "move", "delete_folder", "to_disk"):
            patched.setattr(Storage, name, or_stop(getattr(Storage, name)))
        with contextlib.suppress(Interrupted):
            shards.commit(data, "crawl", ("ci_configs", "files"), "new", entries)
    if shards.interrupted_commits(data):
        shards.settle(data)
        assert repos(data) == ["new", "newer"]
    elif repos(data) == ["old", "old"]:
        shards.commit(data, "crawl", ("ci_configs", "files"), "new", entries)
    assert repos(data) == ["new", "newer"]
    assert data.list("ci_configs") == ["_manifest.json", "part-a.parquet"]
    assert not data.list("_work", recursive=True)


TASKS = by_name("exports/harbor")
TEXTS = "exports/text"


def put_tasks(data, unit, *tasks):
    """A shard of tasks, each with a folder beside it, and a file beside the shard itself."""
    unit_shards = UnitShards(data, "feed", unit, "c")
    rows = [dict.fromkeys(TASKS.schema.names) | {"task": task} for task in tasks]
    unit_shards.write(TASKS.name, pa.Table.from_pylist(rows, schema=TASKS.schema))
    for task in tasks:
        unit_shards.put_file(TASKS.name, f"{task}/tests/test.sh", task.encode())
    unit_shards.put_file(TASKS.name, f"part-{unit}.bin", b"beside")
    return unit_shards.commit()["shards"]


def test_files_beside_shards_are_committed_with_them(data):
    shards.commit(data, "feed", [TASKS.name, TEXTS], "c", put_tasks(data, "a", "old", "kept"))
    data.put("exports/text/mine.txt", b"no shard")
    data.put(shards.replacing_file("feed"), b"new")
    data.put_json(shards.obsolete_file("feed"), [TEXTS])
    entries = put_tasks(data, "b", "kept", "new")
    assert data.read("exports/harbor/old/tests/test.sh") == b"old", "until the commit"
    shards.commit(data, "feed", [TASKS.name], "new", entries)
    assert data.list("exports", recursive=True) == [
        "harbor/_manifest.json",
        "harbor/kept/tests/test.sh",
        "harbor/new/tests/test.sh",
        "harbor/part-b.bin",
        "harbor/part-b.parquet",
        "text/mine.txt",  # what the run does not write is gone, but for what no manifest named
    ]
    assert not data.list("_work", recursive=True)


def test_a_dataset_whose_removal_was_killed_is_removed_by_another(data, monkeypatch):
    shards.commit(data, "feed", [TASKS.name], "c", put_tasks(data, "a", *"abcdef"))
    deleted, delete = list[str](), Storage.delete

    def kill(storage, name):
        if len(deleted) == 5:
            raise KeyboardInterrupt
        deleted.append(name)
        delete(storage, name)

    monkeypatch.setattr(Storage, "delete", kill)
    with pytest.raises(KeyboardInterrupt):
        shards.remove_dataset(data, TASKS.name)
    monkeypatch.undo()
    shards.remove_dataset(data, TASKS.name)
    assert not data.list("exports", recursive=True)


@pytest.mark.parametrize("name", ["part-a.bin", "one/tests/test.sh"])
def test_a_unit_that_lost_a_file_is_not_finished(data, name):
    put_tasks(data, "a", "one")
    assert shards.finished(data, "feed", "done", "a", "c")
    data.put(f"exports/harbor/{name}", b"")
    assert shards.finished(data, "feed", "done", "a", "c") is None


FOREIGN = [".DS_Store", "._part-a.parquet", ".nfs0000a1", "Thumbs.db", "desktop.ini"]


def test_files_of_others_are_neither_strays_nor_removed(data):
    for name in FOREIGN:
        data.put(f"ci_configs/{name}", b"x")
    data.put("ci_configs/part-a (1).parquet", b"a copy, which a glob would read")
    marker = write(data, "a", table("x"))
    assert shards.strays(data, "ci_configs", {"part-a.parquet"}) == ["part-a (1).parquet"]
    commit(data, marker)
    assert data.list("ci_configs") == sorted([*FOREIGN, "_manifest.json", "part-a.parquet"])


SHARD = {"dataset": "files", "name": "part-a.parquet", "unit": "a", "rows": 1, "bytes": 2} | {
    "sha256": "0" * 64
}
BESIDE = {"name": "part-a.bin.index", "bytes": 2, "sha256": "0" * 64}
SOUND = {"dataset": "files", "version": "1", "config": "c", "rows": 1, "bytes": 2}


@pytest.mark.parametrize(
    "change",
    [
        {"rows": "1"},
        {"rows": -1},
        {"rows": 1.0},
        {"rows": True},
        {"bytes": 10**30},
        {"dataset": "corpus"},
        {"config": None},
        {"version": 1},
        {"inputs": {"files": 7}},
        {"more": 1},
        {"shards": {}},
        {"shards": "part"},
        {"shards": [[]]},
        {"shards": [SHARD, SHARD]},
        {"shards": [SHARD | {"dataset": "corpus"}]},
        {"shards": [SHARD | {"rows": None}]},
        {"shards": [SHARD | {"sha256": "0"}]},
        {"shards": [SHARD | {"name": "part-b.parquet"}]},
        {"shards": [SHARD | {"name": "../x.parquet"}]},
        {"shards": [SHARD | {"name": "/etc/passwd"}]},
        {"shards": [SHARD | {"name": "part-/../x.parquet", "unit": "/../x"}]},
        {"shards": [SHARD | {"more": 1}]},
        *(
            {"shards": [SHARD | {"files": [BESIDE | change]}]}
            for change in (
                {"name": "part-b.bin"},
                {"name": "part-a"},
                {"name": "part-a/../../x"},
                {"name": "/etc/passwd"},
                {"name": "folder/../../x"},
                {"name": "folder//x"},
                {"name": "folder/.hidden"},
                {"name": "_manifest.json"},
                {"name": 7},
                {"bytes": -1},
                {"sha256": "0"},
                {"more": 1},
            )
        ),
        {"shards": [SHARD | {"files": {}}]},
    ],
)
def test_a_manifest_that_no_commit_writes_is_refused(data, change):
    sound = SHARD | {"files": [BESIDE, BESIDE | {"name": "folder/tests/test_1.py"}]}
    data.put_json("files/_manifest.json", SOUND | {"shards": [sound]})
    assert shards.read_manifest(data, "files")["rows"] == 1
    data.put_json("files/_manifest.json", SOUND | {"shards": [SHARD]} | change)
    with pytest.raises(UsageError, match="not a manifest of quire; `quire crawl` with --overwrite"):
        shards.read_manifest(data, "files")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\0", b"[" * 100_000, b"9" * 9_000])
def test_a_manifest_that_is_no_json_is_one_line(data, content):
    data.put("files/_manifest.json", content)
    with pytest.raises(UsageError, match="not JSON") as error:
        shards.read_manifest(data, "files")
    assert "\n" not in str(error.value)


def test_a_folder_in_place_of_a_manifest_is_one_line(data):
    data.put("files/_manifest.json/x", b"")
    with pytest.raises(UsageError, match="cannot be read"):
        shards.read_manifest(data, "files")
