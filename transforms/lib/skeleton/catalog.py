"""The datasets of DATA as views of DuckDB, with comments: in memory, or as `catalog.duckdb`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyarrow as pa

from schemas import DATASETS, Dataset
from schemas.functions import PARAMETER
from transforms.lib.skeleton.shards import read_manifest, shard_paths
from transforms.lib.skeleton.storage import Storage

if TYPE_CHECKING:  # imported where it is used: it takes 27 MB, which stages do not need
    import duckdb

CATALOG = "catalog.duckdb"
STORAGE_VERSION = "v1.2.0"  # of the file: DuckDB 1.2 and newer can open it
SQL_TYPES = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.int32(): "INTEGER",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
    pa.list_(pa.string()): "VARCHAR[]",
    pa.list_(PARAMETER): 'STRUCT("name" VARCHAR, kind VARCHAR, annotation VARCHAR, '
    '"default" VARCHAR)[]',
}


def view_name(dataset: str) -> str:
    """The name of a dataset's view.

    >>> view_name("rejects/crawl")
    'rejects_crawl'
    """
    return dataset.replace("/", "_")


def connect(data: Storage) -> duckdb.DuckDBPyConnection:
    """A connection in memory with the views of DATA, which loads no extension by itself."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    create_views(connection, data, comments=False)
    return connection


def create_views(
    connection: duckdb.DuckDBPyConnection, data: Storage, *, comments: bool = True
) -> list[str]:
    """Create the views and the table `datasets`; returns the names of the committed datasets.

    Views name their shards relative to DATA, so that the folder can be moved. The 300 `comments` on
    their columns take 0.1 s: the catalogue has them, a single question needs none.
    """
    connection.execute(f"SET file_search_path = {_literal(data.path())}")
    manifests = {d.name: read_manifest(data, d.name) for d in DATASETS}
    for dataset in DATASETS:
        built = bool(manifests[dataset.name])
        query = _shards_query(connection, data, dataset) if built else _empty_query(dataset)
        connection.execute(f"CREATE OR REPLACE VIEW {view_name(dataset.name)} AS {query}")
        if comments:
            _comment(connection, dataset, built=built)
    _create_rejects_view(connection)
    _create_datasets_table(connection, manifests)
    return [name for name, manifest in manifests.items() if manifest]


def _shards_query(connection: duckdb.DuckDBPyConnection, data: Storage, dataset: Dataset) -> str:
    """The query for all rows; Arrow reads the shards where DuckDB would need an extension."""
    if data.local:
        return f"SELECT * FROM read_parquet({_literal(dataset.name + '/part-*.parquet')})"
    import pyarrow.dataset as ds  # 40 ms, and no local question needs it

    system, root = data.filesystem()
    paths = [f"{root}/{name}" for name in shard_paths(data, dataset.name)]
    relation = f"{view_name(dataset.name)}_shards"
    connection.register(relation, ds.dataset(paths, dataset.schema, "parquet", system))
    return f"SELECT * FROM {relation}"


def _empty_query(dataset: Dataset) -> str:
    """A query for no rows, with the right types: queries must run before every stage has run."""
    columns = [f'NULL::{_sql_type(f.type)} AS "{f.name}"' for f in dataset.schema]
    return f"SELECT {', '.join(columns)} WHERE false"


def _sql_type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"{_sql_type(kind.value_type)}[]"
    if pa.types.is_struct(kind):
        fields = [f'"{field.name}" {_sql_type(field.type)}' for field in kind]
        return f"STRUCT({', '.join(fields)})"
    return SQL_TYPES.get(kind, "BLOB")


def _comment(connection: duckdb.DuckDBPyConnection, dataset: Dataset, *, built: bool) -> None:
    """Comment on the view of a dataset and on its columns."""
    view = view_name(dataset.name)
    meaning = dataset.row if built else f"{dataset.row} (not built yet)"
    connection.execute(f"COMMENT ON VIEW {view} IS {_literal(meaning)}")
    for column, text in dataset.columns.items():
        connection.execute(f'COMMENT ON COLUMN {view}."{column}" IS {_literal(text)}')


def _create_rejects_view(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the view `rejects`: the rejects of all stages, with the stage as a column."""
    parts = [
        f"SELECT {_literal(d.stage)} AS stage, * FROM {view_name(d.name)}"
        for d in DATASETS
        if d.name.startswith("rejects/")
    ]
    connection.execute(f"CREATE OR REPLACE VIEW rejects AS {' UNION ALL BY NAME '.join(parts)}")
    connection.execute("COMMENT ON VIEW rejects IS 'every dropped row of every stage, and why'")


def _create_datasets_table(
    connection: duckdb.DuckDBPyConnection, manifests: dict[str, dict | None]
) -> None:
    """Create the table `datasets`: a row for each committed dataset, from its manifest."""
    connection.execute(
        "CREATE OR REPLACE TABLE datasets "
        "(name VARCHAR, stage VARCHAR, a_row_is VARCHAR, row_count BIGINT, bytes BIGINT, "
        "shards BIGINT)"
    )
    for dataset in DATASETS:
        if manifest := manifests[dataset.name]:
            counts = manifest["rows"], manifest["bytes"], len(manifest["shards"])
            row = [dataset.name, dataset.stage, dataset.row, *counts]
            connection.execute("INSERT INTO datasets VALUES (?, ?, ?, ?, ?, ?)", row)


def write_catalog(data: Storage) -> None:
    """Write DATA/catalog.duckdb, whole or not at all; does nothing if DATA is an object store."""
    if not data.local:
        return
    import duckdb

    scratch = data.path(f"{CATALOG}.tmp")
    if os.path.exists(scratch):
        os.unlink(scratch)
    try:
        with duckdb.connect() as connection:
            connection.execute(
                f"ATTACH {_literal(scratch)} AS catalog (STORAGE_VERSION '{STORAGE_VERSION}')"
            )
            connection.execute("USE catalog")
            connection.begin()  # otherwise each of 300 comments is synchronised with the disk
            create_views(connection, data)
            connection.commit()
            connection.execute("USE memory")
            connection.execute("DETACH catalog")
    except duckdb.IOException as error:
        raise OSError(f"{scratch}: {error}") from error
    os.replace(scratch, data.path(CATALOG))


def _literal(value: str) -> str:
    """The value as a string literal of SQL."""
    return "'" + value.replace("'", "''") + "'"
