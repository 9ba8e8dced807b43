"""Rows of Parquet files as records, in batches of bounded size."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.lib.errors import UsageError
from transforms.lib.records.entry import Entry
from transforms.lib.skeleton.units import BATCH_BYTES, footer_bytes, open_parquet, reading


@dataclass(frozen=True)
class Rows:
    """A row group; `first` is the number of its first row in the file. `name` is what entries call
    the file, if not by its own."""

    file: str
    group: int
    first: int
    name: str = ""

    def entries(self) -> Iterator[Entry]:
        """The rows as records; one whose texts are no UTF-8 is faulty."""
        name, number = self.name or os.path.basename(self.file), self.first
        with open_parquet(self.file) as parquet:
            for batch in _batches(parquet, self):
                for row in range(len(batch)):
                    yield _entry(f"{name}:{number}", batch.slice(row, 1))
                    number += 1


def _batches(parquet: pq.ParquetFile, rows: Rows) -> Iterator[pa.RecordBatch]:
    meta = parquet.metadata.row_group(rows.group)
    size = max(1, meta.num_rows * BATCH_BYTES // max(BATCH_BYTES, meta.total_byte_size))
    with reading(rows.file, rows.group):
        yield from parquet.iter_batches(size, [rows.group], use_threads=False)


def _entry(place: str, row: pa.RecordBatch) -> Entry:
    try:
        return Entry(place, record=row.to_pylist()[0])
    except UnicodeDecodeError as error:
        return Entry(place, faults=(("undecodable", f"at byte {error.start}"),))


def plan_rows(file: str, fields: tuple[str, ...]) -> tuple[list[Rows], str]:
    """The row groups of a file, and a digest of it; UsageError if it lacks one of the fields."""
    pieces, first = list[Rows](), 1
    with open_parquet(file) as parquet:
        for name in fields:
            if name not in parquet.schema_arrow.names:
                raise UsageError(f"{file}: no column {name!r}; needed are {', '.join(fields)}")
        for group in range(parquet.num_row_groups):
            count = parquet.metadata.row_group(group).num_rows
            pieces += [Rows(file, group, first)] if count else []
            first += count
        return pieces, hashlib.sha256(footer_bytes(parquet.metadata)).hexdigest()
