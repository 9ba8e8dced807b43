"""The catalogue moves with DATA, can be read from another folder, and has comments."""

import shutil

import duckdb
import pytest

from schemas import DATASETS
from tests.conftest import write_files
from tests.support.inputs import rows
from transforms.lib.skeleton.catalog import view_name


@pytest.fixture
def data(tmp_path, quire):
    files = write_files(tmp_path / "in.parquet", rows(30))
    assert quire("corpus", tmp_path / "before", "--files", files, "--workers=1") == 0
    shutil.move(tmp_path / "before", tmp_path / "it's moved")
    return tmp_path / "it's moved"


def test_the_catalogue_moves_with_data(data, monkeypatch, tmp_path, ask):
    kept = ask(data, "SELECT count(*) FROM corpus")
    assert kept[0][0] > 0
    monkeypatch.chdir(data)
    with duckdb.connect("catalog.duckdb", read_only=True) as catalog:
        assert catalog.execute("SELECT count(*) FROM corpus").fetchall() == kept
    monkeypatch.chdir(tmp_path)
    search = {"file_search_path": str(data)}
    with duckdb.connect(data / "catalog.duckdb", read_only=True, config=search) as catalog:
        assert catalog.execute("SELECT count(*) FROM corpus").fetchall() == kept
        assert catalog.execute("SELECT count(*) FROM files").fetchall() == [(0,)], "not built yet"
        counts = dict(catalog.execute("SELECT name, row_count FROM datasets").fetchall())
        assert counts["corpus"] == kept[0][0] and sorted(counts) == [
            "corpus",
            "rejects/corpus",
            "signals",
        ]
        assert (
            catalog.execute(
                "SELECT DISTINCT tags['storage_version'] FROM duckdb_databases()"
                " WHERE path IS NOT NULL"
            )
            .fetchone()[0]
            .startswith("v1.2")
        )


def test_views_and_columns_have_comments(data):
    with duckdb.connect(data / "catalog.duckdb", read_only=True) as catalog:
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
