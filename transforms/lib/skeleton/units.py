"""Work units of Parquet: how row groups are planned as units, and read in bounded batches."""

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
from transforms.lib.skeleton.damage import manifest_entry, repair
from transforms.lib.skeleton.storage import Storage, is_url, open_file
from transforms.lib.skeleton.versions import DIGESTED_BYTES, file_versions

UNIT_BYTES = 32_000_000  # uncompressed bytes of a unit; more if MAX_UNITS would be exceeded
MAX_UNITS = 20_000  # each unit has shards, and an entry for each of them in a manifest
BATCH_BYTES = 8_000_000  # of uncompressed Parquet, which a worker reads and holds at a time
# Rows are read in pieces of so many: a value that a dictionary encoding repeats takes no bytes in
# the file, but takes its bytes in memory for every row.
PIECE_ROWS = 256
ROW_BYTES = 1200  # of signals and decisions that a unit holds for each row
FOOTERS_AT_A_TIME = 16  # files opened at the same time, as object stores are slow to answer
# The columns of Parquet that holds Python source files.
REQUIRED_COLUMNS = {name: pa.string() for name in ("repo", "path", "content")}
OPTIONAL_COLUMNS = {
    "commit": pa.string(),
    "licence_spdx": pa.string(),
    "stars": pa.int64(),
    "size": pa.int64(),
}
# What Arrow raises for a file that is damaged, cut or gone.
UNREADABLE = (pa.ArrowException, OSError, ValueError)
SOURCE_COLUMNS = REQUIRED_COLUMNS | OPTIONAL_COLUMNS
CORPUS_COLUMNS = {"sha256": pa.string(), "split": pa.string()}  # `corpus` has these too


class Part(NamedTuple):
    """Row groups `first` to `last` (included) of one file."""

    file: str
    first: int
    last: int


@dataclass(frozen=True)
class Unit:
    """The parts of files that one worker reads at a time; `index` is its place in the plan."""

    index: int
    parts: tuple[Part, ...]
    rows: int

    @property
    def name(self) -> str:
        """The unit's part of the name of its shards."""
        return f"{self.index:05d}"

    def pack(self) -> bytes:
        """The unit as bytes, for a file of the plan or a value of the exchange.

        >>> unit = Unit(7, (Part("/in/a.parquet", 0, 3),), 1000)
        >>> Unit.unpack(unit.pack()) == unit
        True
        """
        return json.dumps([self.index, self.parts, self.rows]).encode()

    @staticmethod
    def unpack(content: bytes) -> "Unit":
        """The unit that `pack` made these bytes of."""
        index, parts, rows = json.loads(content)
        return Unit(index, tuple(Part(*part) for part in parts), rows)


def matching_files(pattern: str) -> list[str]:
    """The files that a glob matches, as absolute paths or URLs, sorted; UsageError if none does."""
    if is_url(pattern):
        folder, _, last = pattern.rpartition("/")
        names = Storage(folder).list("")
        files = [f"{folder}/{name}" for name in names if fnmatch.fnmatch(name, last)]
    else:
        files = [os.path.abspath(name) for name in glob.glob(pattern, recursive=True)]
    if not files:
        raise UsageError(f"{pattern}: no such file")
    return sorted(files)


def open_parquet(file: str) -> pq.ParquetFile:
    """The Parquet file at a path or URL; UsageError that names it if it cannot be read.

    Where a file has checksums of its pages, as the shards of quire do, they are verified.
    """
    try:
        return pq.ParquetFile(open_file(file), pre_buffer=False, page_checksum_verification=True)
    except UNREADABLE as error:
        line = f"{file}: not a readable Parquet file ({_first_line(error)})"
        raise UsageError(line + repair(file)) from error


def read_shard(data: Storage, name: str, columns: list[str] | None = None) -> pa.Table:
    """A shard, or columns of it, by its path below DATA; UsageError if it is damaged."""
    file = data.path(name)
    with open_parquet(file):  # what is no Parquet, or gone, is told as such
        verified([file])
    with open_parquet(file) as parquet, reading(file):
        return parquet.read(columns, use_threads=False)


def _first_line(error: BaseException) -> str:
    return str(error).split("\n")[0][:200]


