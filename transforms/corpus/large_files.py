"""The files of large components: what a unit keeps of them on storage, and sends to buckets."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from transforms.corpus import STAGE
from transforms.corpus.bands import read_signatures
from transforms.corpus.near import shingle_sets
from transforms.corpus.winners_ranks import RANKED_ROW
from transforms.lib.duplicates.minhash import BANDS, PERMUTATIONS, band_keys
from transforms.lib.duplicates.rounds import IN_BUCKET, MEMBER_STATE, OLD, OPEN
from transforms.lib.duplicates.shingle_sets import ShingleSets, exact_jaccards
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key, node, pack, unpack
from transforms.lib.skeleton.plan import sent_unit
from transforms.lib.skeleton.spill import Spill
from transforms.lib.skeleton.storage import Storage
from transforms.lib.skeleton.units import Unit
from transforms.lib.text.hashing import partition_of

SETS = f"{STAGE}/large"  # below _work, where the shingle sets are
# A file of a unit: its row, what it represents, and what decides its similarity.
LARGE_MEMBER = np.dtype(
    [*RANKED_ROW.descr, ("sketch", f"V{PERMUTATIONS}"), ("bands", "<u8", (BANDS,))]
)
# The place of a kept file in a bucket, when all others were compared with it.
OLD_IN_BUCKET = np.dtype([("bucket", "<u8"), ("rank", "<u8")])


@dataclass(frozen=True)
class LargeFiles:
    """The files of a unit that are in large components, on storage."""

    data: Storage
    unit: int

    @property
    def _name(self) -> str:
        return f"_work/{SETS}/members/{self.unit:05d}"

    def write(self, members: NDArray) -> None:
        """Write LARGE_MEMBER[n], in the order of their rows."""
        self.data.put(self._name, members.tobytes(), durable=False)

    def read(self) -> NDArray:
        """What was written; LARGE_MEMBER[n]."""
        return np.frombuffer(self.data.read(self._name), LARGE_MEMBER)


def exact_of(data: Storage, pairs: NDArray[np.uint64]) -> NDArray[np.float64]:
    """The exact Jaccards of pairs of addresses of files in large components."""
    nodes, places = np.unique(pairs, return_inverse=True)
    return exact_jaccards(data, SETS, nodes, places.reshape(-1, 2))


@dataclass(frozen=True)
class Buckets:
    """How files go to their buckets: each band has `partitions` of its own."""

    partitions: int
    spill: Spill

    def send(self, name: str, members: NDArray, states: NDArray) -> Iterator[Keyed]:
        """Yields the files by partition, once for each band; `name` is that of what is spilled."""
        old = states["state"] == OLD
        for band in range(BANDS):
            values = self._band(band, members[old], members[~old], states[~old])
            yield from self.spill.write(f"{name}-{band:02d}", values)

    def _band(self, band: int, old: NDArray, others: NDArray, states: NDArray) -> Iterator[Keyed]:
        places = np.empty(len(old), OLD_IN_BUCKET)
        places["bucket"], places["rank"] = old["bands"][:, band], old["rank"]
        yield from by_key("old", self._partition(band, places), places)
        records = np.empty(len(others), IN_BUCKET)
        records["bucket"] = others["bands"][:, band]
        records["rank"], records["sketch"] = others["rank"], others["sketch"]
        records["node"], records["state"] = states["node"], states["state"]
        yield from by_key("open", self._partition(band, records), records)

    def _partition(self, band: int, records: NDArray) -> NDArray[np.uint64]:
        return band * self.partitions + partition_of(records["bucket"], self.partitions)


@dataclass
class OpenMembers(beam.DoFn):
    """Takes the ranks of a unit's rows; writes what the rounds need of them, and their sets.

    Yields the rows by bucket, and their states to the output `states`.
    """

    data: Storage
    scope: str
    buckets: Buckets

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Any]:
        unit, values = element
        values = list(values)
        ranks = unpack(values, "rank", RANKED_ROW)
        if not len(ranks):
            return
        source = sent_unit(values, Unit.unpack)
        members = self._members(source, ranks)
        files = LargeFiles(self.data, unit)
        files.write(members)
        sets = shingle_sets(source, members["row"])
        ShingleSets(self.data, unit, SETS).write(sets)
        states = np.zeros(len(members), MEMBER_STATE)
        states["node"], states["state"] = node(unit, members["row"]), OPEN
        yield beam.pvalue.TaggedOutput("states", (unit, pack("state", states)))
        yield from self.buckets.send(f"open-{unit:05d}", members, states)

    def _members(self, unit: Unit, ranks: NDArray) -> NDArray:
        members = np.empty(len(ranks), LARGE_MEMBER)
        for name in RANKED_ROW.names or ():
            members[name] = ranks[name]
        wanted = np.zeros(unit.rows, np.bool_)
        wanted[ranks["row"]] = True
        for rows, signature in read_signatures(self.data, unit.index, wanted, self.scope):
            places = np.searchsorted(ranks["row"], rows)
            sketches = signature.astype(np.uint8).view(f"V{PERMUTATIONS}")[:, 0]
            members["sketch"][places], members["bands"][places] = sketches, band_keys(signature)
        return members
