"""Verified near duplicates: the members of a component meet, borderline pairs with exact Jaccard.

Content crosses no shuffle. Members meet with sketches of 8 bits a place, which decide all pairs
that are far from the threshold. Borderline pairs meet in storage: the unit of a file that may
matter reads its content once more and leaves its shingle set beside the unit's work; who resolves
the component reads just those sets, and holds at most CACHED_SETS. What a partition knows of
its members waits in storage too: a runner may hold until its end what crossed a shuffle.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.corpus import STAGE
from transforms.corpus.bands import read_signatures
from transforms.corpus.representatives import STANDING, describe, read_tables, write_table
from transforms.corpus.signals import read_signals
from transforms.lib.duplicates.components import COMPONENT_OF_ROW
from transforms.lib.duplicates.minhash import BANDS, PERMUTATIONS, band_keys
from transforms.lib.duplicates.near_duplicates import (
    Members,
    borderline_pairs,
    choose_representatives,
)
from transforms.lib.duplicates.shingle_sets import (
    ShingleSets,
    exact_jaccards,
)
from transforms.lib.duplicates.shingles import shingle_set
from transforms.lib.skeleton.columns import column, fixed_binary
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key, node, row_of, unit_of, unpack
from transforms.lib.skeleton.memory import give_back_memory
from transforms.lib.skeleton.plan import sent_unit
from transforms.lib.skeleton.spill import Spill
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Unit, read_unit
from transforms.lib.text.batch import text_batch
from transforms.lib.text.hashing import partition_of

WANTED = np.dtype([("row", "<u4"), ("partition", "<u4")])
# A row dropped as near duplicate of the file at `kept`, told to the row's unit with the number of
# rows there that it stood for.
NEAR = np.dtype(
    [("row", "<u4"), ("kept", "<u8"), ("sha256", "V32"), ("jaccard", "<f4"), ("copies", "<u4")]
)


@dataclass
class DescribeMembers(beam.DoFn):
    """Rows of a unit that have candidates, to their descriptions by component."""

    data: Storage
    partitions: int
    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        found = unpack(values, "member", COMPONENT_OF_ROW)
        signals = read_signals(self.data, unit, ["unit", *STANDING])
        wanted = np.zeros(len(signals), np.bool_)
        wanted[found["row"]] = True
        signed = (signature for _, signature in read_signatures(self.data, unit, wanted))
        sketches, buckets = zip(*((_sketch(part), _buckets(part)) for part in signed), strict=True)
        table = describe(signals, found["row"])
        table = table.append_column("sketch", fixed_binary(b"".join(sketches), PERMUTATIONS))
        table = table.append_column("buckets", fixed_binary(b"".join(buckets), 4 * BANDS))
        partition = partition_of(found["component"], self.partitions)
        described = (
            (key, ("described", write_table(table.filter(pa.array(partition == key)))))
            for key in np.unique(partition).tolist()
        )
        yield from self.spill.write(f"members-{unit:05d}", described)


def _sketch(signature: NDArray[np.uint32]) -> bytes:
    return signature.astype(np.uint8).tobytes()


def _buckets(signature: NDArray[np.uint32]) -> bytes:
    return band_keys(signature).astype(np.uint32).tobytes()


@dataclass(frozen=True)
class Described:
    """The files of a partition's components in the winners' order, as columns and as Members."""

    nodes: NDArray[np.uint64]
    digests: NDArray
    copies: NDArray[np.uint32]
    members: Members


def described(table: pa.Table) -> Described:
    """The files of a partition from their sorted descriptions."""
    sketches = column(table["sketch"], np.uint8).reshape(-1, PERMUTATIONS)
    buckets = column(table["buckets"], "<u4").reshape(-1, BANDS)
    nodes = node(column(table["unit"], np.int32), column(table["row"], np.int32))
    digests, copies = column(table["sha256"], "V32"), column(table["copies"], np.uint32)
    return Described(nodes, digests, copies, Members(sketches, buckets))


def members_name(partition: int) -> str:
    """Where the descriptions of a partition's files wait for its shingle sets."""
    return f"_work/corpus/members/{partition:05d}"


@dataclass
class AskShingles(beam.DoFn):
    """Files of a partition to storage, and to the rows, by unit, whose shingle sets may be needed.

    On `ready` goes the partition, for it must be resolved even if it asks for nothing.
    """

    data: Storage
    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Any]:
        partition, values = element
        values = self.spill.read(values)
        table = read_tables((content for _, content in values), "order", "sha256", "unit", "row")
        table = table.drop("order")
        self.data.put(members_name(partition), write_table(table))
        yield beam.pvalue.TaggedOutput("ready", (partition, ("ready", b"")))
        files = described(table)
        nodes = files.nodes[np.unique(borderline_pairs(files.members))]
        wanted = np.empty(len(nodes), WANTED)
        wanted["row"], wanted["partition"] = row_of(nodes), partition
        yield from by_key("wanted", unit_of(nodes), wanted)


@dataclass
class WriteShingles(beam.DoFn):
    """Borderline rows of a unit to their shingle sets in storage; tells who asked for them."""

    data: Storage

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        values = list(element[1])
        asked = unpack(values, "wanted", WANTED)
        if len(asked):
            unit, wanted = sent_unit(values, Unit.unpack), np.unique(asked["row"])
            ShingleSets(self.data, unit.index, STAGE).write(_sets(unit, wanted))
        for partition in np.unique(asked["partition"]).tolist():
            yield partition, ("ready", b"")


def _sets(unit: Unit, wanted: NDArray[np.uint32]) -> Iterator[tuple[int, NDArray[np.uint32]]]:
    first = 0
    for batch in read_unit(unit, ("content",)):
        inside = wanted[(wanted >= first) & (wanted < first + len(batch))]
        texts = text_batch(batch["content"])
        yield from ((row, shingle_set(texts, row - first)) for row in inside.tolist())
        first += len(batch)
        give_back_memory()


@dataclass
class ResolveNear(beam.DoFn):
    """Files of a partition to near duplicates by unit."""

    data: Storage

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        files = described(read_tables([self.data.read(members_name(element[0]))]))
        pairs = borderline_pairs(files.members)
        exact = exact_jaccards(self.data, STAGE, files.nodes, pairs)
        stands, value = choose_representatives(files.members, pairs, exact)
        lost = np.flatnonzero(stands >= 0)
        kept, nodes = stands[lost], files.nodes[lost]
        found = np.empty(len(lost), NEAR)
        found["row"], found["kept"] = row_of(nodes), files.nodes[kept]
        found["sha256"], found["jaccard"] = files.digests[kept], value[lost]
        found["copies"] = files.copies[lost]
        yield from by_key("near", unit_of(nodes), found)
