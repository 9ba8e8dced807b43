"""Batches of Arrow files and streams (Feather, and what the library datasets keeps)."""

import contextlib
from collections.abc import Iterator

import pyarrow as pa

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.row_groups import (
    BATCH_BYTES,
    PIECE_BYTES,
    PIECE_ROWS,
    longest_in_dictionary,
)
from transforms.lib.skeleton.storage import is_url, open_file

FILE_MAGIC = b"ARROW1"


def arrow_schema(path: str) -> pa.Schema:
    """The schema of a file. Raises UsageError that names it if it cannot be read."""
    with _opened(path) as reader:
        return reader.schema


def arrow_batches(path: str) -> Iterator[pa.RecordBatch]:
    """The rows of a file in batches of bounded size. Raises UsageError as `arrow_schema`."""
    with _opened(path) as reader:
        for batch in _batches(reader):
            rows = _rows_at_a_time(batch)
            for begin in range(0, len(batch), rows):
                yield batch.slice(begin, rows)


def _batches(
    reader: pa.RecordBatchStreamReader | pa.RecordBatchFileReader,
) -> Iterator[pa.RecordBatch]:
    if isinstance(reader, pa.RecordBatchStreamReader):
        yield from reader
    else:
        yield from map(reader.get_batch, range(reader.num_record_batches))


def _rows_at_a_time(batch: pa.RecordBatch) -> int:
    longest = max(map(longest_in_dictionary, batch.columns), default=0)
    by_size: int = len(batch) * BATCH_BYTES // max(BATCH_BYTES, batch.nbytes)
    return max(1, min(PIECE_ROWS, by_size, PIECE_BYTES // max(1, int(longest))))


@contextlib.contextmanager
def _opened(path: str) -> Iterator[pa.RecordBatchStreamReader | pa.RecordBatchFileReader]:
    try:
        with open_file(path) if is_url(path) else pa.memory_map(path) as file:
            is_file = file.read(len(FILE_MAGIC)) == FILE_MAGIC
            file.seek(0)
            with pa.ipc.open_file(file) if is_file else pa.ipc.open_stream(file) as reader:
                yield reader
    except (pa.ArrowException, OSError) as error:
        line = str(error).splitlines()[0]
        raise UsageError(f"{path}: not a readable Arrow file ({line:.200})") from error
