"""The work units of feed: rows of its sources; and how many shards their examples fill."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

import pyarrow as pa

from transforms.feed.feed_sources import SOURCES, FeedSource
from transforms.lib.skeleton.parquet_files import open_parquet
from transforms.lib.skeleton.read_units import read_part
from transforms.lib.skeleton.row_groups import group_bytes, leaves
from transforms.lib.skeleton.shards import shard_files
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Footer, Unit, footer_of, plan_units

SHARD_BYTES = 32_000_000  # of texts in a shard, more or less: a worker holds one at a time


@dataclass(frozen=True)
class RowUnit(Unit):
    """Parts of the shards of one source that a worker reads at a time."""

    source: str

    def pack(self) -> bytes:
        """The unit as bytes, for a file of the plan."""
        return json.dumps([super().pack().decode(), self.source]).encode()

    @staticmethod
    def unpack(content: bytes) -> "RowUnit":
        """The unit that `pack` made these bytes of."""
        unit, source = json.loads(content)
        return RowUnit(**vars(Unit.unpack(unit.encode())), source=source)


@dataclass(frozen=True)
class PlannedFeed:
    """The units of a feed, and how many shards their examples fill.

    inputs: a digest of all that is read.
    """

    units: list[RowUnit]
    shards: int
    inputs: str


def plan_feed(data: Storage, weights: Mapping[str, float]) -> PlannedFeed:
    """The units of the sources that have a weight; those of all sources take turns.

    `weights` say how often the rows of each source are in the feed; its sources are committed.
    Raises UsageError if a shard of them cannot be read.
    """
    places: list[tuple[int, FeedSource, Unit]] = []
    digests, total = [], 0.0
    for source in (SOURCES[name] for name in SOURCES if name in weights):
        sizes: dict[str, int] = {}
        files = shard_files(data, source.name)
        planned, inputs = plan_units(files, partial(_footer, source, sizes))
        places += [(unit.index, source, unit) for unit in planned]
        digests.append((source.name, inputs))
        total += sum(sizes.values()) * weights[source.name]
    places.sort(key=lambda place: place[0])
    units = [
        RowUnit(index, unit.parts, unit.rows, source.name)
        for index, (_, source, unit) in enumerate(places)
    ]
    shards = max(1, -(-int(total) // SHARD_BYTES))
    return PlannedFeed(units, shards, sha256(json.dumps(digests).encode()).hexdigest())


def _footer(source: FeedSource, sizes: dict[str, int], file: str) -> Footer:
    """The footer of a shard; leaves in `sizes` how many bytes its examples would have."""
    with open_parquet(file) as parquet:
        groups, places = range(parquet.num_row_groups), leaves(parquet, source.written)
        sizes[file] = sum(group_bytes(parquet, group, places) for group in groups)
        return footer_of(file, parquet, source.columns)


def read_rows(unit: RowUnit) -> Iterator[pa.RecordBatch]:
    """The rows of a unit, with the columns of its source, in batches of bounded size.

    Raises UsageError that names the file if it cannot be read.
    """
    source = SOURCES[unit.source]
    for part in unit.parts:
        for batch in read_part(part, source.columns, source.texts):
            yield batch.select(source.columns)
