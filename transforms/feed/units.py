"""The work units of feed: rows of its sources; and how many shards their examples fill."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

import pyarrow as pa

from transforms.feed.feed_sources import SOURCES, FeedSource
from transforms.lib.skeleton.shards import shard_files
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import (
    Footer,
    Part,
    footer_of,
    open_parquet,
    plan_units,
    read_part,
)

SHARD_BYTES = 32_000_000  # of texts in a shard, more or less: a worker holds one at a time


@dataclass(frozen=True)
class RowUnit:
    """Parts of the shards of one source that a worker reads at a time."""

    index: int
    source: str
    parts: tuple[Part, ...]
    rows: int

    @property
    def name(self) -> str:
        """The unit in the names of its shards and markers."""
        return f"{self.index:05d}"

    def pack(self) -> bytes:
        """The unit as JSON."""
        return json.dumps([self.index, self.source, self.parts, self.rows]).encode()

    @classmethod
    def unpack(cls, content: bytes) -> "RowUnit":
        """The unit that `pack` made the JSON of."""
        index, source, parts, rows = json.loads(content)
        return cls(index, source, tuple(Part(*part) for part in parts), rows)


@dataclass(frozen=True)
class PlannedFeed:
    """The units of a feed, and how many shards their examples fill.

    inputs: a digest of all that is read.
    """

    units: list[RowUnit]
    shards: int
    inputs: str


def plan_feed(data: Storage, weights: Mapping[str, float]) -> PlannedFeed:
    """The units of the sources that have a weight.

    `weights` say how often the rows of each source are in the feed; its sources are committed.
    Raises UsageError if a shard of them cannot be read.
    """
    units: list[RowUnit] = []
    digests, total = [], 0.0
    for source in (SOURCES[name] for name in SOURCES if name in weights):
        sizes: dict[str, int] = {}
        planned, inputs = plan_units(
            shard_files(data, source.name), partial(_footer, source, sizes)
        )
        units += [
            RowUnit(len(units) + unit.index, source.name, unit.parts, unit.rows) for unit in planned
        ]
        digests.append((source.name, inputs))
        total += sum(sizes.values()) * weights[source.name]
    shards = max(1, -(-int(total) // SHARD_BYTES))
    return PlannedFeed(units, shards, sha256(json.dumps(digests).encode()).hexdigest())


def _footer(source: FeedSource, sizes: dict[str, int], file: str) -> Footer:
    """The footer of a shard; leaves in `sizes` how many bytes a unit reads of it."""
    with open_parquet(file) as parquet:
        footer = footer_of(file, parquet, source.columns)
    sizes[file] = int(footer.sizes.sum())
    return footer


def read_rows(unit: RowUnit) -> Iterator[pa.RecordBatch]:
    """The rows of a unit, with the columns of its source, in batches of bounded size.

    Raises UsageError that names the file if it cannot be read.
    """
    source = SOURCES[unit.source]
    for part in unit.parts:
        for batch in read_part(part, source.columns, source.texts):
            yield batch.select(source.columns)
