"""Exact and near duplicates among functions, by their normalised bodies, through packed keys.

No text is exchanged. Copies inside a unit are settled there. The first of each then meet by digest,
and those that are no exact duplicate meet by bands. Functions that share a band meet with sketches
(the low byte of each MinHash value); pairs on the borderline are decided by the shingle sets that
the units wrote to storage.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from transforms.functions import STAGE
from transforms.functions.keys import BODY_KEY, BODY_MEMBER, UnitBodies, nodes
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

# A row, of the unit it is sent to, and the function_id of its representative.
EXACT_DUPLICATE_OF = np.dtype([("row", "<u4"), ("id", "V16")])
NEAR_DUPLICATE_OF = np.dtype([("row", "<u4"), ("id", "V16"), ("jaccard", "<f4")])


def first_equal(keys: NDArray) -> NDArray[np.int64]:
    """For each of sorted keys the index of the first one with its digest; int64[n]."""
    first = np.r_[True, keys["digest"][1:] != keys["digest"][:-1]][: len(keys)]
    indices: NDArray[np.int64] = np.flatnonzero(first)[np.cumsum(first) - 1]
    return indices


def send_keys(keys: NDArray, partitions: int) -> Iterator[Keyed]:
    """Yields by partition the keys of a unit that are the first of the unit with their digest."""
    first = keys[np.unique(first_equal(keys))]
    digest = np.ascontiguousarray(first["digest"]).view("<u8")[::2]
    yield from by_key("key", digest % np.uint64(partitions), first)


def find_exact(element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
    """Takes the keys of a partition; yields by unit the rows that are exact duplicates."""
    keys = unpack(element[1], "key", BODY_KEY)
    first = first_equal(keys)
    duplicate = first != np.arange(len(keys))
    addresses = nodes(keys[duplicate])
    records = np.empty(len(addresses), EXACT_DUPLICATE_OF)
    records["row"], records["id"] = row_of(addresses), keys["id"][first[duplicate]]
    yield from by_key("exact", unit_of(addresses), records)


def exact_duplicates(keys: NDArray, sent: NDArray) -> NDArray:
    """All exact duplicates among a unit's rows; EXACT_DUPLICATE_OF[n].

    `keys` are those of the unit, `sent` what `find_exact` sent to it: rows that come first in this
    unit but have a duplicate in an earlier one; their copies in the unit get the same
    representative.
    """
    first, rows = first_equal(keys), row_of(nodes(keys))
    representative = np.zeros(int(rows.max(initial=0)) + 1, "V16")
    representative[rows] = keys["id"][first]
    representative[sent["row"]] = sent["id"]
    representative[rows] = representative[rows[first]]
    records = np.empty(len(keys), EXACT_DUPLICATE_OF)
    records["row"], records["id"] = rows, representative[rows]
    duplicates: NDArray = records[records["id"] != keys["id"]]
    return duplicates


@dataclass
class BandBodies(beam.DoFn):
    """Takes a unit with its exact duplicates; yields the band keys of its other rows.

    The keys go out by partition of the key.
    """

    data: Storage
    partitions: int
    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        bodies = UnitBodies(self.data, unit)
        exact = exact_duplicates(bodies.keys(), unpack(values, "exact", EXACT_DUPLICATE_OF))
        members = bodies.members()
        rows = row_of(nodes(members))
        remaining = ~np.isin(rows, exact["row"])
        keys = np.ascontiguousarray(members["bands"][remaining]).view(np.uint64)
        bands = np.empty(len(keys), BAND)
        bands["key"], bands["row"] = keys, np.repeat(rows[remaining], BANDS)
        sent = by_key("band", keys % np.uint64(self.partitions), bands, unit)
        yield from self.spill.write(f"bands-{unit:05d}", sent)


@dataclass
class DescribeBodies(beam.DoFn):
    """Takes the rows of a unit that are in a component; yields their members.

    The members go to the partition of the component.
    """

    data: Storage
    partitions: int
    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        in_components = unpack(values, "member", COMPONENT_OF_ROW)
        members = UnitBodies(self.data, unit).members()
        taken = members[np.searchsorted(row_of(nodes(members)), in_components["row"])]
        partition = partition_of(in_components["component"], self.partitions)
        sent = by_key("body", partition, taken)
        yield from self.spill.write(f"members-{unit:05d}", sent)


@dataclass
class ResolveBodies(beam.DoFn):
    """Takes the members of a partition; yields by unit the rows that are near duplicates."""

    data: Storage
    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        bodies = unpack(self.spill.read(element[1]), "body", BODY_MEMBER)
        addresses = nodes(bodies)
        sketches = np.ascontiguousarray(bodies["sketch"]).view(np.uint8).reshape(-1, PERMUTATIONS)
        bands = np.ascontiguousarray(bodies["bands"]).view(np.uint64).reshape(-1, BANDS)
        members = Members(sketches, bands.astype(np.uint32))
        pairs = borderline_pairs(members)
        exact = exact_jaccards(self.data, STAGE, addresses, pairs)
        representative, similarity = choose_representatives(members, pairs, exact)
        duplicates = np.flatnonzero(representative >= 0)
        records = np.empty(len(duplicates), NEAR_DUPLICATE_OF)
        records["row"] = row_of(addresses[duplicates])
        records["id"] = bodies["id"][representative[duplicates]]
        records["jaccard"] = similarity[duplicates]
        yield from by_key("near", unit_of(addresses[duplicates]), records)


@dataclass
class FindDuplicateBodies(beam.PTransform):
    """Takes keys by partition, and units by number; yields the duplicates of each unit, by unit."""

    data: Storage
    partitions: int
    rounds: int
    spill: Spill

    def expand(self, pcolls: tuple) -> beam.PCollection:
        keys, sent = pcolls
        exact = (
            keys
            | "Meet keys" >> beam.GroupByKey()
            | "Find exact" >> beam.FlatMap(find_exact).with_output_types(Keyed)
        )
        band = BandBodies(self.data, self.partitions, self.spill)
        describe = DescribeBodies(self.data, self.partitions, self.spill)
        compare = ResolveBodies(self.data, self.spill)
        near = (
            (exact, sent)
            | "With every unit" >> beam.Flatten()
            | "Meet exact duplicates" >> beam.GroupByKey()
            | "Band" >> beam.ParDo(band).with_output_types(Keyed)
            | "Meet bands" >> beam.GroupByKey()
            | "Components" >> FindComponents(self.partitions, self.rounds, self.spill)
            | "Meet nodes" >> beam.GroupByKey()
            | "Describe bodies" >> beam.ParDo(describe).with_output_types(Keyed)
            | "Meet bodies" >> beam.GroupByKey()
            | "Resolve bodies" >> beam.ParDo(compare).with_output_types(Keyed)
        )
        return (exact, near) | "All duplicates" >> beam.Flatten()
