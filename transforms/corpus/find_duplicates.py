"""Exact and near duplicates by the packed-key exchange: which rows of which unit go, and why.

No content is exchanged. What meets where is told in `exact`, `candidates` and
`verification`; here is the graph, and the last word on every row.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np

from transforms.corpus.bands import BandUnit
from transforms.corpus.exact import COPY, DescribeTies, choose_exact, find_ties
from transforms.corpus.near import NEAR, AskShingles, DescribeMembers, ResolveNear, WriteShingles
from transforms.lib.duplicates.candidates import FindComponents
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key, unpack
from transforms.lib.skeleton.spill import Spill
from transforms.lib.skeleton.storage import Storage

# The last word on a row that is dropped for a file with another content, its own near duplicate or
# that of its identical copy, and what a kept row stands for; told to its unit.
DROP = np.dtype([("row", "<u4"), ("exact", "?"), ("sha256", "V32"), ("jaccard", "<f4")])
CREDIT = np.dtype([("row", "<u4"), ("exact", "<u4"), ("near", "<u4")])


def decide(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """What a unit's rows stand for, to the last word on every dropped row, by unit.

    The copies of a near duplicate are told the file that stands for it, so that every
    `kept_sha256` names a row of the corpus.
    """
    unit, values = element
    values = list(values)
    copies = unpack(values, "copy", COPY)
    drops, stands = _Outbox("drop", DROP), _Outbox("credit", CREDIT)
    near = {int(found["row"]): found for found in unpack(values, "near", NEAR)}
    stood_for = Counter({row: int(found["copies"]) for row, found in near.items()})
    for row, loser_unit, loser_row, count in copies.tolist():
        stood_for[row] += count
        if (found := near.get(row)) is not None:
            drops.send(loser_unit, (loser_row, True, found["sha256"], found["jaccard"]))
    for row, found in near.items():
        drops.send(unit, (row, False, found["sha256"], found["jaccard"]))
    for row, count in stood_for.items():
        if (found := near.get(row)) is None:
            stands.send(unit, (row, count, 0))
        else:
            kept_unit, kept_row = divmod(int(found["kept"]), 1 << 32)
            stands.send(kept_unit, (kept_row, 0, count))
    yield from drops.flush()
    yield from stands.flush()
    yield from ((unit, value) for value in values if value[0] == "lost")


class _Outbox:
    """Records collected by the unit they go to."""

    def __init__(self, tag: str, dtype: np.dtype) -> None:
        self.tag, self.dtype = tag, dtype
        self.rows: list[tuple] = []
        self.units: list[int] = []

    def send(self, unit: int, record: tuple) -> None:
        """Send one record to a unit."""
        self.units.append(unit)
        self.rows.append(record)

    def flush(self) -> Iterator[Keyed]:
        """Everything that was sent."""
        keys = np.array(self.units, np.int64)
        yield from by_key(self.tag, keys, np.array(self.rows, self.dtype))


@dataclass
class FindDuplicates(beam.PTransform):
    """Digests, by partition, and units, by their number, to the last word on dropped rows."""

    data: Storage
    near: bool
    partitions: int
    rounds: int
    spill: Spill

    def expand(self, pcolls: tuple) -> beam.PCollection:
        digests, sent = pcolls
        exact = (
            digests
            | "Meet digests" >> beam.GroupByKey()
            | "Find ties" >> beam.FlatMap(find_ties).with_output_types(Keyed)
            | "Meet ties" >> beam.GroupByKey()
            | "Describe ties" >> beam.ParDo(DescribeTies(self.data)).with_output_types(Keyed)
            | "Meet copies" >> beam.GroupByKey()
            | "Choose exact" >> beam.FlatMap(choose_exact).with_output_types(Keyed)
        )
        told = [exact, self._near(exact, sent)] if self.near else [exact]
        return (
            told
            | "Tell units" >> beam.Flatten()
            | "Meet decisions" >> beam.GroupByKey()
            | "Decide" >> beam.FlatMap(decide).with_output_types(Keyed)
        )

    def _near(self, exact: beam.PCollection, sent: beam.PCollection) -> beam.PCollection:
        band = BandUnit(self.data, self.partitions, self.spill)
        describe = DescribeMembers(self.data, self.partitions, self.spill)
        members = (
            (exact, sent)
            | "With every unit" >> beam.Flatten()
            | "Meet losers" >> beam.GroupByKey()
            | "Band" >> beam.ParDo(band).with_output_types(Keyed)
            | "Meet bands" >> beam.GroupByKey()
            | "Components" >> FindComponents(self.partitions, self.rounds, self.spill)
            | "Meet nodes" >> beam.GroupByKey()
            | "Describe members" >> beam.ParDo(describe).with_output_types(Keyed)
        )
        asked = (
            members
            | "Meet members" >> beam.GroupByKey()
            | "Ask shingles"
            >> beam.ParDo(AskShingles(self.data, self.spill)).with_outputs("ready", main="ask")
        )
        wanted = asked.ask | "Rows asked for" >> beam.Map(lambda x: x).with_output_types(Keyed)
        written = (
            (wanted, sent)
            | "With their units" >> beam.Flatten()
            | "Meet borderline" >> beam.GroupByKey()
            | "Write shingles" >> beam.ParDo(WriteShingles(self.data)).with_output_types(Keyed)
        )
        ready = asked.ready | "Ready" >> beam.Map(lambda x: x).with_output_types(Keyed)
        return (
            (ready, written)
            | "When sets are ready" >> beam.Flatten()
            | "Meet ready" >> beam.GroupByKey()
            | "Resolve near" >> beam.ParDo(ResolveNear(self.data)).with_output_types(Keyed)
        )
