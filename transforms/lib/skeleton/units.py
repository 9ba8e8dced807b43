"""Work units of Parquet: how row groups are planned as units, and read in bounded batches."""

import contextlib
import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.damage import manifest_entry, repair
from transforms.lib.skeleton.foreign_columns import as_counts, as_texts, is_bytes, is_text
from transforms.lib.skeleton.layouts import LAYOUTS, layout_of, only_python
from transforms.lib.skeleton.row_groups import (
    PIECE_ROWS,
    group_bytes,
    leaves,
    read_run,
    runs,
    stored_bytes,
)
from transforms.lib.skeleton.shards import digest_before
from transforms.lib.skeleton.storage import Storage, is_url, open_file
from transforms.lib.skeleton.versions import DIGESTED_BYTES, file_versions

UNIT_BYTES = 32_000_000  # uncompressed bytes of a unit; more if MAX_UNITS would be exceeded
MAX_UNITS = 20_000  # each unit has shards, and an entry for each of them in a manifest
ROW_BYTES = 1200  # of signals and decisions that a unit holds for each row
BUFFERED_BYTES = 64_000_000  # of a row group's columns as stored: more is not read at once
BUFFER_BYTES = 8_000_000  # of each column that are read at a time then
FOOTERS_AT_A_TIME = 16  # files opened at the same time, as object stores are slow to answer
FOOTER_END = b"....PAR1"  # the footer's length in four bytes, then the magic word
# The columns of Parquet that holds Python source files.
REQUIRED_COLUMNS = {name: pa.string() for name in ("repo", "path", "content")}
OPTIONAL_COLUMNS = {
    "commit": pa.string(),
    "licence_spdx": pa.string(),
    "stars": pa.int64(),
    "size": pa.int64(),
    "git_sha1": pa.string(),
    "repo_id": pa.int64(),
}
# What Arrow raises for a file that is damaged, cut or gone.
UNREADABLE = (pa.ArrowException, OSError, ValueError)
SOURCE_COLUMNS = REQUIRED_COLUMNS | OPTIONAL_COLUMNS
# What the crawl takes beside them; `stub` is why a corpus left a file's content out.
CRAWLED_COLUMNS = SOURCE_COLUMNS | {
    "forks": pa.int64(),
    "source_id": pa.string(),
    "source_cluster": pa.string(),
    "stub": pa.string(),
}
CORPUS_COLUMNS = {  # `corpus` has these too
    name: pa.string() for name in ("sha256", "split", "duplicate_of")
}


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


def open_parquet(file: str, buffer_bytes: int = 0, in_lists: bool = False) -> pq.ParquetFile:
    """The Parquet file at a path or URL; UsageError that names it if it cannot be read.

    Whoever reads from it finds a damaged page by its checksum, where the writer left one, as the
    shards of quire have them. Of columns `buffer_bytes` are read at a time, or all of a row group.
    With `in_lists` texts are of type string_view where the file leaves it open: Arrow copies others
    as they grow, and a list of them has 2 GB at most.
    """
    try:
        opened = open_file(file)
        parquet = pq.ParquetFile(
            opened,
            pre_buffer=False,
            buffer_size=buffer_bytes,
            page_checksum_verification=True,
            binary_type=pa.binary_view() if in_lists else None,
        )
        _ = parquet.schema_arrow.names  # some schemas fail only here
        signed = _footer_length(opened) != parquet.metadata.serialized_size
    except UNREADABLE as error:
        line = f"{file}: not a readable Parquet file ({_first_line(error)})"
        raise UsageError(line + repair(file)) from error
    if signed:
        raise UsageError(f"{file}: Parquet with encrypted columns: decrypt it first")
    return parquet


