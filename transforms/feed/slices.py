"""Examples on their way from the units that select them to the shards that hold them.

Content crosses no shuffle: a unit leaves its examples in one file of slices, each of which is for
one shard, and sends to the shards where their slices are.
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
from transforms.lib.splits import VALIDATION_ONE_IN

# Bytes of a unit's file that hold the examples of one batch for one shard.
SLICE = np.dtype([("shard", "<u4"), ("unit", "<u4"), ("begin", "<u8"), ("length", "<u8")])
COMPRESSED = pa.ipc.IpcWriteOptions(compression="lz4")


@dataclass(frozen=True)
class UnitSlices:
    """The examples of one unit, on storage until the commit."""

    data: Storage
    unit: int

    @property
    def _path(self) -> str:
        return f"_work/{STAGE}/slices/{self.unit:05d}"

    def write(self, parts: Iterable[pa.Table], shards: int) -> None:
        """Write the examples of the unit, part by part, as slices for their shards."""
        slices: list[tuple[int, int, int, int]] = []
        begin = 0
        with self.data.create(f"{self._path}.arrow", durable=False) as stream:
            for part in parts:
                for shard, batch in by_shard(part, shards):
                    content = _packed(batch)
                    stream.write(content)
                    slices.append((shard, self.unit, begin, content.size))
                    begin += content.size
        index = np.array(slices, SLICE)
        self.data.put(f"{self._path}.index", index.tobytes(), durable=False)

    def index(self) -> NDArray:
        """The slices of the unit; SLICE[n]."""
        return np.frombuffer(self.data.read(f"{self._path}.index"), SLICE)

    def are_there(self) -> bool:
        """Whether both files are, and whole: a power cut may have taken or cut them."""
        if (self.data.size(f"{self._path}.index") or 1) % SLICE.itemsize:
            return False
        return self.data.size(f"{self._path}.arrow") == int(self.index()["length"].sum())

    def read(self, slices: NDArray) -> Iterator[pa.RecordBatch]:
        """The batches of these slices."""
        with self.data.open(f"{self._path}.arrow") as file:
            for begin, length in zip(
                *(slices[n].tolist() for n in ("begin", "length")), strict=True
            ):
                yield _unpacked(file.read_at(length, begin))


def _packed(batch: pa.RecordBatch) -> pa.Buffer:
    """The batch with its schema, so that it can be read without the rest of its file."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=COMPRESSED) as writer:
        writer.write_batch(batch)
    return sink.getvalue()


def _unpacked(content: bytes) -> pa.RecordBatch:
    return pa.ipc.open_stream(content).read_next_batch()


def by_shard(examples: pa.Table, shards: int) -> Iterator[tuple[int, pa.RecordBatch]]:
    """The examples for each shard as one batch, in the order of the shards."""
    number = shard_numbers(examples, shards)
    order = np.argsort(number, kind="stable")
    bounds = np.flatnonzero(np.diff(number[order])) + 1
    for rows in np.split(order, bounds) if len(order) else ():
        table = examples.take(pa.array(rows)).combine_chunks()
        yield int(number[rows[0]]), table.to_batches()[0]


def shard_numbers(examples: pa.Table, shards: int) -> NDArray[np.int64]:
    """The shard of each example: `shards` for training, and after them some for validation."""
    keys = examples[KEY].to_numpy()
    validation = pc.equal(examples["split"], "validation").to_numpy(zero_copy_only=False)
    return np.where(
        validation,
        shards + shard_of(keys, -(-shards // VALIDATION_ONE_IN)),
        shard_of(keys, shards),
    )


def send_slices(index: NDArray) -> Iterator[Keyed]:
    """Yields by shard which slices of a unit are for it."""
    yield from by_key("slice", index["shard"].astype(np.int64), index)


def read_shard_examples(data: Storage, messages: list[Packed]) -> pa.Table:
    """The examples of a shard in their order, given the messages to it."""
    slices = unpack(messages, "slice", SLICE)
    units = np.unique(slices["unit"]).tolist()
    batches = [
        batch
        for unit in units
        for batch in UnitSlices(data, unit).read(slices[slices["unit"] == unit])
    ]
    table = pa.Table.from_batches(batches, KEYED)
    order = pc.sort_indices(
        table, [(KEY, "ascending"), ("example_id", "ascending"), ("copy", "ascending")]
    )
    return table.drop_columns([KEY]).take(order)
