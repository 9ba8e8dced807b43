"""Connected components where one worker cannot hold the edges: large star and small star in turn.

Kiverts, Lattanzi, Mirrokni, Rastogi and Vassilvitskii, "Connected Components in MapReduce and
Beyond" (SoCC 2014). Each node sees its neighbours and no more, so nodes meet by partition; when a
graph has settled every component is a star around its smallest node.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from transforms.lib.duplicates.components import MEMBER
from transforms.lib.errors import PipelineError
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key, row_of, unit_of, unpack
from transforms.lib.skeleton.spill import Spill

PAIR = np.dtype([("node", "<u8"), ("other", "<u8")])


def pairs(nodes: NDArray[np.uint64], others: NDArray[np.uint64]) -> NDArray:
    """Distinct pairs of a node and a neighbour, sorted; PAIR[n]."""
    found = np.empty(len(nodes), PAIR)
    found["node"], found["other"] = nodes, others
    return np.unique(found)


def both_ways(edges: NDArray) -> NDArray:
    """Every node with each of its neighbours."""
    return pairs(
        np.concatenate([edges["node"], edges["other"]]),
        np.concatenate([edges["other"], edges["node"]]),
    )


def smallest(found: NDArray) -> NDArray[np.uint64]:
    """For each of sorted pairs the smallest of its node and all neighbours of that."""
    first = np.flatnonzero(np.r_[True, found["node"][1:] != found["node"][:-1]])
    count = np.diff(np.r_[first, len(found)])
    return np.repeat(np.minimum(found["node"][first], found["other"][first]), count)


def large_star(found: NDArray) -> NDArray:
    """Pairs of all neighbours: the larger ones go to the smallest; each by the larger node."""
    larger = found["other"] > found["node"]
    return pairs(found["other"][larger], smallest(found)[larger])


def small_star(found: NDArray) -> NDArray:
    """Pairs of smaller neighbours: they and the node go to the smallest; each both ways."""
    low = smallest(found)
    nodes = np.concatenate([found["node"], found["other"]])
    edges = pairs(nodes, np.concatenate([low, low]))
    return both_ways(edges[edges["node"] != edges["other"]])


def settled(found: NDArray) -> bool:
    """Whether every node of these pairs, of all neighbours, is one of a star."""
    below = found["other"] < found["node"]
    alone = np.r_[True, found["node"][1:] != found["node"][:-1]]
    alone &= np.r_[found["node"][1:] != found["node"][:-1], True]
    return bool((alone | ~below).all())


@dataclass
class Step(beam.DoFn):
    """Pairs of a partition to the pairs of the next step, by partition."""

    name: str
    partitions: int
    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        partition, values = element
        found = unpack(self.spill.read(values), "pair", PAIR)
        found = STEPS[self.name.split()[0]](np.unique(found))
        sent = send_pairs(found, self.partitions)
        yield from self.spill.write(f"{self.name}-{partition:05d}", sent)


STEPS = {"large": large_star, "small": small_star}


def send_pairs(found: NDArray, partitions: int) -> Iterator[Keyed]:
    """Pairs by the partition of their node."""
    mixed = found["node"] * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)
    yield from by_key("pair", mixed % np.uint64(partitions), found)


@dataclass
class NameComponents(beam.DoFn):
    """Pairs of a partition, both ways, to the component of each node, by the node's unit."""

    rounds: int
    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        found = np.unique(unpack(self.spill.read(element[1]), "pair", PAIR))
        if not settled(found):
            raise PipelineError(
                f"components of near duplicates have not settled after {self.rounds} rounds; "
                f"go on with --resume --rounds {2 * self.rounds}"
            )
        first = np.r_[True, found["node"][1:] != found["node"][:-1]]
        members = np.empty(int(first.sum()), MEMBER)
        members["row"], members["component"] = row_of(found["node"][first]), smallest(found)[first]
        yield from by_key("member", unit_of(found["node"][first]), members)


@dataclass
class FindStars(beam.PTransform):
    """Pairs by partition, both ways, to the component of each node, by the node's unit."""

    partitions: int
    rounds: int
    spill: Spill

    def expand(self, found: beam.PCollection) -> beam.PCollection:
        for number in range(self.rounds):
            for name in (f"large {number}", f"small {number}"):
                step = Step(name, self.partitions, self.spill)
                found = (
                    found
                    | f"Meet for {name}" >> beam.GroupByKey()
                    | f"Star {name}" >> beam.ParDo(step).with_output_types(Keyed)
                )
        name = NameComponents(self.rounds, self.spill)
        return (
            found
            | "Meet stars" >> beam.GroupByKey()
            | "Name components" >> beam.ParDo(name).with_output_types(Keyed)
        )
