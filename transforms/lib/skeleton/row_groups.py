"""How row groups of Parquet are read: small ones together, and never too many bytes at a time."""

from collections.abc import Collection, Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.lib.skeleton.storage import open_file

BATCH_BYTES = 8_000_000  # of uncompressed Parquet, which a worker reads and holds at a time
# Rows are read in pieces of so many: a value that a dictionary encoding repeats takes no bytes in
# the file, but takes its bytes in memory for every row.
PIECE_ROWS = 256
PIECE_BYTES = 32_000_000  # of a piece at most, as long as a row is not larger
PROBE_BYTES = 1 << 20  # read at a time where only the dictionary of a column is wanted


def leaves(parquet: pq.ParquetFile, columns: Collection[str]) -> list[int]:
    """The places of the columns of Parquet that `columns`, or top-level ones, consist of."""
    paths = enumerate(paths_of(parquet))
    return [i for i, p in paths if p in columns or p.partition(".")[0] in columns]


def paths_of(parquet: pq.ParquetFile) -> list[str]:
    """The paths of the columns of Parquet, such as `files.list.element.content`."""
    return [parquet.schema.column(i).path for i in range(len(parquet.schema.names))]


def group_bytes(parquet: pq.ParquetFile, group: int, places: Collection[int]) -> int:
    """The uncompressed bytes of the columns at `places` in a row group, as its footer says."""
    meta = parquet.metadata.row_group(group)
    return sum(int(meta.column(place).total_uncompressed_size) for place in places)


def stored_bytes(parquet: pq.ParquetFile, group: int, places: Collection[int]) -> int:
    """As `group_bytes`, compressed."""
    meta = parquet.metadata.row_group(group)
    return sum(int(meta.column(place).total_compressed_size) for place in places)


def runs(
    parquet: pq.ParquetFile, first: int, last: int, large: Collection[str]
) -> Iterator[list[int]]:
    """Row groups `first` to `last` in order, as many at a time as have BATCH_BYTES together.

    The columns `large` decide it. Groups without rows are left out.
    """
    places, run, total = leaves(parquet, large), list[int](), 0
    for group in range(first, last + 1):
        if not parquet.metadata.row_group(group).num_rows:
            continue
        size = group_bytes(parquet, group, places)
        if run and total + size > BATCH_BYTES:
            yield run
            run, total = [], 0
        run.append(group)
        total += size
    if run:
        yield run


def read_run(
    file: str,
    parquet: pq.ParquetFile,
    groups: list[int],
    columns: Collection[str],
    large: Collection[str],
) -> Iterator[pa.RecordBatch]:
    """The batches of some row groups with those of `columns` that the file has.

    `file` is what `parquet` was opened from. The size of the columns `large` decides how many rows
    a batch has, to hold about BATCH_BYTES. Raises what Arrow raises.
    """
    there = set(parquet.schema_arrow.names).union(paths_of(parquet))
    present = [name for name in columns if name in there]
    size = rows_at_a_time(file, parquet, groups, columns, large)
    yield from _gathered(parquet.iter_batches(size, groups, present, use_threads=False))


def rows_at_a_time(
    file: str,
    parquet: pq.ParquetFile,
    groups: list[int],
    columns: Collection[str],
    large: Collection[str],
) -> int:
    """How many rows of some row groups may be read at a time, from 1 to PIECE_ROWS."""
    rows = sum(parquet.metadata.row_group(group).num_rows for group in groups)
    places = leaves(parquet, large)
    size = sum(group_bytes(parquet, group, places) for group in groups)
    by_size = rows * BATCH_BYTES // max(BATCH_BYTES, size)
    longest = _longest_repeated(file, parquet, groups, leaves(parquet, columns))
    return max(1, min(PIECE_ROWS, int(by_size), PIECE_BYTES // max(1, longest)))


def _longest_repeated(
    file: str, parquet: pq.ParquetFile, groups: list[int], places: list[int]
) -> int:
    """The bytes that a dictionary may repeat in each row; 0 if they are of no account.

    Those of the longest value; in a list, as often as a row has a value on average.

    The footer says only that a column has a dictionary, so its first page is read, unless all of
    the column is small.
    """
    longest = 0
    for group in groups:
        meta = parquet.metadata.row_group(group)
        chunks = [meta.column(place) for place in places]
        suspects = [
            chunk.path_in_schema
            for chunk in chunks
            if chunk.has_dictionary_page
            and chunk.physical_type == "BYTE_ARRAY"
            and chunk.total_uncompressed_size * PIECE_ROWS > PIECE_BYTES
        ]
        if suspects:
            values = max(chunk.num_values for chunk in chunks) // max(1, meta.num_rows)
            each = _longest_in_dictionaries(file, parquet, group, suspects)
            longest = max(longest, each * max(1, values))
    return longest


def _longest_in_dictionaries(
    file: str, parquet: pq.ParquetFile, group: int, paths: list[str]
) -> int:
    source = open_file(file)
    with pq.ParquetFile(
        source,
        metadata=parquet.metadata,
        read_dictionary=paths,
        buffer_size=PROBE_BYTES,
        pre_buffer=False,
        page_checksum_verification=True,
    ) as probed:
        batch = next(probed.iter_batches(1, [group], paths, use_threads=False))
        return max(longest_in_dictionary(column) for column in batch.columns)


def longest_in_dictionary(column: pa.Array) -> int:
    """The bytes of the longest value in the dictionaries of a column, however deep they are."""
    if pa.types.is_dictionary(column.type):
        return pc.max(pc.binary_length(column.dictionary)).as_py() or 0
    if pa.types.is_struct(column.type):
        return max(map(longest_in_dictionary, column.flatten()), default=0)
    if pa.types.is_nested(column.type):  # lists of all kinds, and maps
        return longest_in_dictionary(column.values)
    return 0


def _gathered(pieces: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Pieces put together to batches of up to BATCH_BYTES, or of one piece if that is larger.

    An error of Arrow is raised when all that was read before it is yielded.
    """
    waiting: list[pa.RecordBatch] = []
    size, fault = 0, None
    try:
        for piece in pieces:
            if waiting and size + piece.nbytes > BATCH_BYTES:
                yield _joined(waiting)
                waiting, size = [], 0
            waiting.append(piece)
            size += piece.nbytes
    except (pa.ArrowException, OSError) as error:
        fault = error
    if waiting:
        yield _joined(waiting)
    if fault:
        raise fault


def _joined(pieces: list[pa.RecordBatch]) -> pa.RecordBatch:
    """One batch of pieces; a piece alone, which may be large, is not copied."""
    return pa.concat_batches(pieces) if len(pieces) > 1 else pieces[0]
