"""Work units: row groups of Parquet files, read in place and in bounded batches."""

import contextlib
import fnmatch
import glob
import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import Storage

UNIT_BYTES = 32_000_000  # of uncompressed Parquet; more where units would be more than MOST_UNITS
# Read at once: what a dictionary repeats takes no bytes in a file, and all of them in memory.
PIECE_ROWS = 256
ROW_BYTES = 1200  # of signals and decisions, for a row of any size
MOST_UNITS = 20_000  # each has its shards and its lines in the manifests
FOOTERS_AT_A_TIME = 16  # waiting for an object store costs nothing
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


class Part(NamedTuple):
    """Row groups `first` to `last` of one file."""

    file: str
    first: int
    last: int


@dataclass(frozen=True)
class Unit:
    """What one worker reads at a time: parts of files; `index` is its place in the plan."""

    index: int
    parts: tuple[Part, ...]
    rows: int

    @property
    def name(self) -> str:
        """The name of its shards."""
        return f"{self.index:05d}"

    def pack(self) -> bytes:
        """As it is kept and sent."""
        return json.dumps([self.index, self.parts, self.rows]).encode()

    @staticmethod
    def unpack(content: bytes) -> "Unit":
        """The unit that was packed."""
        index, parts, rows = json.loads(content)
        return Unit(index, tuple(Part(*part) for part in parts), rows)


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


@dataclass(frozen=True)
class Footer:
    """What a plan knows of a file; sizes: int64[groups], bytes that a unit reads; rows likewise."""

    file: str
    sizes: NDArray[np.int64]
    rows: NDArray[np.int64]
    content: bytes


def source_footer(file: str) -> Footer:
    """That of Parquet with source files."""
    with open_parquet(file) as parquet:
        require_columns(file, parquet.schema_arrow)
        return footer_of(file, parquet, COLUMNS)


def plan_units(
    files: Sequence[str], footer: Callable[[str], Footer] = source_footer
) -> tuple[list[Unit], str]:
    """The units of `files`, and a digest of the inputs that does not depend on where they lie.

    The digest is that of the footers: sizes, counts and statistics of every column, no content.
    """
    with ThreadPoolExecutor(FOOTERS_AT_A_TIME) as pool:
        footers = list(pool.map(footer, files) if len(files) > 1 else map(footer, files))
    digest = hashlib.sha256(b"".join(footer.content for footer in footers)).hexdigest()
    total = sum(int(footer.sizes.sum()) for footer in footers)
    return list(_gathered(footers, max(UNIT_BYTES, total // MOST_UNITS))), digest


def footer_of(file: str, parquet: pq.ParquetFile, columns: Collection[str]) -> Footer:
    """What a plan must know of a file of which `columns` are read."""
    groups = [parquet.metadata.row_group(i) for i in range(parquet.num_row_groups)]
    sizes = np.array([_bytes_read(group, columns) for group in groups], np.int64)
    rows = np.array([group.num_rows for group in groups], np.int64)
    return Footer(file, sizes, rows, footer_bytes(parquet.metadata))


def footer_bytes(metadata: pq.FileMetaData) -> bytes:
    """The footer of a file: sizes, counts and statistics of its columns."""
    sink = pa.BufferOutputStream()
    metadata.write_metadata_file(sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _gathered(footers: list[Footer], most: int) -> Iterator[Unit]:
    """Row groups in order, as many to a unit as fit into `most` bytes, but at least one."""
    index, parts, rows, held = 0, list[Part](), 0, 0
    for footer in footers:
        for group in np.flatnonzero(footer.rows).tolist():
            size = int(footer.sizes[group])
            if parts and held + size > most:
                yield Unit(index, tuple(parts), rows)
                index, parts, rows, held = index + 1, [], 0, 0
            if parts and parts[-1].file == footer.file:
                parts[-1] = parts[-1]._replace(last=group)
            else:
                parts.append(Part(footer.file, group, group))
            rows, held = rows + int(footer.rows[group]), held + size
    if parts:
        yield Unit(index, tuple(parts), rows)


def _bytes_read(meta: pq.RowGroupMetaData, columns: Collection[str]) -> int:
    """Uncompressed bytes of the columns that a unit reads, and what else it holds of each row."""
    chunks = [meta.column(i) for i in range(meta.num_columns)]
    read = sum(c.total_uncompressed_size for c in chunks if c.path_in_schema in columns)
    return int(read + ROW_BYTES * meta.num_rows)


def read_unit(unit: Unit, columns: Collection[str] = tuple(COLUMNS)) -> Iterator[pa.RecordBatch]:
    """Batches of a unit with exactly these of COLUMNS and ADDED: null where they are not there."""
    for file, first, last in unit.parts:
        with open_parquet(file) as parquet:
            for group in range(first, last + 1):
                with naming(file, group):
                    for batch in read_group(parquet, group, columns, COLUMNS):
                        yield _normalised(batch, columns)


@contextlib.contextmanager
def naming(file: str, group: int) -> Iterator[None]:
    """A fault of what is read as UsageError that names the file."""
    try:
        yield
    except (pa.ArrowInvalid, OSError) as error:
        raise UsageError(f"{file}: row group {group} cannot be read ({_line(error)})") from error


def read_group(
    parquet: pq.ParquetFile, group: int, columns: Collection[str], large: Collection[str]
) -> Iterator[pa.RecordBatch]:
    """Batches of a row group, bounded by its `large` columns; of `columns` those that are there."""
    meta = parquet.metadata.row_group(group)
    if not meta.num_rows:
        return
    rows = meta.num_rows * BATCH_BYTES // max(BATCH_BYTES, _bytes_read(meta, large))
    present = [name for name in columns if name in parquet.schema_arrow.names]
    pieces = parquet.iter_batches(
        min(PIECE_ROWS, max(1, rows)), [group], present, use_threads=False
    )
    yield from _gathered_pieces(pieces)


def _gathered_pieces(pieces: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Batches as large as they should be, of pieces that are bounded by their rows."""
    held: list[pa.RecordBatch] = []
    size = 0
    for piece in pieces:
        if held and size + piece.nbytes > BATCH_BYTES:
            yield pa.concat_batches(held)
            held, size = [], 0
        held.append(piece)
        size += piece.nbytes
    yield pa.concat_batches(held)


def _normalised(batch: pa.RecordBatch, columns: Collection[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({name: _column(batch, name) for name in columns})


def _column(batch: pa.RecordBatch, name: str) -> pa.Array:
    kind = (COLUMNS | ADDED)[name]
    if name not in batch.schema.names:
        return pa.nulls(len(batch), kind)
    column = batch[name].cast(kind)
    return column if name == "content" or column.type != pa.string() else escaped(column)


def escaped(column: pa.StringArray) -> pa.StringArray:
    """Names as UTF-8, whatever a writer put there (in content it is a reason to drop the row)."""
    raw = column.cast(pa.binary())
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        values = raw.to_pylist()
        texts = [value and value.decode("utf-8", "backslashreplace") for value in values]
        return pa.array(texts, pa.string())
