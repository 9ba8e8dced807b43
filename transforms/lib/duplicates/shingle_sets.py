"""The shingle sets of rows in storage, and the exact Jaccard of pairs of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from transforms.lib.duplicates.near_duplicates import jaccard
from transforms.lib.skeleton.exchange import row_of, unit_of
from transforms.lib.skeleton.storage import Storage

CACHED_SETS = 512  # shingle sets in memory at a time; a set has 4 bytes for each shingle
PAIRS_AT_A_TIME = 4096  # pairs that are Python objects at a time
# A row of the unit, and where its set ends in the unit's file, in shingles.
SET_END = np.dtype([("row", "<u4"), ("end", "<u8")])


@dataclass(frozen=True)
class ShingleSets:
    """The shingle sets of some rows of a unit: one file of sets, back to back, and an index."""

    data: Storage
    unit: int
    stage: str

    @property
    def name(self) -> str:
        """The path below DATA, without the endings `.sets` and `.index` of the two files."""
        return f"_work/{self.stage}/shingles/{self.unit:05d}"

    def write(self, sets: Iterable[tuple[int, NDArray[np.uint32]]]) -> None:
        """Write pairs of a row and its set; the rows must ascend."""
        ends, end = [], 0
        with self.data.create(f"{self.name}.sets") as stream:
            for row, content in sets:
                stream.write(content.tobytes())
                end += len(content)
                ends.append((row, end))
        self.data.put(f"{self.name}.index", np.array(ends, SET_END).tobytes())

    def index(self) -> NDArray:
        """The rows that have a set, ascending, and where each set ends; SET_END[n]."""
        return np.frombuffer(self.data.read(f"{self.name}.index"), SET_END)

    def read(self, begin: int, end: int) -> NDArray[np.uint32]:
        """The set that begins and ends at these shingles of the file."""
        with self.data.open(f"{self.name}.sets") as file:
            return np.frombuffer(file.read_at(4 * (end - begin), 4 * begin), np.uint32)


def exact_jaccards(
    data: Storage, stage: str, nodes: NDArray[np.uint64], pairs: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The exact Jaccards of int64[n, 2] pairs of places in `nodes`, from the sets of a stage."""

    @lru_cache(maxsize=CACHED_SETS)
    def index(unit: int) -> NDArray:
        return ShingleSets(data, unit, stage).index()

    @lru_cache(maxsize=CACHED_SETS)
    def load(unit: int, row: int) -> NDArray[np.uint32]:
        ends = index(unit)
        at = int(np.searchsorted(ends["row"], row))
        begin = int(ends["end"][at - 1]) if at else 0
        return ShingleSets(data, unit, stage).read(begin, int(ends["end"][at]))

    exact = np.empty(len(pairs))
    together = np.lexsort((pairs[:, 0], pairs[:, 1]))  # pairs with the same second file in a row
    for first in range(0, len(pairs), PAIRS_AT_A_TIME):
        part = together[first : first + PAIRS_AT_A_TIME]
        of_pairs = nodes[pairs[part]]
        places = np.stack([unit_of(of_pairs), row_of(of_pairs)], axis=-1).tolist()
        exact[part] = [jaccard(load(*left), load(*right)) for left, right in places]
    return exact
