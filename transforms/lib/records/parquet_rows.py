"""How rows of Parquet files are read as records, in batches of bounded size.

`RowGroup` is a row group that a worker reads, broken rows and all; `rows_of` reads a whole file and
ends at the first row that is broken.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.lib.errors import UsageError
from transforms.lib.python.parsing import Rejected
from transforms.lib.records.entry import Entry
from transforms.lib.skeleton.storage import absolute
from transforms.lib.skeleton.units import BATCH_BYTES, content_versions, open_parquet, reading

# At most: a dictionary value repeated in many rows is small in the file, but large as Python
# objects.
BATCH_ROWS = 64


@dataclass(frozen=True)
class RowGroup:
    """A row group of a file.

    first: the number of its first row in the file, from 1; name: what entries call the file, if
    not by its own.
    """

    file: str
    group: int
    first: int
    name: str = ""

    def entries(self) -> Iterator[Entry]:
        """The rows, each with its place FILE:ROW, or with what is wrong with it."""
        name = self.name or os.path.basename(self.file)
        with open_parquet(self.file) as parquet:
            for number, row in enumerate(_rows(self.file, parquet, self.group), self.first):
                yield _entry(f"{name}:{number}", row)


def _entry(place: str, row: dict[str, Any] | Rejected) -> Entry:
    if isinstance(row, Rejected):
        return Entry(place, faults=((row.reason, row.value),))
    return Entry(place, record=row)


def rows_of(path: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The number of each row of a whole file, from 1, and its values.

    Raises UsageError that names the file and the row at the first one that cannot be read.
    """
    file = absolute(path)
    number = 0
    with open_parquet(file) as parquet:
        for group in range(parquet.num_row_groups):
            for number, row in enumerate(_rows(file, parquet, group), number + 1):  # noqa: B020
                if isinstance(row, Rejected):
                    raise UsageError(f"{path}: row {number}: not UTF-8 ({row.value})")
                yield number, row


def _rows(file: str, parquet: pq.ParquetFile, group: int) -> Iterator[dict[str, Any] | Rejected]:
    """The rows of a row group; Rejected in place of one whose texts are not UTF-8."""
    meta = parquet.metadata.row_group(group)
    bounded = meta.num_rows * BATCH_BYTES // max(BATCH_BYTES, meta.total_byte_size)
    size = min(BATCH_ROWS, max(1, bounded))
    with reading(file, group):
        for batch in parquet.iter_batches(size, [group], use_threads=False):
            yield from (_values(batch.slice(at, 1)) for at in range(len(batch)))


def _values(row: pa.RecordBatch) -> dict[str, Any] | Rejected:
    try:
        values: dict[str, Any] = row.to_pylist()[0]
        return values
    except UnicodeDecodeError as error:
        return Rejected("undecodable", f"at byte {error.start}")


def plan_rows(file: str, fields: tuple[str, ...]) -> tuple[list[RowGroup], str]:
    """The row groups of a file that have rows, and a digest of its content.

    Raises UsageError that names the file if it lacks a column of `fields`.
    """
    groups, first = list[RowGroup](), 1
    with open_parquet(file) as parquet:
        for name in fields:
            if name not in parquet.schema_arrow.names:
                raise UsageError(f"{file}: no column {name!r}; needed are {', '.join(fields)}")
        for group in range(parquet.num_row_groups):
            count = parquet.metadata.row_group(group).num_rows
            groups += [RowGroup(file, group, first)] if count else []
            first += count
        return groups, content_versions([file])[file]
