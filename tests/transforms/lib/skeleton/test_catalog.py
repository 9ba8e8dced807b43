"""The catalogue is right from any folder, says so where DATA was moved, and has comments."""

import json
import os
import shutil
from pathlib import Path

import duckdb
import pytest

from schemas import DATASETS
from tests.conftest import write_files
from tests.support.inputs import rows
from transforms.lib.skeleton.catalog import view_name, write_catalog
from transforms.lib.skeleton.storage import Storage

COUNT = "SELECT count(*) FROM corpus"
# Folders that DuckDB or Arrow could take for a partition, a list, a pattern or an escape.
ODD_NAMES = ("run=3", "com,ma", "q?x", "st*r", "set[1]", "back\\slash", "it's", "a b", "é", "%20",
             "#x", "-x", "~", "new\nline", "{a,b}", "a;b")  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """DATA with a corpus of 20 files, and nobody's to change."""
    from pipelines import cli

    folder = tmp_path_factory.mktemp("made")
    files = write_files(folder / "in.parquet", rows(30))
    assert cli.main(["corpus", f"{folder}/it's data", f"--files={files}", "--workers=1"]) == 0
    return folder / "it's data"


@pytest.fixture
def data(tmp_path, made, quire):
    """A copy of it, with a catalogue of its own."""
    shutil.copytree(made, tmp_path / "data")
    assert quire("sql", tmp_path / "data", COUNT, "--format=csv") == 0
    return tmp_path / "data"


def in_catalogue(data: Path, query: str, moved: Path | None = None) -> list[tuple]:
    """The rows of an answer from DATA/catalog.duckdb."""
    with duckdb.connect(data / "catalog.duckdb", read_only=True) as catalog:
        if moved:
            catalog.execute(f"SET VARIABLE quire_data = '{moved}'")
        return catalog.execute(query).fetchall()


def test_the_catalogue_is_right_from_any_folder(made, tmp_path, monkeypatch, ask):
    kept = ask(made, COUNT)
    assert kept[0][0] > 0
    for folder in (made, made.parent, tmp_path, Path("/")):
        monkeypatch.chdir(folder)
        assert in_catalogue(made, COUNT) == kept
    assert in_catalogue(made, "SELECT count(*) FROM files") == [(0,)], "not built yet"
    assert in_catalogue(made, "SELECT count(*) FROM rejects") == ask(
        made, "FROM rejects_corpus SELECT count(*)"
    )
    counts = dict(in_catalogue(made, "SELECT name, row_count FROM datasets"))
    assert counts["corpus"] == kept[0][0]
    assert sorted(counts) == ["clusters", "corpus", "rejects/corpus", "runs", "signals"]
    [(version,)] = in_catalogue(
        made,
        "SELECT DISTINCT tags['storage_version'] FROM duckdb_databases() WHERE path IS NOT NULL",
    )
    assert version.startswith("v1.2")


def test_moved_data_says_how_to_ask(data, tmp_path, quire, capsys, ask):
    kept = ask(data, COUNT)
    moved = data.rename(tmp_path / "moved")
    with pytest.raises(duckdb.IOException, match="ask with quire sql DATA, or SET VARIABLE"):
        in_catalogue(moved, COUNT)
    assert in_catalogue(moved, COUNT, moved) == kept
    assert quire("sql", moved, COUNT) == 0, "right, and writes the catalogue anew"
    assert capsys.readouterr().out.splitlines()[-1] == str(kept[0][0])
    assert in_catalogue(moved, COUNT) == kept


def test_a_copy_shows_no_other_datas_rows(data, tmp_path):
    copy = shutil.copytree(data, tmp_path / "copy")
    kept = in_catalogue(copy, COUNT)
    manifest = data / "corpus" / "_manifest.json"
    manifest.write_text(manifest.read_text() + " ")
    with pytest.raises(duckdb.InvalidInputException, match="has changed, or this catalogue"):
        in_catalogue(copy, COUNT)
    assert in_catalogue(copy, COUNT, copy) == kept


def test_a_catalogue_of_an_older_quire_is_written_anew(data, quire, ask):
    (data / "catalog.duckdb").unlink()
    duckdb.connect(data / "catalog.duckdb").close()
    assert quire("sql", data, COUNT) == 0
    assert in_catalogue(data, COUNT) == ask(data, COUNT)


def test_what_no_manifest_names_is_not_there(data, ask):
    """A copy by a synchroniser, and the shards of a stage that was killed."""
    kept = ask(data, COUNT)
    shard = next((data / "corpus").glob("part-*"))
    for name in ("part-00000 (1).parquet", "part-00000.sync-conflict.parquet", "part-9.parquet"):
        shutil.copy(shard, data / "corpus" / name)
    (data / "files").mkdir()
    shutil.copy(shard, data / "files" / "part-00000.parquet")
    assert ask(data, COUNT) == in_catalogue(data, COUNT) == kept
    assert ask(data, "SELECT count(*) FROM files") == [(0,)]


def test_a_shard_that_is_gone_concerns_its_dataset_alone(data, quire, ask, capsys):
    next((data / "corpus").glob("part-*")).unlink()
    assert ask(data, "SELECT count(*) FROM signals")[0][0] > 0
    assert quire("sql", data, COUNT) == 2
    assert "corpus cannot be read, see `quire check`" in capsys.readouterr().err


@pytest.mark.parametrize("name", ODD_NAMES)
def test_data_in_a_folder_of_any_name(made, tmp_path, monkeypatch, quire, ask, capsys, name):
    data = shutil.copytree(made, tmp_path / name / "run=4")
    kept = ask(made, COUNT)
    columns = "SELECT column_name FROM (DESCRIBE corpus)"
    assert quire("sql", data, COUNT) == 0 and quire("check", data) == 0
    assert str(kept[0][0]) in capsys.readouterr().out.split()
    assert ask(data, columns) == ask(made, columns), "no partition"
    monkeypatch.chdir("/")
    if {"?", "\\"} & set(name):  # DuckDB opens no file there, but one that is copied elsewhere
        shutil.copy(data / "catalog.duckdb", tmp_path)
        data = tmp_path
    assert in_catalogue(data, COUNT) == kept
    assert in_catalogue(data, columns) == ask(made, columns)


def test_thousands_of_shards(data, ask):
    """Every one is counted; a link for each is enough."""
    manifest = json.loads((data / "corpus/_manifest.json").read_text())
    [shard] = manifest["shards"]
    for i in range(3000):
        os.link(data / "corpus" / shard["name"], data / "corpus" / f"part-x{i}.parquet")
    more = ({"name": f"part-x{i}.parquet", "unit": f"x{i}"} for i in range(3000))
    manifest["shards"] += [shard | names for names in more]
    (data / "corpus/_manifest.json").write_text(json.dumps(manifest))
    write_catalog(Storage(str(data)))
    assert ask(data, COUNT) == in_catalogue(data, COUNT) == [(shard["rows"] * 3001,)]


def test_views_and_columns_have_comments(made):
    with duckdb.connect(made / "catalog.duckdb", read_only=True) as catalog:
        views = dict(
            catalog.execute(
                "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"
            ).fetchall()
        )
        assert all(views[view_name(dataset.name)].startswith(dataset.row) for dataset in DATASETS)
        columns = catalog.execute(
            "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    comments = {(table, column): comment for table, column, comment in columns}
    for dataset in DATASETS:
        for column, meaning in dataset.columns.items():
            assert comments[view_name(dataset.name), column] == meaning
