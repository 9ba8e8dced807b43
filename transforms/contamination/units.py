"""Tables of texts as work units: any Parquet or JSON Lines with a text column, read in place."""

import json
import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial, reduce
from hashlib import sha256

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.lib.errors import UsageError
from transforms.lib.records.input_files import digest, open_file
from transforms.lib.records.record import Record, read_records
from transforms.lib.skeleton.units import (
    BATCH_BYTES,
    Footer,
    Unit,
    escaped,
    footer_of,
    naming,
    open_parquet,
    plan_units,
    read_group,
)

# What tells where a text stands; null where the table does not have it.
NAMES = ("repo", "path", "commit", "function")
FUNCTIONS = ("qualname", "function", "entry_point")  # columns that name a function, the first wins
LINES = ("line_start", "start_line")  # columns with the line that a text begins at in its file


@dataclass(frozen=True)
class Table:
    """A table whose rows are texts: that of a row is its `columns`, one after the other.

    granularity: what a row is, as `removed` says it: file, function, problem or row.
    """

    dataset: str
    granularity: str
    columns: tuple[str, ...]
    glue: str


# The datasets of DATA that are checked, where they are.
CHECKED = (
    Table("corpus", "file", ("content",), ""),
    Table("functions", "function", ("prompt", "body"), ""),
    Table("problems", "problem", ("prompt", "canonical_solution", "test"), "\n"),
)


@dataclass(frozen=True)
class Tables:
    """The tables of a plan, and the first unit of each."""

    tables: tuple[Table, ...]
    first: tuple[int, ...]

    def of(self, unit: Unit) -> Table:
        """The table that a unit is of."""
        return self.tables[bisect_right(self.first, unit.index) - 1]


@dataclass(frozen=True)
class Texts:
    """Rows of a table, by column: what NAMES tells, the line a text begins at, and the text."""

    names: dict[str, list[str | None]]
    lines: list[int]
    content: pa.Array

    def __len__(self) -> int:
        return len(self.content)


def plan_texts(found: Sequence[tuple[Table, Sequence[str]]]) -> tuple[list[Unit], Tables, str]:
    """The units of tables and their files, and a digest as that of `plan_units`."""
    units: list[Unit] = []
    first, told = [], []
    for table, files in found:
        first.append(len(units))
        planned, inputs = plan_units(files, partial(_footer, table))
        units += [replace(unit, index=unit.index + first[-1]) for unit in planned]
        told.append((table.dataset, table.columns, inputs))
    tables = Tables(tuple(table for table, _ in found), tuple(first))
    return units, tables, sha256(json.dumps(told).encode()).hexdigest()


def _footer(table: Table, file: str) -> Footer:
    """Of JSON Lines all is one group, whose rows nobody has counted."""
    if not file.endswith(".parquet"):
        with open_file(file) as lines:
            size = np.array([lines.seek(0, os.SEEK_END)], np.int64)
        return Footer(file, size, np.ones(1, np.int64), digest(file).encode())
    with open_parquet(file) as parquet:
        _require_columns(table, file, parquet.schema_arrow)
        return footer_of(file, parquet, table.columns)


def _require_columns(table: Table, file: str, schema: pa.Schema) -> None:
    for name in table.columns:
        if name not in schema.names:
            there = ", ".join(schema.names)
            raise UsageError(f"{file}: no column {name!r}; there are {there:.200}")
        kind = schema.field(name).type
        plain = kind.value_type if pa.types.is_dictionary(kind) else kind
        if plain not in (pa.string(), pa.large_string(), pa.string_view(), pa.null()):
            raise UsageError(f"{file}: column {name!r} is {kind}, not string")


def read_texts(table: Table, unit: Unit) -> Iterator[Texts]:
    """The rows of a unit in bounded batches; UsageError if a file cannot be read."""
    for file, first, last in unit.parts:
        if not file.endswith(".parquet"):
            yield from _json_lines(table, file)
            continue
        with open_parquet(file) as parquet:
            for group in range(first, last + 1):
                with naming(file, group):
                    yield from _row_group(table, file, parquet, group)


def _row_group(table: Table, file: str, parquet: pq.ParquetFile, group: int) -> Iterator[Texts]:
    row = sum(parquet.metadata.row_group(g).num_rows for g in range(group)) + 1
    for batch in read_group(parquet, group, _wanted(table), table.columns):
        yield _texts(table, file, row, pa.Table.from_batches([batch]))
        row += len(batch)


def _json_lines(table: Table, file: str) -> Iterator[Texts]:
    """Batches of the records of a file; a record without the text column is an error."""
    held: list[dict[str, bytes | None]] = []
    first, size = 1, 0
    for record in read_records(file):
        row = {name: _bytes(record, name) for name in _wanted(table)}
        if not any(name in record.values for name in table.columns):
            record.value(*table.columns)
        held.append(row)
        size += sum(len(row[name] or b"") for name in table.columns)
        if size > BATCH_BYTES:
            yield _texts(table, file, first, _table(held))
            first, held, size = first + len(held), [], 0
    if held:
        yield _texts(table, file, first, _table(held))


def _bytes(record: Record, name: str) -> bytes | None:
    """A text or a number of a record; what is no Unicode is found out as in any other input."""
    value = record.values.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
        raise record.fault(f"field {name!r} is no text")
    return None if value is None else str(value).encode("utf-8", "surrogatepass")


def _table(rows: list[dict[str, bytes | None]]) -> pa.Table:
    columns = {name: pa.array([row[name] for row in rows], pa.binary()) for name in rows[0]}
    return pa.table({name: column.view(pa.string()) for name, column in columns.items()})


def _wanted(table: Table) -> list[str]:
    return list(dict.fromkeys((*table.columns, *NAMES, *FUNCTIONS, *LINES)))


def _texts(table: Table, file: str, first: int, rows: pa.Table) -> Texts:
    """One batch; a row without a path is named by its file and its number there, from 1."""
    there = rows.column_names
    names = {name: _strings(rows, name) for name in NAMES}
    function = next((name for name in FUNCTIONS if name in there), "function")
    names["function"] = _strings(rows, function)
    stem = os.path.basename(file)
    names["path"] = [path or f"{stem}#{first + i}" for i, path in enumerate(names["path"])]
    counts = [n for n in LINES if n in there and pa.types.is_integer(rows.schema.field(n).type)]
    told = rows[counts[0]].to_pylist() if counts else [1] * len(rows)
    lines = [number or 1 for number in told]
    return Texts(names, lines, _joined(rows, table))


def _strings(rows: pa.Table, name: str) -> list[str | None]:
    """A column as text; of lists and the like nothing, as they name no place."""
    if name not in rows.column_names or pa.types.is_nested(rows.schema.field(name).type):
        return [None] * len(rows)
    named: list[str | None] = escaped(rows[name].cast(pa.string())).to_pylist()
    return named


def _joined(rows: pa.Table, table: Table) -> pa.Array:
    """The text of each row; null where all of its columns are."""
    columns = [rows[name].cast(pa.string()).combine_chunks() for name in table.columns]
    if len(columns) == 1:
        return columns[0]
    # Filled, as Arrow's own way to skip nulls loses rows that have nothing else.
    filled = [column.fill_null("") for column in columns]
    joined = pc.binary_join_element_wise(*filled, pa.scalar(table.glue))
    told = reduce(pc.or_, (column.is_valid() for column in columns))
    return pc.if_else(told, joined, pa.scalar(None, pa.string()))