def require_columns(file: str, schema: pa.Schema) -> None:
    """Raises UsageError, naming file and column, if the file cannot be read as source files."""
    for name in REQUIRED_COLUMNS:
        if name not in schema.names:
            raise UsageError(f"{file}: no column {name!r}; needed are repo, path, content")
    for name, kind in SOURCE_COLUMNS.items():
        actual = schema.field(name).type if name in schema.names else kind
        if not _can_be_read_as(kind, actual):
            raise UsageError(f"{file}: column {name!r} is {actual}, not {kind}")


def _can_be_read_as(kind: pa.DataType, actual: pa.DataType) -> bool:
    if pa.types.is_dictionary(actual):
        return _can_be_read_as(kind, actual.value_type)
    if kind == pa.string():
        return actual in (pa.string(), pa.large_string(), pa.string_view(), pa.null())
    numeric = pa.types.is_integer(actual) or pa.types.is_floating(actual)
    return bool(numeric or actual == pa.null())


@dataclass(frozen=True)
class Footer:
    """What a plan needs to know of a file, from its footer.

    sizes: int64[row groups], the bytes that a unit reads and holds; rows: int64[row groups];
    content: a digest of the whole file, where one is known already.
    """

    file: str
    sizes: NDArray[np.int64]
    rows: NDArray[np.int64]
    content: bytes = b""


def source_footer(file: str) -> Footer:
    """The footer of Parquet with source files; UsageError if it cannot be read as such."""
    with open_parquet(file) as parquet:
        require_columns(file, parquet.schema_arrow)
        return footer_of(file, parquet, SOURCE_COLUMNS)


