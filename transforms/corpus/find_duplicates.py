"""Exact and near duplicates through the packed-key exchange: which rows are dropped, and for what.

No content is exchanged. `exact`, `bands`, `near`, `decisions` and `candidates` of lib define the
steps; here is the graph of all of them.
"""

from dataclasses import dataclass

import apache_beam as beam

from transforms.corpus import component_sizes
from transforms.corpus.bands import BandUnit
from transforms.corpus.component_sizes import FindLargeComponents
from transforms.corpus.copies_elsewhere import MarkCopiesElsewhere
from transforms.corpus.decisions import decide
from transforms.corpus.exact import DescribeTies, choose_exact, find_ties
from transforms.corpus.large_components import ResolveLarge
from transforms.corpus.near import (
    DescribeMembers,
    RequestShingles,
    ResolveNear,
    WriteShingles,
)
from transforms.corpus.scope import EACH_PROJECT
from transforms.lib.duplicates.candidates import FindComponents
from transforms.lib.skeleton.exchange import Keyed
from transforms.lib.skeleton.spill import Spill
from transforms.lib.skeleton.storage import Storage


@dataclass
class FindDuplicates(beam.PTransform):
    """Takes digest prefixes by partition, and units by number; yields decisions by unit."""

    data: Storage
    near: bool
    scope: str
    rows: int
    partitions: int
    rounds: int
    spill: Spill

    def expand(self, pcolls: tuple) -> beam.PCollection:
        digests, sent = pcolls
        describe = DescribeTies(self.data, self.scope)
        exact = (
            digests
            | "Meet digests" >> beam.GroupByKey()
            | "Find ties" >> beam.FlatMap(find_ties).with_output_types(Keyed)
            | "Meet ties" >> beam.GroupByKey()
            | "Describe ties" >> beam.ParDo(describe).with_output_types(Keyed)
            | "Meet copies" >> beam.GroupByKey()
            | "Choose exact" >> beam.FlatMap(choose_exact).with_output_types(Keyed)
        )
        duplicates = [exact, *self._near(exact, sent)] if self.near else [exact]
        decided = (
            duplicates
            | "All duplicates" >> beam.Flatten()
            | "Meet duplicates" >> beam.GroupByKey()
            | "Decide" >> beam.FlatMap(decide).with_output_types(Keyed)
        )
        if self.scope != EACH_PROJECT:
            return decided
        elsewhere = (decided, sent) | MarkCopiesElsewhere(self.data, self.partitions)
        return (decided, elsewhere) | "All decisions" >> beam.Flatten()

    def _near(self, exact: beam.PCollection, sent: beam.PCollection) -> list[beam.PCollection]:
        band = BandUnit(self.data, self.scope, self.partitions, self.spill)
        members = (
            (exact, sent)
            | "With every unit" >> beam.Flatten()
            | "Meet exact duplicates" >> beam.GroupByKey()
            | "Band" >> beam.ParDo(band).with_output_types(Keyed)
            | "Meet bands" >> beam.GroupByKey()
            | "Components" >> FindComponents(self.partitions, self.rounds, self.spill)
        )
        most = component_sizes.MOST_FILES
        if self.rows <= most:
            return [self._in_workers(members, sent)]
        large = members | FindLargeComponents(self.partitions, most)
        members = (members, large) | "With large ones" >> beam.Flatten()
        resolve = ResolveLarge(
            self.data, self.scope, self.partitions, self.rounds, self.spill, most
        )
        return [self._in_workers(members, sent), (members, sent) | resolve]

    def _in_workers(self, members: beam.PCollection, sent: beam.PCollection) -> beam.PCollection:
        """The near duplicates in components that meet in one worker each."""
        describe = DescribeMembers(self.data, self.scope, self.partitions, self.spill)
        members = (
            members
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
