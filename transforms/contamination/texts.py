"""Tables of texts as work units: any Parquet or JSON Lines with a text column, read in place."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.errors import UsageError
from transforms.evals.records import Record, digest, read_records
from transforms.units import BATCH_BYTES, UNIT_BYTES, open_parquet

# What tells where a text stands; null where the table does not have it.
NAMES = ("repo", "path", "commit", "function")
FUNCTIONS = ("qualname", "function", "entry_point")  # columns that name a function, the first wins
LINES = ("line_start", "start_line")  # columns with the line that a text begins at in its file


@dataclass(frozen=True)
class Table:
    """Files of one table; the text of a row is that of `columns`, one after the other.

    granularity: what a row is, as `removed` says it: file, function, problem or row.
    """

    dataset: str
    granularity: str
    columns: tuple[str, ...]
    glue: str
    files: tuple[str, ...]


# Datasets of DATA that are checked, where they are: name, granularity, columns with text, glue.
DATASETS = (
    ("corpus", "file", ("content",), ""),
    ("functions", "function", ("prompt", "body"), ""),
    ("problems", "problem", ("prompt", "canonical_solution", "test"), "\n"),
)


@dataclass(frozen=True)
class TextUnit:
    """Row groups (or whole files of JSON Lines) of one table; `index` is its place in the plan."""

    index: int
    table: Table
    pieces: tuple[tuple[str, int], ...]

    @property
    def name(self) -> str:
        """The name of its shards."""
        return f"{self.index:05d}"


@dataclass(frozen=True)
class Texts:
    """Rows of a table, by column: what NAMES tells, the line a text begins at, and the text."""

    names: dict[str, list[str | None]]
    lines: list[int]
    content: pa.Array

    def __len__(self) -> int:
        return len(self.content)


def plan_texts(tables: Iterable[Table]) -> tuple[list[TextUnit], str]:
    """The units of tables, and a digest of the inputs that does not depend on where they lie."""
    units: list[TextUnit] = []
    told = hashlib.sha256()
    for table in tables:
        told.update(repr((table.dataset, table.columns)).encode())
        pieces = [piece for file in table.files for piece in _pieces(table, file, told)]
        for group in _packed(pieces):
            units.append(TextUnit(len(units), table, group))
    return units, told.hexdigest()


def _pieces(table: Table, file: str, told: Any) -> Iterator[tuple[str, int, int]]:
    """File, row group and bytes of all that is to be read; digests a footer, or all of a file."""
    if not file.endswith(".parquet"):
        told.update(digest(file).encode())
        yield file, 0, os.path.getsize(file)
        return
    with open_parquet(file) as parquet:
        _require_columns(table, file, parquet.schema_arrow)
        sink = pa.BufferOutputStream()
        parquet.metadata.write_metadata_file(sink)
        told.update(sink.getvalue())
        for group in range(parquet.num_row_groups):
            meta = parquet.metadata.row_group(group)
            if meta.num_rows:
                yield file, group, _size(meta, table)


def _packed(pieces: list[tuple[str, int, int]]) -> Iterator[tuple[tuple[str, int], ...]]:
    pending: list[tuple[str, int]] = []
    held = 0
    for file, group, size in pieces:
        if pending and held + size > UNIT_BYTES:
            yield tuple(pending)
            pending, held = [], 0
        pending.append((file, group))
        held += size
    if pending:
        yield tuple(pending)


def _size(meta: pq.RowGroupMetaData, table: Table) -> int:
    """Uncompressed bytes of the columns with text."""
    chunks = [meta.column(i) for i in range(meta.num_columns)]
    return sum(c.total_uncompressed_size for c in chunks if c.path_in_schema in table.columns)


def _require_columns(table: Table, file: str, schema: pa.Schema) -> None:
    for name in table.columns:
        if name not in schema.names:
            there = ", ".join(schema.names)
            raise UsageError(f"{file}: no column {name!r}; there are {there:.200}")
        kind = schema.field(name).type
        plain = kind.value_type if pa.types.is_dictionary(kind) else kind
        if plain not in (pa.string(), pa.large_string(), pa.string_view(), pa.null()):
            raise UsageError(f"{file}: column {name!r} is {kind}, not string")


def read_texts(unit: TextUnit) -> Iterator[Texts]:
    """The rows of a unit in bounded batches; UsageError if a file cannot be read."""
    for file, group in unit.pieces:
        read = _parquet if file.endswith(".parquet") else _json_lines
        yield from read(unit.table, file, group)


def _parquet(table: Table, file: str, group: int) -> Iterator[Texts]:
    with open_parquet(file) as parquet:
        meta = parquet.metadata.row_group(group)
        rows = max(1, meta.num_rows * BATCH_BYTES // max(BATCH_BYTES, _size(meta, table)))
        present = [name for name in _wanted(table) if name in parquet.schema_arrow.names]
        first = sum(parquet.metadata.row_group(g).num_rows for g in range(group)) + 1
        try:
            for batch in parquet.iter_batches(rows, [group], present, use_threads=False):
                yield _texts(table, file, first, pa.Table.from_batches([batch]))
                first += len(batch)
        except (pa.ArrowInvalid, OSError) as error:
            text = str(error).split("\n")[0][:200]
            raise UsageError(f"{file}: row group {group} cannot be read ({text})") from error


def _json_lines(table: Table, file: str, _group: int) -> Iterator[Texts]:
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
    values = rows[name].cast(pa.string()).cast(pa.binary()).to_pylist()
    return [value and value.decode("utf-8", "backslashreplace") for value in values]


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
