"""Shingle sets in storage, and the exact Jaccard of pairs of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from transforms.lib.duplicates.resolution import jaccard
from transforms.lib.skeleton.exchange import row_of, unit_of
from transforms.lib.skeleton.storage import Storage

HELD_SETS = 512  # shingle sets in memory at a time
PAIRS_AT_A_TIME = 4096  # as objects of Python
# Where the shingle set of a row ends in its unit's file of sets.
ENDS = np.dtype([("row", "<u4"), ("end", "<u8")])


def component_partition(component: NDArray[np.uint64], partitions: int) -> NDArray[np.uint64]:
    """Components spread by their mixed number: neighbours in a unit must not stay together."""
    mixed = component * np.uint64(0x9E3779B97F4A7C15)
    return mixed >> np.uint64(64 - partitions.bit_length() + 1)


@dataclass(frozen=True)
class ShingleSets:
    """The shingle sets that a unit left: all sets back to back, and where each ends."""

    data: Storage
    unit: int
    stage: str

    @property
    def name(self) -> str:
        """Where the sets lie; their index is beside them."""
        return f"_work/{self.stage}/shingles/{self.unit:05d}"

    def write(self, sets: Iterable[tuple[int, NDArray[np.uint32]]]) -> None:
        """Leave (row, set) pairs, in the order of the rows."""
        places, end = [], 0
        with self.data.create(f"{self.name}.sets") as stream:
            for row, content in sets:
                stream.write(content.tobytes())
                end += len(content)
                places.append((row, end))
        self.data.put(f"{self.name}.index", np.array(places, ENDS).tobytes())

    def index(self) -> NDArray:
        """Rows and ends of the sets; ENDS[n]."""
        return np.frombuffer(self.data.read(f"{self.name}.index"), ENDS)

    def read(self, begin: int, end: int) -> NDArray[np.uint32]:
        """One set, by its place."""
        with self.data.open(f"{self.name}.sets") as file:
            return np.frombuffer(file.read_at(4 * (end - begin), 4 * begin), np.uint32)


def exact_jaccards(
    data: Storage, stage: str, nodes: NDArray[np.uint64], pairs: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The exact Jaccard of pairs of places in `nodes`, from the sets that a stage left."""

    @lru_cache(maxsize=HELD_SETS)
    def index(unit: int) -> NDArray:
        return ShingleSets(data, unit, stage).index()

    @lru_cache(maxsize=HELD_SETS)
    def load(unit: int, row: int) -> NDArray[np.uint32]:
        ends = index(unit)
        at = int(np.searchsorted(ends["row"], row))
        begin = int(ends["end"][at - 1]) if at else 0
        return ShingleSets(data, unit, stage).read(begin, int(ends["end"][at]))

    exact = np.empty(len(pairs))
    together = np.lexsort((pairs[:, 0], pairs[:, 1]))  # what one file is compared with
    for first in range(0, len(pairs), PAIRS_AT_A_TIME):
        part = together[first : first + PAIRS_AT_A_TIME]
        found = nodes[pairs[part]]
        places = np.stack([unit_of(found), row_of(found)], axis=-1).tolist()
        exact[part] = [jaccard(load(*left), load(*right)) for left, right in places]
    return exact
