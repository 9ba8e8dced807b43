"""Exact and near duplicates among functions, by their normalised bodies, through packed keys.

No text is exchanged. Copies inside a unit are settled there; the first of each meet by digest, and
those that equal none before them by bands. Functions that share a band meet with sketches, and
pairs on the borderline are decided by the shingle sets that units left in storage.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from transforms.functions import STAGE
from transforms.functions.keys import KEY, MEMBER, UnitBodies, nodes
from transforms.lib.duplicates.candidates import BAND, FindComponents
from transforms.lib.duplicates.components import COMPONENT_OF_ROW
from transforms.lib.duplicates.minhash import BANDS, PERMUTATIONS
from transforms.lib.duplicates.near_duplicates import (
    Members,
    borderline_pairs,
    choose_representatives,
)
from transforms.lib.duplicates.shingle_sets import exact_jaccards
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key, row_of, unit_of, unpack
from transforms.lib.skeleton.spill import Spill
from transforms.lib.skeleton.storage import Storage
from transforms.lib.text.hashing import partition_of

# What a row is told: the first of those that it equals, or the one that it is like.
EQUAL = np.dtype([("row", "<u4"), ("id", "V16")])
ALIKE = np.dtype([("row", "<u4"), ("id", "V16"), ("jaccard", "<f4")])


def leaders(keys: NDArray) -> NDArray[np.int64]:
    """For each of sorted keys the place of the first with its digest; int64[n]."""
    first = np.r_[True, keys["digest"][1:] != keys["digest"][:-1]][: len(keys)]
    places: NDArray[np.int64] = np.flatnonzero(first)[np.cumsum(first) - 1]
    return places


def send_keys(keys: NDArray, partitions: int) -> Iterator[Keyed]:
    """The keys of a unit that come first in it, by partition."""
    first = keys[np.unique(leaders(keys))]
    digest = np.ascontiguousarray(first["digest"]).view("<u8")[::2]
    yield from by_key("key", digest % np.uint64(partitions), first)


def find_equal(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Keys of a partition to the rows, by unit, that are not the first with their digest."""
    keys = unpack(element[1], "key", KEY)
    leader = leaders(keys)
    lost = leader != np.arange(len(keys))
    others = nodes(keys[lost])
    found = np.empty(len(others), EQUAL)
    found["row"], found["id"] = row_of(others), keys["id"][leader[lost]]
    yield from by_key("equal", unit_of(others), found)


def equal_rows(keys: NDArray, told: NDArray) -> NDArray:
    """All rows of a unit that equal one before them, by the unit's keys and what it was told."""
    leader, rows = leaders(keys), row_of(nodes(keys))
    first = np.zeros(int(rows.max(initial=0)) + 1, "V16")
    first[rows] = keys["id"][leader]
    first[told["row"]] = told["id"]
    first[rows] = first[rows[leader]]  # copies have the first that their leader was told
    found = np.empty(len(keys), EQUAL)
    found["row"], found["id"] = rows, first[rows]
    others: NDArray = found[found["id"] != keys["id"]]
    return others


@dataclass
class BandBodies(beam.DoFn):
    """Rows of a unit that equal none before them, to their band keys by partition."""

    data: Storage
    partitions: int
    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        bodies = UnitBodies(self.data, unit)
        equal = equal_rows(bodies.keys(), unpack(values, "equal", EQUAL))
        members = bodies.members()
        rows = row_of(nodes(members))
        alone = ~np.isin(rows, equal["row"])
        bands = np.ascontiguousarray(members["bands"][alone]).view(np.uint64)
        found = np.empty(len(bands), BAND)
        found["key"], found["row"] = bands, np.repeat(rows[alone], BANDS)
        sent = by_key("band", bands % np.uint64(self.partitions), found, unit)
        yield from self.spill.write(f"bands-{unit:05d}", sent)


@dataclass
class DescribeBodies(beam.DoFn):
    """Rows of a unit that have candidates, to their members by component."""

    data: Storage
    partitions: int
    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        found = unpack(values, "member", COMPONENT_OF_ROW)
        members = UnitBodies(self.data, unit).members()
        taken = members[np.searchsorted(row_of(nodes(members)), found["row"])]
        sent = by_key("body", partition_of(found["component"], self.partitions), taken)
        yield from self.spill.write(f"members-{unit:05d}", sent)


@dataclass
class ResolveBodies(beam.DoFn):
    """Members of a partition to the rows, by unit, that are like one that comes before them."""

    data: Storage
    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        found = unpack(self.spill.read(element[1]), "body", MEMBER)
        places = nodes(found)
        sketches = np.ascontiguousarray(found["sketch"]).view(np.uint8).reshape(-1, PERMUTATIONS)
        bands = np.ascontiguousarray(found["bands"]).view(np.uint64).reshape(-1, BANDS)
        members = Members(sketches, bands.astype(np.uint32))
        pairs = borderline_pairs(members)
        exact = exact_jaccards(self.data, STAGE, places, pairs)
        stands, value = choose_representatives(members, pairs, exact)
        lost = np.flatnonzero(stands >= 0)
        alike = np.empty(len(lost), ALIKE)
        alike["row"], alike["id"] = row_of(places[lost]), found["id"][stands[lost]]
        alike["jaccard"] = value[lost]
        yield from by_key("alike", unit_of(places[lost]), alike)


@dataclass
class FindAlike(beam.PTransform):
    """Keys, by partition, and units, by their number, to what rows are told, by unit."""

    data: Storage
    partitions: int
    rounds: int
    spill: Spill

    def expand(self, pcolls: tuple) -> beam.PCollection:
        keys, sent = pcolls
        equal = (
            keys
            | "Meet keys" >> beam.GroupByKey()
            | "Find equal" >> beam.FlatMap(find_equal).with_output_types(Keyed)
        )
        band = BandBodies(self.data, self.partitions, self.spill)
        describe = DescribeBodies(self.data, self.partitions, self.spill)
        compare = ResolveBodies(self.data, self.spill)
        alike = (
            (equal, sent)
            | "With every unit" >> beam.Flatten()
            | "Meet copies" >> beam.GroupByKey()
            | "Band" >> beam.ParDo(band).with_output_types(Keyed)
            | "Meet bands" >> beam.GroupByKey()
            | "Components" >> FindComponents(self.partitions, self.rounds, self.spill)
            | "Meet nodes" >> beam.GroupByKey()
            | "Describe bodies" >> beam.ParDo(describe).with_output_types(Keyed)
            | "Meet bodies" >> beam.GroupByKey()
            | "Resolve bodies" >> beam.ParDo(compare).with_output_types(Keyed)
        )
        return (equal, alike) | "All that is told" >> beam.Flatten()
