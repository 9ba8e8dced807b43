"""Candidates for near duplicates: files that share a band, as connected components.

Bands meet by partition and give the edges of a graph; components alone decide which files must
meet to be compared.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from transforms.lib.duplicates.components import EDGE, MEMBER, components, star_edges
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
    unpack_sent,
)
from transforms.lib.skeleton.spill import Spill

ONE_WORKER = 64  # partitions whose edges one worker holds: of 32 million files, some 2 GB
ROUNDS = 10  # of stars: a chain of a thousand files needs them, 83 real releases four
BAND = np.dtype([("key", "<u8"), ("row", "<u4")])


@dataclass
class JoinBands(beam.DoFn):
    """Band keys of a partition to edges of the candidates' graph.

    They go to the partitions of their nodes, both ways, or if there are none to one worker.
    """

    spill: Spill
    partitions: int | None = None

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        partition, values = element
        found = unpack_sent(self.spill.read(values), "band", BAND)
        edges = star_edges(found["key"], node(found["unit"], found["row"]))
        yield from self.spill.write(f"edges-{partition:05d}", self._sent(edges))

    def _sent(self, edges: NDArray) -> Iterator[Keyed]:
        if self.partitions is None:
            yield 0, pack("edge", edges)
        else:
            ways = both_ways(edges.view(PAIR))
            yield from send_pairs(ways, self.partitions)


@dataclass
class NameComponents(beam.DoFn):
    """All edges to the component of each node, by the node's unit."""

    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        edges = unpack(self.spill.read(element[1]), "edge", EDGE)
        nodes, component = components(np.stack([edges["left"], edges["right"]], axis=1))
        found = np.empty(len(nodes), MEMBER)
        found["row"], found["component"] = row_of(nodes), component
        yield from by_key("member", unit_of(nodes), found)


@dataclass
class FindComponents(beam.PTransform):
    """Band keys by partition, grouped, to the component of each node, by the node's unit.

    With so many partitions that the edges are more than one worker should hold, nodes meet in
    `rounds` of stars instead.
    """

    partitions: int
    rounds: int
    spill: Spill

    def expand(self, bands: beam.PCollection) -> beam.PCollection:
        alone = self.partitions <= ONE_WORKER
        join = JoinBands(self.spill, None if alone else self.partitions)
        edges = bands | "Join bands" >> beam.ParDo(join).with_output_types(Keyed)
        if not alone:
            return edges | FindStars(self.partitions, self.rounds, self.spill)
        name = NameComponents(self.spill)
        return (
            edges
            | "Meet edges" >> beam.GroupByKey()
            | "Name components" >> beam.ParDo(name).with_output_types(Keyed)
        )
