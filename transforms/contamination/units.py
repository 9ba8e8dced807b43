"""Tables of texts as work units: datasets, and files of almost any kind, read in place."""

import itertools
import json
import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256

import numpy as np
import pyarrow as pa

from transforms.contamination.text_rows import (
    columns_of,
    fields_of,
    record_rows,
    table_rows,
    whole_text,
)
from transforms.contamination.text_tables import (
    CHECKED_DATASETS,
    FUNCTION_COLUMNS,
    INPUT_ROW_COLUMNS,
    LINE_COLUMNS,
    PLACE_COLUMNS,
    SOURCE_COLUMNS,
    TextRows,
    TextTable,
)
from transforms.lib.errors import UsageError
from transforms.lib.records.arrow_batches import arrow_batches, arrow_schema
from transforms.lib.records.field_paths import first_field, missing_step, steps, text_at
from transforms.lib.records.file_kinds import ARROW, PARQUET, TEXT, kind_of
from transforms.lib.records.input_files import digest
from transforms.lib.records.record import read_records
from transforms.lib.skeleton.foreign_columns import is_bytes, is_text
from transforms.lib.skeleton.parquet_files import open_parquet
from transforms.lib.skeleton.read_units import read_part, rows_before
from transforms.lib.skeleton.source_columns import require_single
from transforms.lib.skeleton.storage import open_input
from transforms.lib.skeleton.units import Footer, Part, Unit, footer_of, plan_units

__all__ = [
    "CHECKED_DATASETS",
    "INPUT_ROW_COLUMNS",
    "PLACE_COLUMNS",
    "PlannedTables",
    "TextRows",
    "TextTable",
    "plan_texts",
    "read_texts",
]

LOOKED_AT = 100  # records in which a field must be, or its name is taken for a mistake


@dataclass(frozen=True)
class PlannedTables:
    """The tables of a plan, and the index of each one's first unit."""

    tables: tuple[TextTable, ...]
    first: tuple[int, ...]

    def of(self, unit: Unit) -> TextTable:
        """The table that a unit belongs to."""
        return self.tables[bisect_right(self.first, unit.index) - 1]


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
        names = [table.names.filename(file) for file in files] if table.names else []
        digests.append((table.dataset, table.columns, table.id_path, names, inputs))
    tables = PlannedTables(tuple(table for table, _ in files_of), tuple(first))
    return units, tables, sha256(json.dumps(digests).encode()).hexdigest()


def _kind(table: TextTable, file: str) -> str:
    """The kind of a file; a shard of DATA need not be looked into."""
    shard = table.names is None and file.endswith(".parquet")
    return PARQUET if shard else kind_of(file)


def _footer(table: TextTable, file: str) -> Footer:
    """What the plan needs of a file. All but Parquet is one group, whose rows are not counted."""
    kind = _kind(table, file)
    if kind == PARQUET:
        with open_parquet(file) as parquet:
            _require_columns(table, file, parquet.schema_arrow)
            return footer_of(file, parquet, columns_of(table.columns, parquet.schema_arrow.names))
    if kind == ARROW:
        _require_columns(table, file, arrow_schema(file))
    elif kind != TEXT:
        _require_fields(table, file)
    with open_input(file) as opened:
        size = np.array([opened.seek(0, os.SEEK_END)], np.int64)
    return Footer(file, size, np.ones(1, np.int64), digest(file).encode())


def _require_columns(table: TextTable, file: str, schema: pa.Schema) -> None:
    """Raise UsageError that names the file if it lacks a column, or one holds no text."""
    for path in table.paths():
        name = first_field(path, schema.names)
        if name not in schema.names:
            columns = ", ".join(schema.names)
            raise UsageError(f"{file}: no column {name!r}; its columns are {columns:.200}")
        require_single(file, schema, [name])
        kind = schema.field(name).type
        if missing := missing_step(kind, () if path == name else steps(path)[1:]):
            raise UsageError(f"{file}: column {path!r}: {missing}")
        textual = is_text(kind) or is_bytes(kind) or pa.types.is_nested(kind)
        if path != table.id_path and not textual:
            raise UsageError(f"{file}: column {name!r} is {kind}, not string")


def _require_fields(table: TextTable, file: str) -> None:
    """Raise UsageError if a field is in none of the first records of a file, or leads to no text.

    A field of the records themselves may be null in all of them.
    """
    records = list(itertools.islice(read_records(file), LOOKED_AT))
    missing = [path for path in table.paths() if not _is_in(path, [r.values for r in records])]
    if records and (table.id_path in missing or len(missing) >= len(table.columns)):
        raise records[0].fault(f"no field {missing[0]!r}; {fields_of(records[0])}")


def _is_in(path: str, records: list[dict]) -> bool:
    whole = any(path in record for record in records)
    return whole or any(text_at(record, path) is not None for record in records)


def read_texts(table: TextTable, unit: Unit) -> Iterator[TextRows]:
    """The rows of a unit in batches of bounded size.

    Raises UsageError that names the file if it cannot be read.
    """
    for part in unit.parts:
        kind = _kind(table, part.file)
        if kind == TEXT:
            yield whole_text(table, part.file)
        elif kind in (PARQUET, ARROW):
            row = rows_before(part) if kind == PARQUET else 0
            for batch in _batches(table, part, kind):
                yield table_rows(table, part.file, row, batch)
                row += len(batch)
        else:
            yield from record_rows(table, part.file)


def _batches(table: TextTable, part: Part, kind: str) -> Iterator[pa.RecordBatch]:
    """The batches of a part, with the columns of the texts and of the places that it has once."""
    if kind == ARROW:
        names = arrow_schema(part.file).names
    else:
        with open_parquet(part.file) as parquet:
            names = parquet.schema_arrow.names
    places = (*SOURCE_COLUMNS, *FUNCTION_COLUMNS, *LINE_COLUMNS)
    single = [name for name in places if names.count(name) == 1]
    columns = columns_of((*table.paths(), *single), names)
    if kind == ARROW:
        return (batch.select(columns) for batch in arrow_batches(part.file))
    return read_part(part, columns, columns_of(table.columns, names))
