"""What a filter sees: the files of a batch with their measurements."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transforms.corpus.statistics import Statistics
from transforms.lib.text.batch import TextBatch


@dataclass(frozen=True)
class Measured:
    """Texts, statistics and original sizes (int64, bytes) of the same files, row by row."""

    texts: TextBatch
    statistics: Statistics
    size: NDArray[np.int64]


# What a filter returns: for each dropped row, its reason and the measured value.
Drops = dict[int, tuple[str, str]]


def drops(mask: NDArray[np.bool_], reason: str, values: NDArray) -> Drops:
    """Drop the rows of `mask` for one `reason`."""
    return {int(row): (reason, f"{values[row]:.6g}") for row in np.flatnonzero(mask)}
