"""A few rows of a large dataset by their keys: only row groups that hold them are read whole."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transforms.lib.skeleton.shards import read_manifest
from transforms.lib.skeleton.storage import Storage


def found_rows(
    data: Storage, dataset: str, key: str, wanted: Collection[str], columns: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Yields the first row with each wanted value of the column `key`, with `columns` of it.

    Of other row groups only the column `key` is read, and of shards behind the last one nothing.
    """
    left = set(wanted)
    for shard in (read_manifest(data, dataset) or {"shards": []})["shards"]:
        if not left:
            return
        with data.open(f"{dataset}/{shard['name']}") as source, pq.ParquetFile(source) as parquet:
            for group in range(parquet.num_row_groups):
                for row in _of_group(parquet, group, key, left, columns):
                    if row[key] in left:
                        left.discard(row[key])
                        yield row


def _of_group(
    parquet: pq.ParquetFile, group: int, key: str, wanted: Collection[str], columns: Sequence[str]
) -> list[dict[str, Any]]:
    """The rows of a row group with a wanted key."""
    keys = parquet.read_row_group(group, [key], use_threads=False)[key]
    places = pc.indices_nonzero(pc.is_in(keys, value_set=pa.array(sorted(wanted), pa.string())))
    if not len(places):
        return []
    rows: list[dict[str, Any]] = (
        parquet.read_row_group(group, [key, *columns]).take(places).to_pylist()
    )
    return rows
