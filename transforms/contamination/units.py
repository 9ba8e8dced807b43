"""Tables of texts as work units: any Parquet or JSON Lines with text columns, read in place."""

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

from transforms.lib.errors import UsageError
from transforms.lib.records.input_files import digest
from transforms.lib.records.record import Record, read_records
from transforms.lib.skeleton.row_groups import BATCH_BYTES
from transforms.lib.skeleton.storage import open_input
from transforms.lib.skeleton.units import (
    Footer,
    Unit,
    footer_of,
    open_parquet,
    plan_units,
    read_part,
    rows_before,
    valid_utf8,
)

PLACE_COLUMNS = ("repo", "path", "commit", "function")  # where a text comes from
FUNCTION_COLUMNS = ("qualname", "function", "entry_point")  # may name a function; the first wins
LINE_COLUMNS = ("line_start", "start_line")  # may hold the line at which a text begins in its file


@dataclass(frozen=True)
class TextTable:
    """A table whose rows are texts: the text of a row is its `columns`, with `glue` between them.

    granularity: what a row is, as `removed` says it: file, function, problem or row.
    """

    dataset: str
    granularity: str
    columns: tuple[str, ...]
    glue: str


# The datasets of DATA that are checked if they exist.
CHECKED_DATASETS = (
    TextTable("corpus", "file", ("content",), ""),
    TextTable("functions", "function", ("prompt", "body"), ""),
    TextTable("problems", "problem", ("prompt", "canonical_solution", "test"), "\n"),
)


@dataclass(frozen=True)
class PlannedTables:
    """The tables of a plan, and the index of each one's first unit."""

    tables: tuple[TextTable, ...]
    first: tuple[int, ...]

    def of(self, unit: Unit) -> TextTable:
        """The table that a unit belongs to."""
        return self.tables[bisect_right(self.first, unit.index) - 1]


@dataclass(frozen=True)
class TextRows:
    """Some rows of a table, by column.

    places: a list for each of PLACE_COLUMNS, null where the table does not say; lines: the line
    of its file at which each text begins, from 1; content: the texts, string.
    """

    places: dict[str, list[str | None]]
    lines: list[int]
    content: pa.Array

    def __len__(self) -> int:
        return len(self.content)


def plan_texts(
    files_of: Sequence[tuple[TextTable, Sequence[str]]],
) -> tuple[list[Unit], PlannedTables, str]:
    """The units of tables with their files, and a digest of the inputs, as `plan_units` makes it.

    Raises UsageError if a file cannot be read or lacks a column.
    """
    units: list[Unit] = []
    first, digests = [], []
    for table, files in files_of:
        first.append(len(units))
        planned, inputs = plan_units(files, partial(_footer, table))
        units += [replace(unit, index=unit.index + first[-1]) for unit in planned]
        digests.append((table.dataset, table.columns, inputs))
    tables = PlannedTables(tuple(table for table, _ in files_of), tuple(first))
    return units, tables, sha256(json.dumps(digests).encode()).hexdigest()


def _footer(table: TextTable, file: str) -> Footer:
    """What the plan needs of a file. JSON Lines are one group, whose rows are not counted."""
    if not file.endswith(".parquet"):
        with open_input(file) as lines:
            size = np.array([lines.seek(0, os.SEEK_END)], np.int64)
        return Footer(file, size, np.ones(1, np.int64), digest(file).encode())
    with open_parquet(file) as parquet:
        _require_columns(table, file, parquet.schema_arrow)
        return footer_of(file, parquet, table.columns)


def _require_columns(table: TextTable, file: str, schema: pa.Schema) -> None:
    for name in table.columns:
        if name not in schema.names:
            columns = ", ".join(schema.names)
            raise UsageError(f"{file}: no column {name!r}; its columns are {columns:.200}")
        kind = schema.field(name).type
        plain = kind.value_type if pa.types.is_dictionary(kind) else kind
        if plain not in (pa.string(), pa.large_string(), pa.string_view(), pa.null()):
            raise UsageError(f"{file}: column {name!r} is {kind}, not string")


