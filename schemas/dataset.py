"""A dataset: its name, the stage that writes it, its Arrow schema, and what its columns mean."""

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Dataset:
    """A named table under DATA; every shard of it has exactly `schema`, even an empty one.

    `row` says in one line what a row is, `columns` what each column means. Both are comments in
    the catalogue. `folders` says whether files in folders stand beside its shards.
    """

    name: str
    stage: str
    row: str
    schema: pa.Schema
    columns: dict[str, str]
    folders: bool = False


def dataset(
    name: str,
    stage: str,
    row: str,
    *fields: tuple[str, pa.DataType, str],
    folders: bool = False,
) -> Dataset:
    """A Dataset from (column, Arrow type, meaning) triples."""
    schema = pa.schema([(column, kind) for column, kind, _ in fields])
    columns = {column: meaning for column, _, meaning in fields}
    return Dataset(name, stage, row, schema, columns, folders)
