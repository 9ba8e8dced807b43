"""Examples on their way from the units that select them to the shards that hold them.

Content crosses no shuffle: a unit leaves its examples in one file of Arrow batches, each of which
is for one shard, and sends to the shards the numbers of their batches.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from transforms.feed import STAGE
from transforms.feed.examples import KEY, KEYED
from transforms.feed.mixture import shard_of
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key, unpack
from transforms.lib.skeleton.storage import Storage

SLICE = np.dtype([("shard", "<u4"), ("unit", "<u4"), ("batch", "<u4")])
COMPRESSED = pa.ipc.IpcWriteOptions(compression="lz4")


@dataclass(frozen=True)
class UnitSlices:
    """The examples of one unit, on storage until the commit."""

    data: Storage
    unit: int

    @property
    def _folder(self) -> str:
        return f"_work/{STAGE}/slices/{self.unit:05d}"

    def write(self, parts: Iterable[pa.Table], shards: int) -> None:
        """Write the examples of the unit, part by part, as batches for their shards."""
        numbers: list[int] = []
        with (
            self.data.create(f"{self._folder}.arrow", durable=False) as stream,
            pa.ipc.new_file(stream, KEYED, options=COMPRESSED) as writer,
        ):
            for part in parts:
                for shard, batch in by_shard(part, shards):
                    writer.write_batch(batch)
                    numbers.append(shard)
        index = np.zeros(len(numbers), SLICE)
        index["shard"], index["unit"] = numbers, self.unit
        index["batch"] = np.arange(len(numbers))
        self.data.put(f"{self._folder}.index", index.tobytes(), durable=False)

    def index(self) -> NDArray:
        """The batches of the unit; SLICE[n]."""
        return np.frombuffer(self.data.read(f"{self._folder}.index"), SLICE)

    def are_there(self) -> bool:
        """Whether both files are: a power cut may have taken them."""
        return all(self.data.size(f"{self._folder}.{end}") for end in ("arrow", "index"))

    def read(self, batches: NDArray[np.int64]) -> Iterator[pa.RecordBatch]:
        """The batches of these numbers."""
        with self.data.open(f"{self._folder}.arrow") as file:
            reader = pa.ipc.open_file(file)
            for number in batches.tolist():
                yield reader.get_batch(number)


def by_shard(examples: pa.Table, shards: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The examples for each shard as one batch, in the order of the shards."""
    number = shard_of(examples[KEY].to_numpy(), shards)
    order = np.argsort(number, kind="stable")
    bounds = np.flatnonzero(np.diff(number[order])) + 1
    for rows in np.split(order, bounds) if len(order) else ():
        table = examples.take(pa.array(rows)).combine_chunks()
        yield int(number[rows[0]]), table.to_batches()[0]


def send_slices(index: NDArray) -> Iterator[Keyed]:
    """Yields by shard which batches of a unit are for it."""
    yield from by_key("slice", index["shard"].astype(np.int64), index)


def read_shard_examples(data: Storage, messages: list[Packed]) -> pa.Table:
    """The examples of a shard in their order, given the messages to it."""
    slices = unpack(messages, "slice", SLICE)
    units = np.unique(slices["unit"]).tolist()
    batches = [
        batch
        for unit in units
        for batch in UnitSlices(data, unit).read(slices["batch"][slices["unit"] == unit])
    ]
    table = pa.Table.from_batches(batches, KEYED)
    order = pc.sort_indices(
        table, [(KEY, "ascending"), ("example_id", "ascending"), ("copy", "ascending")]
    )
    return table.drop_columns([KEY]).take(order)
