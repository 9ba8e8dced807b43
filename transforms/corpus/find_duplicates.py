"""Exact and near duplicates through the packed-key exchange: which rows are dropped, and for what.

No content is exchanged. `exact`, `bands`, `near` and `candidates` of lib define the steps; here is
the graph of all of them, and the decision on every row.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np

from transforms.corpus.bands import BandUnit
from transforms.corpus.exact import COPY_OF_ROW, DescribeTies, choose_exact, find_ties
from transforms.corpus.near import (
    NEAR_DUPLICATE,
    DescribeMembers,
    RequestShingles,
    ResolveNear,
    WriteShingles,
)
from transforms.lib.duplicates.candidates import FindComponents
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key, unpack
from transforms.lib.skeleton.spill import Spill
from transforms.lib.skeleton.storage import Storage

# A decision, sent to the unit of the row: the row is dropped for a file with other content. It is a
# near duplicate of that file (`exact` false), or an exact copy of such a near duplicate (`exact`
# true). `sha256` is that of the file that is kept.
DROPPED_ROW = np.dtype([("row", "<u4"), ("exact", "?"), ("sha256", "V32"), ("jaccard", "<f4")])
# And how many rows of other units a kept row represents.
REPRESENTED_ROWS = np.dtype([("row", "<u4"), ("exact", "<u4"), ("near", "<u4")])


def decide(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Takes the duplicates of a unit's rows; yields the decisions, by the unit they concern.

    A copy of a near duplicate is dropped for the representative of the latter, so that every
    `kept_sha256` names a row of the corpus.
    """
    unit, values = element
    values = list(values)
    copies = unpack(values, "copy", COPY_OF_ROW)
    drops, counts = _Outbox("drop", DROPPED_ROW), _Outbox("represented", REPRESENTED_ROWS)
    near = {int(record["row"]): record for record in unpack(values, "near", NEAR_DUPLICATE)}
    represented = Counter({row: int(record["copies"]) for row, record in near.items()})
    for row, duplicate_unit, duplicate_row, count in copies.tolist():
        represented[row] += count
        if (record := near.get(row)) is not None:
            decision = (duplicate_row, True, record["sha256"], record["jaccard"])
            drops.send(duplicate_unit, decision)
    for row, record in near.items():
        drops.send(unit, (row, False, record["sha256"], record["jaccard"]))
    for row, count in represented.items():
        if (record := near.get(row)) is None:
            counts.send(unit, (row, count, 0))
        else:
            kept_unit, kept_row = divmod(int(record["kept"]), 1 << 32)
            counts.send(kept_unit, (kept_row, 0, count))
    yield from drops.flush()
    yield from counts.flush()
    yield from ((unit, value) for value in values if value[0] == "duplicate")


class _Outbox:
    """Records of one tag, collected by the unit that each is sent to."""

    def __init__(self, tag: str, dtype: np.dtype) -> None:
        self.tag, self.dtype = tag, dtype
        self.rows: list[tuple] = []
        self.units: list[int] = []

    def send(self, unit: int, record: tuple) -> None:
        """Adds a record for a unit."""
        self.units.append(unit)
        self.rows.append(record)

    def flush(self) -> Iterator[Keyed]:
        """Yields all records as values of the exchange, one for each unit."""
        keys = np.array(self.units, np.int64)
        yield from by_key(self.tag, keys, np.array(self.rows, self.dtype))


@dataclass
class FindDuplicates(beam.PTransform):
    """Takes digest prefixes by partition, and units by number; yields decisions by unit."""

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
        duplicates = [exact, self._near(exact, sent)] if self.near else [exact]
        return (
            duplicates
            | "All duplicates" >> beam.Flatten()
            | "Meet duplicates" >> beam.GroupByKey()
            | "Decide" >> beam.FlatMap(decide).with_output_types(Keyed)
        )

    def _near(self, exact: beam.PCollection, sent: beam.PCollection) -> beam.PCollection:
        band = BandUnit(self.data, self.partitions, self.spill)
        describe = DescribeMembers(self.data, self.partitions, self.spill)
        members = (
            (exact, sent)
            | "With every unit" >> beam.Flatten()
            | "Meet exact duplicates" >> beam.GroupByKey()
            | "Band" >> beam.ParDo(band).with_output_types(Keyed)
            | "Meet bands" >> beam.GroupByKey()
            | "Components" >> FindComponents(self.partitions, self.rounds, self.spill)
            | "Meet nodes" >> beam.GroupByKey()
            | "Describe members" >> beam.ParDo(describe).with_output_types(Keyed)
        )
        request = RequestShingles(self.data, self.spill)
        requested = (
            members
            | "Meet members" >> beam.GroupByKey()
            | "Request shingles" >> beam.ParDo(request).with_outputs("ready", main="requests")
        )
        requests = requested.requests | "Requests" >> beam.Map(lambda x: x).with_output_types(Keyed)
        written = (
            (requests, sent)
            | "With their units" >> beam.Flatten()
            | "Meet borderline" >> beam.GroupByKey()
            | "Write shingles" >> beam.ParDo(WriteShingles(self.data)).with_output_types(Keyed)
        )
        ready = requested.ready | "Ready" >> beam.Map(lambda x: x).with_output_types(Keyed)
        return (
            (ready, written)
            | "When sets are ready" >> beam.Flatten()
            | "Meet ready" >> beam.GroupByKey()
            | "Resolve near" >> beam.ParDo(ResolveNear(self.data)).with_output_types(Keyed)
        )
