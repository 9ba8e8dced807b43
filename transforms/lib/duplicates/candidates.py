"""Candidates for near duplicates: rows that share a band key, as connected components.

Band keys meet by partition and become the edges of a graph. Only the components of the graph
matter: two rows are compared only if they are in the same one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from transforms.lib.duplicates.components import COMPONENT_OF_ROW, EDGE, components, star_edges
from transforms.lib.duplicates.stars import PAIR, FindStars, both_ways, send_pairs
from transforms.lib.skeleton.exchange import (
    Keyed,
    Packed,
    by_key,
    node,
    pack,
    row_of,
    unit_of,
    unpack,
    unpack_with_unit,
)
from transforms.lib.skeleton.spill import Spill

# One worker holds the edges of up to so many partitions: 32 million rows, some 2 GB of edges.
ONE_WORKER_PARTITIONS = 64
BAND = np.dtype([("key", "<u8"), ("row", "<u4")])


@dataclass
class JoinBands(beam.DoFn):
    """The band keys of a partition to edges between the rows that share a key.

    With `partitions` edges go both ways to the partitions of their nodes, else all to one worker.
    """

    spill: Spill
    partitions: int | None = None

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        partition, values = element
        bands = unpack_with_unit(self.spill.read(values), "band", BAND)
        edges = star_edges(bands["key"], node(bands["unit"], bands["row"]))
        yield from self.spill.write(f"edges-{partition:05d}", self._keyed(edges))

    def _keyed(self, edges: NDArray) -> Iterator[Keyed]:
        if self.partitions is None:
            yield 0, pack("edge", edges)
        else:
            yield from send_pairs(both_ways(edges.view(PAIR)), self.partitions)


@dataclass
class AssignComponents(beam.DoFn):
    """All edges of the graph to the component of each of its rows, keyed by the row's unit."""

    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        edges = unpack(self.spill.read(element[1]), "edge", EDGE)
        nodes, component = components(np.stack([edges["left"], edges["right"]], axis=1))
        rows = np.empty(len(nodes), COMPONENT_OF_ROW)
        rows["row"], rows["component"] = row_of(nodes), component
        yield from by_key("member", unit_of(nodes), rows)


@dataclass
class FindComponents(beam.PTransform):
    """Band keys, grouped by partition, to the component of each row, keyed by the row's unit.

    One worker finds the components if it can hold all edges; with more partitions than that, the
    nodes are contracted to stars in `rounds` rounds. Rows that share no band have no component.
    """

    partitions: int
    rounds: int
    spill: Spill

    def expand(self, bands: beam.PCollection) -> beam.PCollection:
        one_worker = self.partitions <= ONE_WORKER_PARTITIONS
        join = JoinBands(self.spill, None if one_worker else self.partitions)
        edges = bands | "Join bands" >> beam.ParDo(join).with_output_types(Keyed)
        if not one_worker:
            return edges | FindStars(self.partitions, self.rounds, self.spill)
        assign = AssignComponents(self.spill)
        return (
            edges
            | "Meet edges" >> beam.GroupByKey()
            | "Assign components" >> beam.ParDo(assign).with_output_types(Keyed)
        )