def plan_units(
    files: Sequence[str], footer: Callable[[str], Footer] = source_footer
) -> tuple[list[Unit], str]:
    """The units of `files` in order, and a digest of the inputs, whatever folder they are in.

    The digest is that of the content of all files, as `file_versions` knows it, or the manifest of
    those that are shards of quire. Raises UsageError for a shard that is not as its manifest says.
    """
    with ThreadPoolExecutor(FOOTERS_AT_A_TIME) as pool:
        footers = list(pool.map(footer, files) if len(files) > 1 else map(footer, files))
    versions = content_versions([each.file for each in footers if not each.content])
    contents = [each.content.decode() or versions[each.file] for each in footers]
    digest = hashlib.sha256("\0".join(contents).encode()).hexdigest()
    total = sum(int(footer.sizes.sum()) for footer in footers)
    return list(_gathered(footers, max(UNIT_BYTES, total // MAX_UNITS))), digest


def verified(files: Sequence[str]) -> dict[str, str]:
    """The digests that manifests have of files, by path or URL; files that none lists are left out.

    Raises UsageError, with the command that makes it anew, if such a shard is gone or has not the
    size that its manifest says; on this machine, if it has not the digest either. The checksums of
    pages, which a reader verifies, do not cover their headers and the footer.
    """
    entries = {file: entry for file in files if (entry := manifest_entry(file))}
    here = [file for file in entries if not is_url(file)]
    if sum(entries[file]["bytes"] for file in here) <= DIGESTED_BYTES:
        for file, digest in zip(here, file_versions(here), strict=True):
            if digest != entries[file]["sha256"]:
                _find_damage(file)
                raise UsageError(f"{file}: its sha256 is not the manifest's{repair(file)}")
    return {file: str(entry["sha256"]) for file, entry in entries.items()}


def _find_damage(file: str) -> None:
    """Read a whole file; UsageError that names the row group if one cannot be read."""
    with open_parquet(file) as parquet:
        for group in range(parquet.num_row_groups):
            with reading(file, group):
                for _ in parquet.iter_batches(PIECE_ROWS, [group], use_threads=False):
                    pass


def content_versions(files: Sequence[str]) -> dict[str, str]:
    """A text for each file that tells its content from any other, as `plan_units` says."""
    versions = verified(files)
    others = [file for file in files if file not in versions]
    return versions | dict(zip(others, file_versions(others), strict=True))


def footer_of(file: str, parquet: pq.ParquetFile, columns: Collection[str]) -> Footer:
    """The footer of a file of which units read `columns`."""
    groups = [parquet.metadata.row_group(i) for i in range(parquet.num_row_groups)]
    sizes = np.array([_bytes_read(group, columns) for group in groups], np.int64)
    rows = np.array([group.num_rows for group in groups], np.int64)
    return Footer(file, sizes, rows)


def _gathered(footers: list[Footer], max_bytes: int) -> Iterator[Unit]:
    """Row groups in order, as many in a unit as fit into `max_bytes`, but at least one."""
    index, parts, rows, total = 0, list[Part](), 0, 0
    for footer in footers:
        for group in np.flatnonzero(footer.rows).tolist():
            size = int(footer.sizes[group])
            if parts and total + size > max_bytes:
                yield Unit(index, tuple(parts), rows)
                index, parts, rows, total = index + 1, [], 0, 0
            if parts and parts[-1].file == footer.file:
                parts[-1] = parts[-1]._replace(last=group)
            else:
                parts.append(Part(footer.file, group, group))
            rows, total = rows + int(footer.rows[group]), total + size
    if parts:
        yield Unit(index, tuple(parts), rows)


def _bytes_read(meta: pq.RowGroupMetaData, columns: Collection[str]) -> int:
    """The uncompressed bytes of the columns that a unit reads, and what it holds for each row."""
    chunks = [meta.column(i) for i in range(meta.num_columns)]
    read = sum(c.total_uncompressed_size for c in chunks if c.path_in_schema in columns)
    return int(read + ROW_BYTES * meta.num_rows)


def read_unit(
    unit: Unit, columns: Collection[str] = tuple(SOURCE_COLUMNS)
) -> Iterator[pa.RecordBatch]:
    """The batches of a unit, with exactly `columns`, each null where the file does not have it.

    Columns are of SOURCE_COLUMNS and CORPUS_COLUMNS. Raises UsageError for a damaged file.
    """
    for file, first, last in unit.parts:
        with open_parquet(file) as parquet:
            for group in range(first, last + 1):
                with reading(file, group):
                    for batch in read_group(parquet, group, columns, SOURCE_COLUMNS):
                        yield _normalised(batch, columns)


@contextlib.contextmanager
def reading(file: str, group: int | None = None) -> Iterator[None]:
    """A context in which an error of Arrow becomes a UsageError that names file and row group.

    For a shard of quire it says how to make it anew.
    """
    try:
        yield
    except UNREADABLE as error:
        part = "it" if group is None else f"row group {group}"
        line = f"{file}: {part} cannot be read ({_first_line(error)})"
        raise UsageError(line + repair(file)) from error


def read_group(
    parquet: pq.ParquetFile, group: int, columns: Collection[str], large: Collection[str]
) -> Iterator[pa.RecordBatch]:
    """The batches of a row group with those of `columns` that the file has.

    The size of the columns `large` decides how many rows a batch has, to hold about BATCH_BYTES.
    """
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
    """Pieces put together to batches of up to BATCH_BYTES, or of one piece if that is larger."""
    waiting: list[pa.RecordBatch] = []
    size = 0
    for piece in pieces:
        if waiting and size + piece.nbytes > BATCH_BYTES:
            yield pa.concat_batches(waiting)
            waiting, size = [], 0
        waiting.append(piece)
        size += piece.nbytes
    yield pa.concat_batches(waiting)


def _normalised(batch: pa.RecordBatch, columns: Collection[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({name: _column(batch, name) for name in columns})


def _column(batch: pa.RecordBatch, name: str) -> pa.Array:
    kind = (SOURCE_COLUMNS | CORPUS_COLUMNS)[name]
    if name not in batch.schema.names:
        return pa.nulls(len(batch), kind)
    column = batch[name].cast(kind)
    # Content that is not UTF-8 stays as it is: it is a reason to drop the row.
    return column if name == "content" or column.type != pa.string() else valid_utf8(column)


def valid_utf8(column: pa.StringArray) -> pa.StringArray:
    """The texts with bytes that are not UTF-8 as escapes such as `\\xff`; Parquet may hold any."""
    raw = column.cast(pa.binary())
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        values = raw.to_pylist()
        texts = [value and value.decode("utf-8", "backslashreplace") for value in values]
        return pa.array(texts, pa.string())
