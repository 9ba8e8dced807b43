"""The rows of a work unit, in batches that fit into memory whatever the row groups are."""

from collections.abc import Callable, Collection, Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.layouts import layout_of, only_python
from transforms.lib.skeleton.parquet_files import open_parquet, reading
from transforms.lib.skeleton.row_groups import leaves, read_run, runs, stored_bytes
from transforms.lib.skeleton.source_columns import SOURCE_COLUMNS, normalised
from transforms.lib.skeleton.units import Part, Unit

BUFFERED_BYTES = 64_000_000  # of a row group's columns as stored: more is not read at once
BUFFER_BYTES = 8_000_000  # of each column that are read at a time then
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
            yield normalised(batch, columns)


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
