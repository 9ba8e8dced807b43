"""Exact and near duplicates among functions, by their normalised bodies, through packed keys.

No text is exchanged: equal digests meet, and bands; those that share a band meet with sketches, and
pairs on the borderline are decided by the shingle sets that units left in storage.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np

from transforms.duplicates import candidates
from transforms.duplicates.candidates import find_components, join_bands
from transforms.duplicates.minhash import BANDS, PERMUTATIONS
from transforms.duplicates.near import Members, borderline, resolve
from transforms.duplicates.verification import component_partition, exact_jaccards
from transforms.exchange import Keyed, Packed, by_key, row_of, unit_of, unpack
from transforms.functions.keys import KEY, MEMBER, STAGE, UnitBodies, nodes
from transforms.storage import Storage

# What a row is told: the first of those that it equals, or the one that it is like.
EQUAL = np.dtype([("row", "<u4"), ("id", "V16")])
ALIKE = np.dtype([("row", "<u4"), ("id", "V16"), ("jaccard", "<f4")])


def find_equal(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Keys of a partition to the rows, by unit, that are not the first with their digest."""
    keys = unpack(element[1], "key", KEY)
    first = np.r_[True, keys["digest"][1:] != keys["digest"][:-1]][: len(keys)]
    leader = np.flatnonzero(first)[np.cumsum(first) - 1]
    others = nodes(keys[~first])
    found = np.empty(len(others), EQUAL)
    found["row"], found["id"] = row_of(others), keys["id"][leader][~first]
    yield from by_key("equal", unit_of(others), found)


@dataclass
class DescribeBodies(beam.DoFn):
    """Rows of a unit that have candidates, to their members by component."""

    data: Storage

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        found = unpack(values, "member", candidates.MEMBER)
        members = UnitBodies(self.data, unit).members()
        taken = members[np.searchsorted(row_of(nodes(members)), found["row"])]
        yield from by_key("body", component_partition(found["component"]), taken)


@dataclass
class ResolveBodies(beam.DoFn):
    """Members of a partition to the rows, by unit, that are like one that comes before them."""

    data: Storage

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        found = unpack(element[1], "body", MEMBER)
        places = nodes(found)
        sketches = np.ascontiguousarray(found["sketch"]).view(np.uint8).reshape(-1, PERMUTATIONS)
        bands = np.ascontiguousarray(found["bands"]).view(np.uint64).reshape(-1, BANDS)
        members = Members(sketches, bands.astype(np.uint32))
        pairs = borderline(members)
        stands, value = resolve(members, pairs, exact_jaccards(self.data, STAGE, places[pairs]))
        lost = np.flatnonzero(stands >= 0)
        alike = np.empty(len(lost), ALIKE)
        alike["row"], alike["id"] = row_of(places[lost]), found["id"][stands[lost]]
        alike["jaccard"] = value[lost]
        yield from by_key("alike", unit_of(places[lost]), alike)


@dataclass
class FindAlike(beam.PTransform):
    """Keys and band keys (partition, records) to what rows are told, by unit."""

    data: Storage

    def expand(self, messages: beam.PCollection) -> beam.PCollection:
        met = messages | "Meet keys" >> beam.GroupByKey()
        equal = met | "Find equal" >> beam.FlatMap(find_equal).with_output_types(Keyed)
        alike = (
            met
            | "Join bands" >> beam.FlatMap(join_bands).with_output_types(Keyed)
            | "Meet edges" >> beam.GroupByKey()
            | "Find components" >> beam.FlatMap(find_components).with_output_types(Keyed)
            | "Meet nodes" >> beam.GroupByKey()
            | "Describe bodies" >> beam.ParDo(DescribeBodies(self.data)).with_output_types(Keyed)
            | "Meet bodies" >> beam.GroupByKey()
            | "Resolve bodies" >> beam.ParDo(ResolveBodies(self.data)).with_output_types(Keyed)
        )
        return (equal, alike) | "All that is told" >> beam.Flatten()
