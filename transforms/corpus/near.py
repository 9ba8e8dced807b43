"""Near duplicates: the files of a component meet, and each pair that shares a band is verified.

Content crosses no shuffle. Files meet with sketches, 8 bits of each place of their signatures,
which decide all pairs that are far from the threshold. Pairs on the borderline are decided by the
exact Jaccard of their shingle sets. Those meet in storage: the unit of a file whose set may be
needed reads the file's content once more and writes the set beside the unit's work. The worker that
resolves a component reads just these sets, and holds at most CACHED_SETS of them. The descriptions
of a partition's files wait in storage too, because a runner may hold until its end what crossed a
shuffle.
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
from transforms.corpus.component_sizes import in_large
from transforms.corpus.representatives import (
    REPRESENTATIVE_COLUMNS,
    describe,
    read_tables,
    write_table,
)
from transforms.corpus.signals import read_signals
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
from transforms.lib.skeleton.read_units import read_unit
from transforms.lib.skeleton.spill import Spill
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Unit
from transforms.lib.text.batch import text_batch
from transforms.lib.text.hashing import partition_of

# A row whose shingle set a partition requests, sent to the row's unit.
SHINGLE_REQUEST = np.dtype([("row", "<u4"), ("partition", "<u4")])
# A row dropped as near duplicate of the file at the address `kept`, sent to the row's unit with the
# number of rows of the unit that the row represented, itself included.
NEAR_DUPLICATE = np.dtype(
    [("row", "<u4"), ("kept", "<u8"), ("sha256", "V32"), ("jaccard", "<f4"), ("copies", "<u4")]
)


@dataclass
class DescribeMembers(beam.DoFn):
    """Takes the rows of a unit that are in a component; yields their descriptions.

    The descriptions go to the partition of the component, with sketches and bands. Large components
    are left out.
    """

    data: Storage
    scope: str
    partitions: int
    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        members, large = in_large(list(values))
        members = members[~large]
        if not len(members):
            return
        signals = read_signals(self.data, unit, ["unit", *REPRESENTATIVE_COLUMNS])
        wanted = np.zeros(len(signals), np.bool_)
        wanted[members["row"]] = True
        signed = (
            signature for _, signature in read_signatures(self.data, unit, wanted, self.scope)
        )
        sketches, buckets = zip(*((_sketch(part), _buckets(part)) for part in signed), strict=True)
        table = describe(signals, members["row"], self.scope)
        table = table.append_column("sketch", fixed_binary(b"".join(sketches), PERMUTATIONS))
        table = table.append_column("buckets", fixed_binary(b"".join(buckets), 4 * BANDS))
        partition = partition_of(members["component"], self.partitions)
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
class ComponentFiles:
    """The files of a partition's components, in the winners' order.

    nodes: their addresses; digests: their sha256, V32[n]; copies: how many rows each represents in
    its unit; members: what decides their similarity.
    """

    nodes: NDArray[np.uint64]
    digests: NDArray
    copies: NDArray[np.uint32]
    members: Members


def component_files(table: pa.Table) -> ComponentFiles:
    """The files of a partition from their descriptions, which are sorted already."""
    sketches = column(table["sketch"], np.uint8).reshape(-1, PERMUTATIONS)
    buckets = column(table["buckets"], "<u4").reshape(-1, BANDS)
    nodes = node(column(table["unit"], np.int32), column(table["row"], np.int32))
    digests, copies = column(table["sha256"], "V32"), column(table["copies"], np.uint32)
    return ComponentFiles(nodes, digests, copies, Members(sketches, buckets))


def members_name(partition: int) -> str:
    """The path under DATA where a partition's descriptions wait for its shingle sets."""
    return f"_work/corpus/members/{partition:05d}"


@dataclass
class RequestShingles(beam.DoFn):
    """Writes the files of a partition to storage; yields which shingle sets may be needed.

    The requests go to the units of the files. The partition itself goes to the output `ready`,
    because it must be resolved even if it requests nothing.
    """

    data: Storage
    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Any]:
        partition, values = element
        values = self.spill.read(values)
        table = read_tables((content for _, content in values), "order", "sha256", "unit", "row")
        table = table.drop("order")
        self.data.put(members_name(partition), write_table(table), durable=False)
        yield beam.pvalue.TaggedOutput("ready", (partition, ("ready", b"")))
        files = component_files(table)
        nodes = files.nodes[np.unique(borderline_pairs(files.members))]
        requests = np.empty(len(nodes), SHINGLE_REQUEST)
        requests["row"], requests["partition"] = row_of(nodes), partition
        yield from by_key("request", unit_of(nodes), requests)


@dataclass
class WriteShingles(beam.DoFn):
    """Writes the shingle sets that are requested of a unit; yields each partition that asked."""

    data: Storage

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        values = list(element[1])
        requests = unpack(values, "request", SHINGLE_REQUEST)
        if len(requests):
            unit, rows = sent_unit(values, Unit.unpack), np.unique(requests["row"])
            ShingleSets(self.data, unit.index, STAGE).write(shingle_sets(unit, rows))
        for partition in np.unique(requests["partition"]).tolist():
            yield partition, ("ready", b"")


def shingle_sets(unit: Unit, rows: NDArray[np.uint32]) -> Iterator[tuple[int, NDArray[np.uint32]]]:
    """Yields these rows of a unit, ascending, with their shingle sets."""
    first = 0
    for batch in read_unit(unit, ("content",)):
        inside = rows[(rows >= first) & (rows < first + len(batch))]
        texts = text_batch(batch["content"])
        yield from ((row, shingle_set(texts, row - first)) for row in inside.tolist())
        first += len(batch)
        give_back_memory()


@dataclass
class ResolveNear(beam.DoFn):
    """Takes a partition whose shingle sets are ready; yields its near duplicates by unit."""

    data: Storage

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        files = component_files(read_tables([self.data.read(members_name(element[0]))]))
        pairs = borderline_pairs(files.members)
        exact = exact_jaccards(self.data, STAGE, files.nodes, pairs)
        representative, similarity = choose_representatives(files.members, pairs, exact)
        dropped = np.flatnonzero(representative >= 0)
        kept, nodes = representative[dropped], files.nodes[dropped]
        duplicates = np.empty(len(dropped), NEAR_DUPLICATE)
        duplicates["row"], duplicates["kept"] = row_of(nodes), files.nodes[kept]
        duplicates["sha256"], duplicates["jaccard"] = files.digests[kept], similarity[dropped]
        duplicates["copies"] = files.copies[dropped]
        yield from by_key("near", unit_of(nodes), duplicates)
