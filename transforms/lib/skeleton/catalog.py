"""The datasets of DATA as views of DuckDB, with comments: in memory, or as `catalog.duckdb`.

A view names the shards that the manifest lists, so that it never shows what is not committed. The
catalogue names them by the absolute path of DATA, so that it can be opened from any folder; each of
its views compares the manifest with that of its making, so that it never shows another DATA's rows
where DATA was moved or copied. `SET VARIABLE quire_data = 'FOLDER'` says where DATA is now.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from schemas import DATASETS, Dataset, by_name
from schemas.exports import EXTRA_INFO, MESSAGE, REWARD_MODEL
from schemas.functions import PARAMETER
from schemas.runs import EVERY_STAGE
from transforms.lib.licences.blue_oak import ratings
from transforms.lib.skeleton.shards import MANIFEST, read_manifest
from transforms.lib.skeleton.storage import Storage

if TYPE_CHECKING:  # imported where it is used: it takes 27 MB, which stages do not need
    import duckdb

CATALOG = "catalog.duckdb"
STORAGE_VERSION = "v1.2.0"  # of the file: DuckDB 1.2 and newer can open it
MOVED = "quire_data"  # a variable of DuckDB: where DATA is, if not where the catalogue was made
GLOB_CHARACTERS = frozenset("*?[")  # DuckDB takes every path for a pattern
# What ends the name of a view's first shard, a pattern that matches a "t": where there is no such
# file, because DATA was moved, DuckDB's error shows it.
HINT = f"[t: if DATA was moved, ask with quire sql DATA, or SET VARIABLE {MOVED} to its folder]"
LICENCES_COMMENT = "the licences that count as permissive: those that the Blue Oak Council rates"
BETWEEN_PATHS = "//"  # in no absolute path, and in no name of a shard
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
    pa.list_(MESSAGE): "STRUCT(role VARCHAR, content VARCHAR)[]",
    REWARD_MODEL: "STRUCT(style VARCHAR, ground_truth VARCHAR)",
    EXTRA_INFO: 'STRUCT("index" BIGINT, split VARCHAR, problem_id VARCHAR, entry_point VARCHAR, '
    "kind VARCHAR, repo VARCHAR, licence_spdx VARCHAR)",
}


def view_name(dataset: str) -> str:
    """The name of a dataset's view.

    >>> view_name("rejects/crawl")
    'rejects_crawl'
    """
    return dataset.replace("/", "_")


def connect(data: Storage) -> duckdb.DuckDBPyConnection:
    """A connection in memory with the views of DATA, which loads no extension by itself."""
    connection = connect_to_nothing()
    manifests = _manifests(data)
    for dataset in DATASETS:
        _create_view(connection, data, dataset, _names(manifests[dataset.name]), _shards_query)
    _create_rejects_view(connection)
    _create_datasets_table(connection, manifests)
    _create_licences_table(connection)
    return connection


def connect_to_nothing() -> duckdb.DuckDBPyConnection:
    """A connection in memory without any view, which loads no extension by itself."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    return connection


def create_views(connection: duckdb.DuckDBPyConnection, data: Storage, schema: str) -> None:
    """Create a schema of DuckDB, which becomes the current one, with a view for each dataset."""
    connection.execute(f"CREATE SCHEMA {schema}")
    connection.execute(f"SET schema = '{schema}'")
    for name, manifest in _manifests(data).items():
        _create_view(connection, data, by_name(name), _names(manifest), _shards_query)


def _manifests(data: Storage) -> dict[str, dict | None]:
    return {dataset.name: read_manifest(data, dataset.name) for dataset in DATASETS}


def _names(manifest: dict | None) -> list[str]:
    return [shard["name"] for shard in manifest["shards"]] if manifest else []


def _create_view(
    connection: duckdb.DuckDBPyConnection,
    data: Storage,
    dataset: Dataset,
    names: list[str],
    query_of: Callable[[duckdb.DuckDBPyConnection, Storage, Dataset, list[str]], str],
) -> None:
    """Create the view of a dataset with the shards `names`; without rows if there are none.

    Where its first shard cannot be read, a view that says so: other datasets are not concerned.
    """
    import duckdb

    create = f"CREATE VIEW {view_name(dataset.name)} AS "
    try:
        query = query_of(connection, data, dataset, names) if names else _empty_query(dataset)
        connection.execute(create + query)
    except (duckdb.Error, OSError, pa.ArrowInvalid) as error:
        fault = f"{dataset.name} cannot be read, see `quire check`: {str(error).splitlines()[0]}"
        connection.execute(create + _empty_query(dataset, f"error({_literal(fault)})"))


def _shards_query(
    connection: duckdb.DuckDBPyConnection, data: Storage, dataset: Dataset, names: list[str]
) -> str:
    """The query for all committed rows; Arrow reads the shards that DuckDB cannot read by name."""
    if data.local and GLOB_CHARACTERS.isdisjoint(data.path()):
        return _named_shards(_literal(f"{data.path()}/{dataset.name}/"), names)
    import pyarrow.dataset as ds  # 40 ms, and most local questions do not need it

    system, root = data.filesystem()
    paths = [f"{root}/{dataset.name}/{name}" for name in names]
    [(schema,)] = connection.execute("SELECT current_schema()").fetchall()
    relation = f"{view_name(dataset.name)}_shards_of_{schema}"
    shards = ds.dataset(paths, dataset.schema, "parquet", system, partitioning=None)
    connection.register(relation, shards)
    return f"SELECT * FROM {relation}"


