"""Rows of tables, records and whole files as texts, each with the place that it comes from."""

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contamination.text_tables import (
    FUNCTION_COLUMNS,
    LINE_COLUMNS,
    SOURCE_COLUMNS,
    TextRows,
    TextTable,
)
from transforms.lib.errors import UsageError
from transforms.lib.records.field_paths import first_field, text_at
from transforms.lib.records.fields import storable
from transforms.lib.records.input_files import fault_message, file_bytes
from transforms.lib.records.record import Record, read_records
from transforms.lib.skeleton.foreign_columns import as_texts, as_values, is_bytes, is_text
from transforms.lib.skeleton.row_groups import BATCH_BYTES
from transforms.lib.skeleton.source_columns import valid_utf8
from transforms.lib.skeleton.storage import open_input


def columns_of(paths: Iterable[str], columns: list[str]) -> list[str]:
    """The columns that paths begin with, those that there are."""
    names = dict.fromkeys(first_field(path, columns) for path in paths)
    return [name for name in names if name in columns]


def _places(table: TextTable, file: str, numbers: Sequence[int | None]) -> dict[str, list[Any]]:
    """The places of rows by their numbers in a file; the names in it are not known yet."""
    unknown: list[None] = [None] * len(numbers)
    own = table.names is not None
    return {
        **{name: unknown for name in (*SOURCE_COLUMNS, "function", "id")},
        "filename": [table.names.filename(file)] * len(numbers) if table.names else unknown,
        "file_row_number": list(numbers) if own else unknown,
    }


def _paths(table: TextTable, file: str, numbers: Iterable[int], paths: list) -> list[str]:
    """The paths of rows; of one without any, that of the file and the row's number from 1."""
    name = table.names.short(file) if table.names else os.path.basename(file)
    return [path or f"{name}#{n + 1}" for path, n in zip(paths, numbers, strict=True)]


def whole_text(table: TextTable, file: str) -> TextRows:
    """A file of text as one row. Raises UsageError that names it if it cannot be inflated."""
    with open_input(file) as opened:
        source = file_bytes(opened)
        content = b"".join(iter(source.read, b""))
    if source.fault:
        raise UsageError(f"{file}: {fault_message(source.fault)}")
    places = _places(table, file, [0])
    places["path"] = [table.names.short(file) if table.names else os.path.basename(file)]
    return TextRows(places, [1], _strings([content]))


def _strings(texts: list[bytes | None]) -> pa.StringArray:
    """Texts that nobody has checked to be UTF-8."""
    return pa.array(texts, pa.binary()).view(pa.string())


class RecordRow(NamedTuple):
    """What is kept of a record: its number in the file from 0, its text as UTF-8, and its place."""

    number: int
    text: bytes | None
    place: dict[str, str | None]
    line: int


def record_rows(table: TextTable, file: str) -> Iterator[TextRows]:
    """The records of a file in batches.

    Raises UsageError that names the line if a record has no text column or is no JSON object.
    """
    waiting, size = list[RecordRow](), 0
    for record in read_records(file):
        row = _record_row(table, record)
        waiting.append(row)
        size += len(row.text or b"")
        if size > BATCH_BYTES:
            yield _rows_of_records(table, file, waiting)
            waiting, size = [], 0
    if waiting:
        yield _rows_of_records(table, file, waiting)


def _record_row(table: TextTable, record: Record) -> RecordRow:
    values = record.values
    place = {name: _name(values.get(name)) for name in SOURCE_COLUMNS}
    place["function"] = next(filter(None, (_name(values.get(n)) for n in FUNCTION_COLUMNS)), None)
    place["id"] = _name(text_at(values, table.id_path)) if table.id_path else None
    lines = [values[name] for name in LINE_COLUMNS if isinstance(values.get(name), int)]
    return RecordRow(record.number, _record_text(table, record), place, next(iter(lines), 1) or 1)


