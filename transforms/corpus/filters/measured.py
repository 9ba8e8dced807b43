"""What every filter takes, the files of a batch with their measurements, and what it returns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transforms.corpus.statistics import Statistics
from transforms.lib.text.batch import TextBatch


@dataclass(frozen=True)
class MeasuredFiles:
    """Texts, statistics and sizes of the original bytes (int64) of the same files, row by row."""

    texts: TextBatch
    statistics: Statistics
    size: NDArray[np.int64]


# The row number of each dropped file, with its reason and the measured value as text.
Drops = dict[int, tuple[str, str]]


def drops(mask: NDArray[np.bool_], reason: str, values: NDArray) -> Drops:
    """The rows for which `mask` is true, dropped for one `reason`, each with its value.

    >>> drops(np.array([False, True]), "long_line_max", np.array([80, 1200]))
    {1: ('long_line_max', '1200')}
    """
    return {int(row): (reason, f"{values[row]:.6g}") for row in np.flatnonzero(mask)}
