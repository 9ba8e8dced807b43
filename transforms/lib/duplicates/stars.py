"""Connected components of a graph whose edges one worker cannot hold: large star and small star.

After Kiverts, Lattanzi, Mirrokni, Rastogi and Vassilvitskii, "Connected Components in MapReduce
and Beyond" (SoCC 2014). A partition sees some nodes, each with all its neighbours. The two steps
alternate until every component is a star around its smallest node.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from transforms.lib.duplicates.components import COMPONENT_OF_ROW
from transforms.lib.errors import PipelineError
from transforms.lib.skeleton.exchange import Keyed, Packed, by_key, row_of, unit_of, unpack
from transforms.lib.skeleton.spill import Spill
from transforms.lib.text.hashing import partition_of

PAIR = np.dtype([("node", "<u8"), ("neighbour", "<u8")])


def distinct_pairs(nodes: NDArray[np.uint64], neighbours: NDArray[np.uint64]) -> NDArray:
    """Distinct pairs of a node and a neighbour, sorted; PAIR[n]."""
    pairs = np.empty(len(nodes), PAIR)
    pairs["node"], pairs["neighbour"] = nodes, neighbours
    return np.unique(pairs)


def both_ways(pairs: NDArray) -> NDArray:
    """The pairs with each node in either place, distinct and sorted; PAIR[n]."""
    return distinct_pairs(
        np.concatenate([pairs["node"], pairs["neighbour"]]),
        np.concatenate([pairs["neighbour"], pairs["node"]]),
    )


def smallest_neighbour(pairs: NDArray) -> NDArray[np.uint64]:
    """For each of sorted pairs, the smallest of its node and all neighbours of the node."""
    first = np.flatnonzero(np.r_[True, pairs["node"][1:] != pairs["node"][:-1]])
    count = np.diff(np.r_[first, len(pairs)])
    return np.repeat(np.minimum(pairs["node"][first], pairs["neighbour"][first]), count)


def large_star(pairs: NDArray) -> NDArray:
    """Connects the larger neighbours of each node to the smallest neighbour; PAIR[n].

    `pairs` hold all neighbours of their nodes. In the result the larger node comes first.
    """
    larger = pairs["neighbour"] > pairs["node"]
    return distinct_pairs(pairs["neighbour"][larger], smallest_neighbour(pairs)[larger])


def small_star(pairs: NDArray) -> NDArray:
    """Connects each node and its smaller neighbours to the smallest of these; PAIR[n], both ways.

    `pairs` hold the smaller neighbours of their nodes.
    """
    low = smallest_neighbour(pairs)
    nodes = np.concatenate([pairs["node"], pairs["neighbour"]])
    edges = distinct_pairs(nodes, np.concatenate([low, low]))
    return both_ways(edges[edges["node"] != edges["neighbour"]])


def are_stars(pairs: NDArray) -> bool:
    """Whether each node has only larger neighbours (a centre), or one neighbour (a leaf).

    `pairs` hold all neighbours of their nodes, sorted.
    """
    below = pairs["neighbour"] < pairs["node"]
    alone = np.r_[True, pairs["node"][1:] != pairs["node"][:-1]]
    alone &= np.r_[pairs["node"][1:] != pairs["node"][:-1], True]
    return bool((alone | ~below).all())


STAR_STEPS = {"large": large_star, "small": small_star}


@dataclass
class StarStep(beam.DoFn):
    """The pairs of a partition to the pairs of the next step, keyed by partition.

    `name` is the step and the number of its round, such as "large 3".
    """

    name: str
    partitions: int
    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        partition, values = element
        pairs = unpack(self.spill.read(values), "pair", PAIR)
        contract = STAR_STEPS[self.name.split()[0]]
        keyed = send_pairs(contract(np.unique(pairs)), self.partitions)
        yield from self.spill.write(f"{self.name}-{partition:05d}", keyed)


def send_pairs(pairs: NDArray, partitions: int) -> Iterator[Keyed]:
    """The pairs, packed and keyed by the partition of their node."""
    yield from by_key("pair", partition_of(pairs["node"], partitions), pairs)


@dataclass
class StarsToComponents(beam.DoFn):
    """The pairs of a partition, both ways, to the component of each row, keyed by the row's unit.

    Raises PipelineError if some component is not a star yet.
    """

    rounds: int
    spill: Spill

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        pairs = np.unique(unpack(self.spill.read(element[1]), "pair", PAIR))
        if not are_stars(pairs):
            raise PipelineError(
                f"the components of near duplicates are not complete after {self.rounds} rounds; "
                f"go on with --resume --rounds {2 * self.rounds}"
            )
        first = np.r_[True, pairs["node"][1:] != pairs["node"][:-1]]
        nodes = pairs["node"][first]
        rows = np.empty(len(nodes), COMPONENT_OF_ROW)
        rows["row"], rows["component"] = row_of(nodes), smallest_neighbour(pairs)[first]
        yield from by_key("member", unit_of(nodes), rows)


@dataclass
class FindStars(beam.PTransform):
    """Pairs both ways, keyed by partition, to the component of each row, keyed by its unit."""

    partitions: int
    rounds: int
    spill: Spill

    def expand(self, pairs: beam.PCollection) -> beam.PCollection:
        for number in range(self.rounds):
            for name in (f"large {number}", f"small {number}"):
                step = StarStep(name, self.partitions, self.spill)
                pairs = (
                    pairs
                    | f"Meet for {name}" >> beam.GroupByKey()
                    | f"Star {name}" >> beam.ParDo(step).with_output_types(Keyed)
                )
        assign = StarsToComponents(self.rounds, self.spill)
        return (
            pairs
            | "Meet stars" >> beam.GroupByKey()
            | "Assign components" >> beam.ParDo(assign).with_output_types(Keyed)
        )
