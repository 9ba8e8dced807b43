"""Which components have more files than one worker is to hold."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from transforms.lib.duplicates.components import COMPONENT_OF_ROW
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key, unpack
from transforms.lib.text.hashing import partition_of

MOST_FILES = 250_000  # of a component that meets in one worker: 325 MB
# How many files of a unit are in a component, sent to the component's partition.
COMPONENT_FILES = np.dtype([("component", "<u8"), ("unit", "<u4"), ("files", "<u4")])
LARGE_COMPONENT = np.dtype([("component", "<u8")])  # sent to each unit that has files of it


def in_large(values: list[Packed]) -> tuple[NDArray, NDArray[np.bool_]]:
    """The rows of a unit that are in components, and which of them are in a large one."""
    rows = unpack(values, "member", COMPONENT_OF_ROW)
    large = unpack(values, "large", LARGE_COMPONENT)["component"]
    return rows, np.isin(rows["component"], large)


@dataclass
class CountMembers(beam.DoFn):
    """Takes rows with their components, of one unit; yields how many each component has there."""

    partitions: int

    def process(self, element: Keyed) -> Iterator[Keyed]:
        unit, value = element
        found = unpack([value], "member", COMPONENT_OF_ROW)["component"]
        components, files = np.unique(found, return_counts=True)
        counts = np.empty(len(components), COMPONENT_FILES)
        counts["component"], counts["unit"], counts["files"] = components, unit, files
        yield from by_key("files", partition_of(components, self.partitions), counts)


@dataclass
class FindLarge(beam.DoFn):
    """Takes the counts of a partition's components; yields the large ones, by unit."""

    most: int

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        counts = unpack(element[1], "files", COMPONENT_FILES)
        components, place = np.unique(counts["component"], return_inverse=True)
        large = np.bincount(place, counts["files"], len(components))[place] > self.most
        found = np.unique(counts[large][["component", "unit"]])
        records = np.empty(len(found), LARGE_COMPONENT)
        records["component"] = found["component"]
        yield from by_key("large", found["unit"].astype(np.int64), records)


@dataclass
class FindLargeComponents(beam.PTransform):
    """Takes the components of rows by unit; yields to each unit those with more than `most`."""

    partitions: int
    most: int

    def expand(self, members: beam.PCollection) -> beam.PCollection:
        count, find = CountMembers(self.partitions), FindLarge(self.most)
        return (
            members
            | "Count members" >> beam.ParDo(count).with_output_types(Keyed)
            | "Meet counts" >> beam.GroupByKey()
            | "Find large" >> beam.ParDo(find).with_output_types(Keyed)
        )