def _named_shards(folder: str, names: list[str]) -> str:
    """The query for the rows of the shards `names` in `folder`, an expression of SQL.

    The names are one string: a list of 10,000 takes 0.1 s to bind, at every query. A folder called
    `run=3` is no partition.
    """
    joined, between = _literal(BETWEEN_PATHS.join(names)), _literal(BETWEEN_PATHS)
    paths = f"{folder} || replace({joined}, {between}, {between} || {folder})"
    return (
        f"SELECT * FROM read_parquet(string_split({paths}, {between}), hive_partitioning = false)"
    )


def _catalog_query(
    _: duckdb.DuckDBPyConnection, data: Storage, dataset: Dataset, names: list[str]
) -> str:
    """The query for all committed rows from any folder; an error if the manifest has changed."""
    root = _literal(_pattern(data.path()))
    folder = f"rtrim(coalesce(getvariable('{MOVED}'), {root}), '/') || '/{dataset.name}/'"
    shards = _named_shards(folder, [names[0].removesuffix("t") + HINT, *names[1:]])
    digest = hashlib.sha256(data.read(f"{dataset.name}/{MANIFEST}")).hexdigest()
    fault = (
        f"{dataset.name} in {data.path()} has changed, or this catalogue was copied: "
        "ask with `quire sql DATA`, which also writes the catalogue of its DATA anew"
    )
    return (
        f"{shards} WHERE CASE WHEN (SELECT sha256(content) "
        f"FROM read_text({folder} || '{MANIFEST}')) = '{digest}' "
        f"THEN true ELSE error({_literal(fault)}) END"
    )


def _pattern(path: str) -> str:
    """The glob of DuckDB that matches the path alone.

    >>> _pattern("/data/set[1]")
    '/data/set[[]1]'
    """
    return "".join(f"[{c}]" if c in GLOB_CHARACTERS or c == "\\" else c for c in path)


def _empty_query(dataset: Dataset, condition: str = "false") -> str:
    """A query for no rows, with the right types: queries must run before every stage has run."""
    columns = [f'NULL::{_sql_type(f.type)} AS "{f.name}"' for f in dataset.schema]
    return f"SELECT {', '.join(columns)} WHERE {condition}"


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


def _create_licences_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the table `permissive_licences`: what counts as permissive, with its rating."""
    rows = ", ".join(f"({_literal(name)}, {_literal(rated)})" for name, rated in ratings().items())
    connection.execute(
        "CREATE TABLE permissive_licences AS "
        f"SELECT * FROM (VALUES {rows}) AS list(licence_spdx, rating)"
    )
    connection.execute(f"COMMENT ON TABLE permissive_licences IS {_literal(LICENCES_COMMENT)}")


def write_catalog(data: Storage) -> None:
    """Write DATA/catalog.duckdb, whole or not at all; does nothing if DATA is an object store.

    Raises OSError if the disk does not take it.
    """
    if not data.local:
        return
    import duckdb

    with tempfile.TemporaryDirectory(prefix="quire-") as folder:
        path = f"{folder}/{CATALOG}"  # DuckDB writes to no folder that has a "?" in its name
        try:
            with duckdb.connect() as connection:
                _fill_catalog(connection, data)
                connection.execute(
                    f"ATTACH {_literal(path)} AS catalog (STORAGE_VERSION '{STORAGE_VERSION}')"
                )
                # At once: each of 300 comments would be synchronised with the disk otherwise.
                connection.execute("COPY FROM DATABASE memory TO catalog")
                connection.execute("DETACH catalog")
        except duckdb.Error as error:
            line = str(error).splitlines()[0]
            raise OSError(f"{data.path(CATALOG)}: not written ({line})") from error
        with open(path, "rb") as file:
            data.put(CATALOG, file.read())


def _fill_catalog(connection: duckdb.DuckDBPyConnection, data: Storage) -> None:
    """Create the views with their comments, and the tables `datasets` and `made_for`."""
    manifests = _manifests(data)
    for dataset in DATASETS:
        names = _names(manifests[dataset.name])
        _create_view(connection, data, dataset, names, _catalog_query)
        _comment(connection, dataset, built=bool(names))
    _create_rejects_view(connection)
    _create_datasets_table(connection, manifests)
    _create_licences_table(connection)
    connection.execute("CREATE TABLE made_for (data VARCHAR)")
    connection.execute("INSERT INTO made_for VALUES (?)", [data.path()])


def is_elsewhere(connection: duckdb.DuckDBPyConnection, data: Storage) -> bool:
    """Whether DATA/catalog.duckdb was made for another folder, or by a version that did not say."""
    import duckdb

    path = data.path(CATALOG)
    if not data.local or not os.path.isfile(path):
        return False
    try:
        connection.execute(f"ATTACH {_literal(path)} AS made (READ_ONLY)")
    except duckdb.Error:  # another program writes to it, or it is no catalogue of ours
        return False
    try:
        row = connection.execute("SELECT data FROM made.made_for").fetchone()
        return row is None or not os.path.samefile(row[0], data.path())
    except (duckdb.CatalogException, OSError):
        return True
    finally:
        connection.execute("DETACH made")


def old_stages(data: Storage) -> list[str]:
    """The stages that have written a dataset with another schema than this version of quire."""
    stages = {}
    for dataset in DATASETS:
        if dataset.stage == EVERY_STAGE:  # the next run of any writes all its rows anew
            continue
        if names := _names(read_manifest(data, dataset.name)):
            with data.open(f"{dataset.name}/{names[0]}") as shard:
                if not pq.read_schema(shard).equals(dataset.schema):
                    stages[dataset.stage] = True
    return list(stages)


def _literal(value: str) -> str:
    """The value as a string literal of SQL."""
    return "'" + value.replace("'", "''") + "'"