def _footer_length(file: pa.NativeFile) -> int:
    """How long a footer is as the file says: of encrypted columns, more than what is parsed of it.

    Arrow ends the process where somebody asks for the sizes of an encrypted column.
    """
    file.seek(file.size() - len(FOOTER_END))
    return int.from_bytes(file.read(4), "little")


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
    require_single(file, schema, SOURCE_COLUMNS)
    for name in REQUIRED_COLUMNS:
        if name not in schema.names:
            others = ", ".join(layout.name for layout in LAYOUTS)
            raise UsageError(
                f"{file}: no column {name!r}; needed are repo, path, content, or those of {others}"
            )
        kind = schema.field(name).type
        if not is_text(kind) and not (name == "content" and is_bytes(kind)):
            raise UsageError(f"{file}: column {name!r} is {kind}, not string")


def require_single(file: str, schema: pa.Schema, columns: Collection[str]) -> None:
    """Raises UsageError if the file has several columns of one of these names."""
    for name in columns:
        if (count := schema.names.count(name)) > 1:
            raise UsageError(f"{file}: {count} columns are called {name!r}; rename all but one")


@dataclass(frozen=True)
class Footer:
    """What a plan needs to know of a file, from its footer.

    sizes: int64[row groups], the bytes that a unit reads and holds; rows: int64[row groups];
    content: a digest of the whole file, where one is known already; layout: the name of the
    published layout that it has, if any. Its rows are files, of which not all may be Python.
    """

    file: str
    sizes: NDArray[np.int64]
    rows: NDArray[np.int64]
    content: bytes = b""
    layout: str = ""


def source_footer(file: str) -> Footer:
    """The footer of Parquet with source files; UsageError if it cannot be read as such."""
    with open_parquet(file) as parquet:
        layout = layout_of(file, parquet.schema_arrow)
        if layout is None:
            require_columns(file, parquet.schema_arrow)
            return footer_of(file, parquet, SOURCE_COLUMNS)
        require_single(file, parquet.schema_arrow, layout.tops())
        footer = footer_of(file, parquet, layout.leaves(parquet, SOURCE_COLUMNS))
        rows = np.array(layout.file_counts(parquet), np.int64)
        sizes = footer.sizes + ROW_BYTES * (rows - footer.rows)
        return replace(footer, sizes=sizes, rows=rows, layout=layout.layout.name)


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

    They are those from before rows were removed.

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
    return {file: digest_before(entry) for file, entry in entries.items()}


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
    groups, places = range(parquet.num_row_groups), leaves(parquet, columns)
    rows = np.array([parquet.metadata.row_group(i).num_rows for i in groups], np.int64)
    sizes = np.array([group_bytes(parquet, i, places) for i in groups], np.int64)
    return Footer(file, sizes + ROW_BYTES * rows, rows)


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


# Is told of rows that cannot be read, in words that name file and row group.
Damaged = Callable[[str], None]


def read_unit(
    unit: Unit,
    columns: Collection[str] = tuple(SOURCE_COLUMNS),
    damaged: Damaged | None = None,
) -> Iterator[pa.RecordBatch]:
    """The batches of a unit, with exactly `columns`, each null where the file does not have it.

    Columns are of CRAWLED_COLUMNS and CORPUS_COLUMNS. Raises UsageError for a damaged file; with
    `damaged` all that can be read is read, and that is told of the rest. Of a published layout the
    batches have the Python files alone, the same ones whatever the columns.
    """
    for part in unit.parts:
        for batch in _batches(part, columns, damaged):
            yield _normalised(batch, columns)


def _batches(
    part: Part, columns: Collection[str], damaged: Damaged | None
) -> Iterator[pa.RecordBatch]:
    """The batches of a part with those of `columns` that the file has, by quire's names."""
    with open_parquet(part.file) as parquet:
        layout = layout_of(part.file, parquet.schema_arrow)
        paths = layout.leaves(parquet, columns) if layout else []
    if layout is None:
        yield from read_part(part, columns, SOURCE_COLUMNS, damaged)
        return
    for batch in read_part(part, paths, paths, damaged, in_lists=bool(layout.layout.files)):
        with reading(part.file):  # a type of which Arrow cannot do this
            yield from only_python(batch, layout, columns)


