"""Candidates for near duplicates: files that share a band, as connected components.

Bands meet by partition and give the edges of a graph; components alone decide which files must
meet to be compared.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from transforms.columns import column
from transforms.duplicates.components import EDGE, components, star_edges
from transforms.duplicates.exact import LOST
from transforms.duplicates.minhash import BANDS, PERMUTATIONS, band_keys, is_shingled
from transforms.duplicates.winners import STANDING, standing
from transforms.exchange import (
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
from transforms.parking import Parking
from transforms.signals import read_signals
from transforms.storage import Storage

BAND = np.dtype([("key", "<u8"), ("row", "<u4")])
MEMBER = np.dtype([("row", "<u4"), ("component", "<u8")])


def read_signatures(data: Storage, unit: int) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """Rows of a unit that have a signature: row numbers, uint32[n, PERMUTATIONS]."""
    table = read_signals(data, unit, ["row", "signature"])
    signed = table["signature"].is_valid().to_numpy()
    signature = column(table["signature"], "<u4").reshape(-1, PERMUTATIONS)
    return table["row"].to_numpy()[signed], signature[signed]


@dataclass
class BandUnit(beam.DoFn):
    """The rows of a unit that no copy beats, to their band keys by partition."""

    data: Storage
    partitions: int
    parking: Parking

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        unit, values = element
        rows, signature = read_signatures(self.data, unit)
        stands = standing(read_signals(self.data, unit, STANDING))
        alone = (stands[rows] == rows) & ~np.isin(rows, unpack(values, "lost", LOST)["row"])
        wanted = alone & is_shingled(signature)
        keys = band_keys(signature[wanted]).ravel()
        found = np.empty(len(keys), BAND)
        found["key"], found["row"] = keys, np.repeat(rows[wanted], BANDS)
        bands = by_key("band", keys % np.uint64(self.partitions), found, unit)
        yield from self.parking.leave(f"bands-{unit:05d}", bands)


@dataclass
class JoinBands(beam.DoFn):
    """Band keys of a partition to edges of the candidates' graph."""

    parking: Parking

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        partition, values = element
        found = unpack_sent(self.parking.fetch(values), "band", BAND)
        edges = star_edges(found["key"], node(found["unit"], found["row"]))
        yield from self.parking.leave(f"edges-{partition:05d}", [(0, pack("edge", edges))])


@dataclass
class FindComponents(beam.DoFn):
    """All edges to the component of each node, by the node's unit."""

    parking: Parking

    def process(self, element: tuple[int, Iterable[Packed]]) -> Iterator[Keyed]:
        edges = unpack(self.parking.fetch(element[1]), "edge", EDGE)
        nodes, component = components(np.stack([edges["left"], edges["right"]], axis=1))
        found = np.empty(len(nodes), MEMBER)
        found["row"], found["component"] = row_of(nodes), component
        yield from by_key("member", unit_of(nodes), found)
