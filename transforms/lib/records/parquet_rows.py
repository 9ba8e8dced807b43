"""How rows of Parquet files are read as records, in batches of bounded size.

`RowGroups` are row groups that a worker reads, broken rows and all; `rows_of` reads a whole file
and ends at the first row that is broken.
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
from transforms.lib.skeleton.foreign_columns import in_microseconds
from transforms.lib.skeleton.parquet_files import content_versions, open_parquet, reading
from transforms.lib.skeleton.row_groups import rows_at_a_time, runs
from transforms.lib.skeleton.source_columns import require_single
from transforms.lib.skeleton.storage import absolute

BATCH_ROWS = 64  # at most, as rows are larger as objects of Python than in Arrow


@dataclass(frozen=True)
class RowGroups:
    """Row groups `group` to `last` (included) of a file.

    first: the number of their first row in the file, from 1; name: what entries call the file, if
    not by its own.
    """

    file: str
    group: int
    last: int
    first: int
    name: str = ""

    def entries(self) -> Iterator[Entry]:
        """The rows, each with its place FILE:ROW, or with what is wrong with it."""
        name = self.name or os.path.basename(self.file)
        with open_parquet(self.file) as parquet:
            rows = _rows(self.file, parquet, list(range(self.group, self.last + 1)))
            for number, row in enumerate(rows, self.first):
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
        names = parquet.schema_arrow.names
        for groups in runs(parquet, 0, parquet.num_row_groups - 1, names):
            for number, row in enumerate(_rows(file, parquet, groups), number + 1):  # noqa: B020
                if isinstance(row, Rejected):
                    raise UsageError(f"{path}: row {number}: not UTF-8 ({row.value})")
                yield number, row


def _rows(
    file: str, parquet: pq.ParquetFile, groups: list[int]
) -> Iterator[dict[str, Any] | Rejected]:
    """The rows of some row groups; Rejected in place of one whose texts are not UTF-8."""
    names = parquet.schema_arrow.names
    size = min(BATCH_ROWS, rows_at_a_time(file, parquet, groups, names, names))
    with reading(file, groups[0], groups[-1]):
        for batch in parquet.iter_batches(size, groups, use_threads=False):
            plain = in_microseconds(batch)
            yield from (_values(plain.slice(at, 1)) for at in range(len(plain)))


def _values(row: pa.RecordBatch) -> dict[str, Any] | Rejected:
    try:
        values: dict[str, Any] = row.to_pylist()[0]
        return values
    except UnicodeDecodeError as error:
        return Rejected("undecodable", f"at byte {error.start}")
    except (ValueError, OverflowError):  # a time that Python's own cannot hold
        columns = zip(row.schema.names, row.columns, strict=True)
        return {name: _value(column) for name, column in columns}


def _value(column: pa.Array) -> Any:
    try:
        return column.to_pylist()[0]
    except (ValueError, OverflowError):
        return None


def plan_rows(file: str, fields: tuple[str, ...]) -> tuple[list[RowGroups], str]:
    """The row groups of a file that have rows, small ones together, and a digest of its content.

    Raises UsageError that names the file if it lacks a column of `fields`, or has one twice.
    """
    parts, first = list[RowGroups](), 1
    with open_parquet(file) as parquet:
        names = parquet.schema_arrow.names
        for name in fields:
            if name not in names:
                raise UsageError(f"{file}: no column {name!r}; needed are {', '.join(fields)}")
        require_single(file, parquet.schema_arrow, fields)
        for groups in runs(parquet, 0, parquet.num_row_groups - 1, names):
            parts.append(RowGroups(file, groups[0], groups[-1], first))
            first += sum(parquet.metadata.row_group(group).num_rows for group in groups)
        return parts, content_versions([file])[file]