def read_texts(table: TextTable, unit: Unit) -> Iterator[TextRows]:
    """The rows of a unit in batches of bounded size.

    Raises UsageError that names the file if it cannot be read.
    """
    for part in unit.parts:
        if not part.file.endswith(".parquet"):
            yield from _json_lines(table, part.file)
            continue
        row = rows_before(part) + 1
        for batch in read_part(part, _columns_to_read(table), table.columns):
            yield _text_rows(table, part.file, row, pa.Table.from_batches([batch]))
            row += len(batch)


def _json_lines(table: TextTable, file: str) -> Iterator[TextRows]:
    """The records of a file in batches.

    Raises UsageError that names the line if a record has no text column or is no JSON object.
    """
    rows: list[dict[str, bytes | None]] = []
    first, size = 1, 0
    for record in read_records(file):
        row = {name: _bytes(record, name) for name in _columns_to_read(table)}
        if not any(name in record.values for name in table.columns):
            record.value(*table.columns)
        rows.append(row)
        size += sum(len(row[name] or b"") for name in table.columns)
        if size > BATCH_BYTES:
            yield _text_rows(table, file, first, _arrow_table(rows))
            first, rows, size = first + len(rows), [], 0
    if rows:
        yield _text_rows(table, file, first, _arrow_table(rows))


def _bytes(record: Record, name: str) -> bytes | None:
    """A text or a number of a record as UTF-8; None where it has none.

    Half of a surrogate pair is kept, so that the row is rejected like any other that is not UTF-8.
    """
    value = record.values.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
        raise record.fault(f"field {name!r} is not text")
    return None if value is None else str(value).encode("utf-8", "surrogatepass")


def _arrow_table(rows: list[dict[str, bytes | None]]) -> pa.Table:
    columns = {name: pa.array([row[name] for row in rows], pa.binary()) for name in rows[0]}
    return pa.table({name: column.view(pa.string()) for name, column in columns.items()})


def _columns_to_read(table: TextTable) -> list[str]:
    return list(dict.fromkeys((*table.columns, *PLACE_COLUMNS, *FUNCTION_COLUMNS, *LINE_COLUMNS)))


def _text_rows(table: TextTable, file: str, first: int, rows: pa.Table) -> TextRows:
    """One batch, whose first row is row `first` of the file (from 1).

    The path of a row without one is the file's name and the row's number.
    """
    columns = rows.column_names
    places = {name: _strings(rows, name) for name in PLACE_COLUMNS}
    function = next((name for name in FUNCTION_COLUMNS if name in columns), "function")
    places["function"] = _strings(rows, function)
    name = os.path.basename(file)
    places["path"] = [path or f"{name}#{first + i}" for i, path in enumerate(places["path"])]
    return TextRows(places, _first_lines(rows), _joined(rows, table))


def _first_lines(rows: pa.Table) -> list[int]:
    """The lines at which the texts begin in their files; 1 where the table does not say."""
    for name in LINE_COLUMNS:
        if name in rows.column_names and pa.types.is_integer(rows.schema.field(name).type):
            return [line or 1 for line in rows[name].to_pylist()]
    return [1] * len(rows)


def _strings(rows: pa.Table, name: str) -> list[str | None]:
    """A column as strings; nulls if the rows lack it or it is nested (a list names no place)."""
    if name not in rows.column_names or pa.types.is_nested(rows.schema.field(name).type):
        return [None] * len(rows)
    strings: list[str | None] = valid_utf8(rows[name].cast(pa.string())).to_pylist()
    return strings


def _joined(rows: pa.Table, table: TextTable) -> pa.Array:
    """The text of each row; null where all of its columns are null."""
    columns = [rows[name].cast(pa.string()).combine_chunks() for name in table.columns]
    if len(columns) == 1:
        return columns[0]
    # Nulls are filled first: Arrow's own way to skip them loses rows that have nothing else.
    filled = [column.fill_null("") for column in columns]
    joined = pc.binary_join_element_wise(*filled, pa.scalar(table.glue))
    any_valid = reduce(pc.or_, (column.is_valid() for column in columns))
    return pc.if_else(any_valid, joined, pa.scalar(None, pa.string()))
