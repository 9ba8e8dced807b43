"""Work units: row groups of Parquet files, read in place and in bounded batches."""

import fnmatch
import glob
import hashlib
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.errors import UsageError
from transforms.storage import Storage

UNIT_BYTES = 32_000_000  # of uncompressed Parquet
BATCH_BYTES = 8_000_000  # of it: what one worker holds at a time
REQUIRED = {name: pa.string() for name in ("repo", "path", "content")}
OPTIONAL = {
    "commit": pa.string(),
    "licence_spdx": pa.string(),
    "stars": pa.int64(),
    "size": pa.int64(),
}
COLUMNS = REQUIRED | OPTIONAL
ADDED = {"sha256": pa.string(), "split": pa.string()}  # by corpus, to what it was given


@dataclass(frozen=True)
class Unit:
    """Row groups that one worker reads at a time; `index` is its place in the plan."""

    index: int
    row_groups: tuple[tuple[str, int], ...]

    @property
    def name(self) -> str:
        """The name of its shards."""
        return f"{self.index:05d}"


def matches(pattern: str) -> list[str]:
    """Files that a glob names, as paths or URLs, sorted; UsageError if there is none."""
    if "://" in pattern:
        folder, _, last = pattern.rpartition("/")
        names = Storage(folder).list("")
        found = [f"{folder}/{name}" for name in names if fnmatch.fnmatch(name, last)]
    else:
        found = [os.path.abspath(name) for name in glob.glob(pattern, recursive=True)]
    if not found:
        raise UsageError(f"{pattern}: no such file")
    return sorted(found)


def open_parquet(file: str) -> pq.ParquetFile:
    """The file opened; UsageError that names it if it is no whole Parquet file."""
    folder, _, name = file.rpartition("/")
    try:
        return pq.ParquetFile(Storage(folder or "/").open(name), pre_buffer=False)
    except (pa.ArrowInvalid, OSError) as error:
        raise UsageError(f"{file}: not a readable Parquet file ({_line(error)})") from error


def _line(error: BaseException) -> str:
    return str(error).split("\n")[0][:200]


def require_columns(file: str, schema: pa.Schema) -> None:
    """UsageError that names the file and the column if it cannot be read as source files."""
    for name in REQUIRED:
        if name not in schema.names:
            raise UsageError(f"{file}: no column {name!r}; needed are repo, path, content")
    for name, kind in COLUMNS.items():
        given = schema.field(name).type if name in schema.names else kind
        if not _fits(given, kind):
            raise UsageError(f"{file}: column {name!r} is {given}, not {kind}")


def _fits(given: pa.DataType, kind: pa.DataType) -> bool:
    """Whether a column can be read as `kind`."""
    if pa.types.is_dictionary(given):
        return _fits(given.value_type, kind)
    if kind == pa.string():
        return given in (pa.string(), pa.large_string(), pa.string_view(), pa.null())
    numeric = pa.types.is_integer(given) or pa.types.is_floating(given)
    return bool(numeric or given == pa.null())


def plan_units(files: list[str]) -> tuple[list[Unit], str]:
    """The units of `files`, and a digest of the inputs that does not depend on where they lie.

    The digest is that of the footers: sizes, counts and statistics of every column, no content.
    """
    units: list[Unit] = []
    pending: list[tuple[str, int]] = []
    held = 0
    digest = hashlib.sha256()
    for file in files:
        with open_parquet(file) as parquet:
            require_columns(file, parquet.schema_arrow)
            digest.update(_footer(parquet.metadata))
            for group in range(parquet.num_row_groups):
                meta = parquet.metadata.row_group(group)
                size = _bytes_read(meta)
                if not meta.num_rows:
                    continue
                if pending and held + size > UNIT_BYTES:
                    units.append(Unit(len(units), tuple(pending)))
                    pending, held = [], 0
                pending.append((file, group))
                held += size
    if pending:
        units.append(Unit(len(units), tuple(pending)))
    return units, digest.hexdigest()


def _footer(metadata: pq.FileMetaData) -> bytes:
    sink = pa.BufferOutputStream()
    metadata.write_metadata_file(sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _bytes_read(meta: pq.RowGroupMetaData) -> int:
    """Uncompressed bytes of the columns that a unit reads."""
    chunks = [meta.column(i) for i in range(meta.num_columns)]
    return sum(c.total_uncompressed_size for c in chunks if c.path_in_schema in COLUMNS)


def read_unit(unit: Unit, columns: Collection[str] = tuple(COLUMNS)) -> Iterator[pa.RecordBatch]:
    """Batches of a unit with exactly these of COLUMNS and ADDED: null where they are not there."""
    for file, group in unit.row_groups:
        with open_parquet(file) as parquet:
            yield from _read_group(parquet, file, group, columns)


def _read_group(
    parquet: pq.ParquetFile, file: str, group: int, columns: Collection[str]
) -> Iterator[pa.RecordBatch]:
    meta = parquet.metadata.row_group(group)
    rows = max(1, meta.num_rows * BATCH_BYTES // max(BATCH_BYTES, _bytes_read(meta)))
    present = [name for name in columns if name in parquet.schema_arrow.names]
    try:
        for batch in parquet.iter_batches(rows, [group], present, use_threads=False):
            yield _normalised(batch, columns)
    except (pa.ArrowInvalid, OSError) as error:
        raise UsageError(f"{file}: row group {group} cannot be read ({_line(error)})") from error


def _normalised(batch: pa.RecordBatch, columns: Collection[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({name: _column(batch, name) for name in columns})


def _column(batch: pa.RecordBatch, name: str) -> pa.Array:
    kind = (COLUMNS | ADDED)[name]
    if name not in batch.schema.names:
        return pa.nulls(len(batch), kind)
    column = batch[name].cast(kind)
    return column if name == "content" or column.type != pa.string() else _escaped(column)


def _escaped(column: pa.StringArray) -> pa.StringArray:
    """Names as UTF-8, whatever a writer put there (in content it is a reason to drop the row)."""
    raw = column.cast(pa.binary())
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        values = raw.to_pylist()
        texts = [value and value.decode("utf-8", "backslashreplace") for value in values]
        return pa.array(texts, pa.string())
