"""Examples in the row groups of DATA/examples, read where they are needed."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.row_groups import read_run
from transforms.lib.skeleton.shards import shard_files
from transforms.lib.skeleton.storage import Storage, open_file

TEXTS = ("prompt", "completion")
KINDS = ("source", "split")  # columns that say which rows are wanted


class Wanted(NamedTuple):
    """Which examples are wanted: those of a split, of some sources."""

    split: str
    sources: tuple[str, ...]

    def among(self, rows: pa.RecordBatch | pa.Table) -> pa.BooleanArray | pa.ChunkedArray:
        """Which rows these are; null where a row does not say its split."""
        of_sources = pc.is_in(rows["source"], pa.array(self.sources, pa.string()))
        return pc.and_(of_sources, pc.equal(rows["split"], self.split))


class ExampleGroup(NamedTuple):
    """A row group with wanted examples. rows: how many these are."""

    shard: str
    group: int
    rows: int

    def read(self, wanted: Wanted) -> Iterator[pa.RecordBatch]:
        """The texts of the wanted examples in the feed's order, some at a time."""
        with open_file(self.shard) as file, pq.ParquetFile(file) as parquet:
            columns = (*KINDS, *TEXTS)
            for batch in read_run(self.shard, parquet, [self.group], columns, TEXTS):
                yield batch.filter(wanted.among(batch)).select(TEXTS)


def stored_examples(data: str, wanted: Wanted) -> list[ExampleGroup]:
    """The row groups with wanted examples, in the feed's order; no text is read.

    Raises UsageError if there is no such example.
    """
    try:
        shards = shard_files(Storage(data), "examples")
    except FileNotFoundError as error:
        raise UsageError(f"{data}: no examples; `quire feed` makes them") from error
    groups = [group for shard in shards for group in _groups(shard, wanted)]
    if not groups:
        raise UsageError(
            f"{data}: no examples of the split {wanted.split!r} from {', '.join(wanted.sources)}"
        )
    return groups


def _groups(shard: str, wanted: Wanted) -> Sequence[ExampleGroup]:
    with open_file(shard) as file, pq.ParquetFile(file) as parquet:
        numbers = range(parquet.num_row_groups)
        tables = (parquet.read_row_group(number, KINDS) for number in numbers)
        counts = [pc.sum(wanted.among(table)).as_py() or 0 for table in tables]
    return [ExampleGroup(shard, number, rows) for number, rows in enumerate(counts) if rows]