def read_part(
    part: Part,
    columns: Collection[str],
    large: Collection[str],
    damaged: Damaged | None = None,
    in_lists: bool = False,
) -> Iterator[pa.RecordBatch]:
    """The batches of a part with those of `columns` that the file has; errors as in `read_unit`.

    The size of the columns `large` decides how many rows a batch has; `in_lists` is as of
    `open_parquet`.
    """
    with _open_part(part, large, in_lists) as parquet:
        for run in runs(parquet, part.first, part.last, large):
            done = 0
            try:
                with reading(part.file, run[0], run[-1]):
                    for batch in read_run(part.file, parquet, run, columns, large):
                        yield batch
                        done += len(batch)
            except UsageError:  # which of the groups it is
                for group in run:
                    yield from _readable(part.file, parquet, group, columns, done, damaged)
                    done = max(0, done - parquet.metadata.row_group(group).num_rows)


def _open_part(part: Part, large: Collection[str], in_lists: bool) -> pq.ParquetFile:
    """The file of a part, of which a row group need not fit into memory."""
    parquet = open_parquet(part.file, in_lists=in_lists)
    groups, places = range(part.first, part.last + 1), leaves(parquet, large)
    if max(stored_bytes(parquet, group, places) for group in groups) <= BUFFERED_BYTES:
        return parquet
    parquet.close()
    return open_parquet(part.file, BUFFER_BYTES, in_lists)


def rows_before(part: Part) -> int:
    """How many rows of its file stand before a part."""
    if not part.first:
        return 0
    with open_parquet(part.file) as parquet:
        return sum(parquet.metadata.row_group(group).num_rows for group in range(part.first))


def _readable(
    file: str,
    parquet: pq.ParquetFile,
    group: int,
    columns: Collection[str],
    done: int,
    damaged: Damaged | None,
) -> Iterator[pa.RecordBatch]:
    """The rows of a row group from row `done` on, up to the first page that cannot be read."""
    rows, row = parquet.metadata.row_group(group).num_rows, 0
    if rows <= done:
        return
    try:
        with reading(file, group):
            for batch in read_run(file, parquet, [group], columns, columns):
                if row + len(batch) > done:
                    yield batch.slice(max(0, done - row))
                row += len(batch)
    except UsageError as error:
        if damaged is None:
            raise
        damaged(f"{error}; {rows - max(row, done):,} of its {rows:,} rows are left out")


@contextlib.contextmanager
def reading(file: str, group: int | None = None, last: int | None = None) -> Iterator[None]:
    """A context in which an error of Arrow becomes a UsageError that names file and row groups.

    For a shard of quire it says how to make it anew.
    """
    try:
        yield
    except UNREADABLE as error:
        part = "it" if group is None else f"row group {group}"
        part = part if last in (None, group) else f"row groups {group} to {last}"
        line = f"{file}: {part} cannot be read ({_first_line(error)})"
        raise UsageError(line + repair(file)) from error


def _normalised(batch: pa.RecordBatch, columns: Collection[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({name: _column(batch, name) for name in columns})


def _column(batch: pa.RecordBatch, name: str) -> pa.Array:
    kind = (CRAWLED_COLUMNS | CORPUS_COLUMNS)[name]
    if name not in batch.schema.names:
        return pa.nulls(len(batch), kind)
    if kind == pa.int64():
        return as_counts(batch[name])
    column = as_texts(batch[name])
    # Content that is not UTF-8 stays as it is: it is a reason to drop the row.
    return column if name == "content" else valid_utf8(column)


def valid_utf8(column: pa.StringArray) -> pa.StringArray:
    """The texts with bytes that are not UTF-8 as escapes such as `\\xff`; Parquet may hold any."""
    raw = column.cast(pa.binary())
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        values = raw.to_pylist()
        texts = [value and value.decode("utf-8", "backslashreplace") for value in values]
        return pa.array(texts, pa.string())