def _name(value: Any) -> str | None:
    """A text or a number as text; a list names no place."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return storable(str(value))


def _record_text(table: TextTable, record: Record) -> bytes | None:
    """The text of a record as UTF-8, or None. Raises UsageError if it has none of the fields.

    What is not UTF-8 is kept, so that the row is rejected for it.
    """
    fields = list(record.values)
    if not columns_of(table.columns, fields):
        raise record.fault(f"no field {table.columns[0]!r}; {fields_of(record)}")
    texts = [text_at(record.values, path) for path in table.columns]
    if all(text is None for text in texts):
        return None
    return _utf8(table.glue.join(text or "" for text in texts))


def _utf8(text: str | None) -> bytes | None:
    """A text as bytes, those that were not UTF-8 as they stood."""
    if text is None:
        return None
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell
        return text.encode("utf-8", "surrogatepass")


def fields_of(record: Record) -> str:
    """What to do about a field that a record lacks."""
    return f"its fields are {', '.join(record.values):.200}; --column names those with text"


def _rows_of_records(table: TextTable, file: str, rows: list[RecordRow]) -> TextRows:
    numbers = [row.number for row in rows]
    places = _places(table, file, numbers)
    places |= {name: [row.place[name] for row in rows] for name in rows[0].place}
    places["path"] = _paths(table, file, numbers, places["path"])
    return TextRows(places, [row.line for row in rows], _strings([row.text for row in rows]))


def table_rows(table: TextTable, file: str, first: int, batch: pa.RecordBatch) -> TextRows:
    """One batch of Parquet or Arrow, whose first row is row `first` of the file (from 0)."""
    numbers = range(first, first + len(batch))
    places = _places(table, file, numbers)
    places |= {name: _names(batch, name) for name in SOURCE_COLUMNS}
    function = next((name for name in FUNCTION_COLUMNS if name in batch.schema.names), "function")
    places["function"] = _names(batch, function)
    if table.id_path:
        places["id"] = valid_utf8(_texts(batch, table.id_path)).to_pylist()
    places["path"] = _paths(table, file, numbers, places["path"])
    return TextRows(places, _first_lines(batch), _joined(batch, table))


def _names(batch: pa.RecordBatch, name: str) -> list[str | None]:
    """A column as strings; nulls if the rows lack it or it is nested (a list names no place)."""
    if name not in batch.schema.names:
        return [None] * len(batch)
    names: list[str | None] = valid_utf8(as_texts(batch[name])).to_pylist()
    return names


def _first_lines(batch: pa.RecordBatch) -> list[int]:
    """The lines at which the texts begin in their files; 1 where the table does not say."""
    for name in LINE_COLUMNS:
        if name in batch.schema.names and pa.types.is_integer(batch.schema.field(name).type):
            return [line or 1 for line in batch[name].to_pylist()]
    return [1] * len(batch)


def _texts(batch: pa.RecordBatch, path: str) -> pa.StringArray:
    """The texts at a path of each row, which may not be UTF-8; null where there is none."""
    name = first_field(path, batch.schema.names)
    kind = batch.schema.field(name).type
    if path == name and (is_text(kind) or is_bytes(kind)):
        return as_texts(batch[name])
    return _strings([_utf8(text_at({name: value}, path)) for value in as_values(batch[name])])


def _joined(batch: pa.RecordBatch, table: TextTable) -> pa.Array:
    """The text of each row; null where all of its columns are null."""
    columns = [_texts(batch, path) for path in table.columns]
    if len(columns) == 1:
        return columns[0]
    # Nulls are filled first: Arrow's own way to skip them loses rows that have nothing else.
    filled = [column.fill_null("") for column in columns]
    joined = pc.binary_join_element_wise(*filled, pa.scalar(table.glue))
    any_valid = reduce(pc.or_, (column.is_valid() for column in columns))
    return pc.if_else(any_valid, joined, pa.scalar(None, pa.string()))
