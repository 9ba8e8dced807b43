"""Parts of an array put back to back, in any order."""

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import kernel


@kernel
def _copy(values, starts, lengths, out):  # type: ignore[no-untyped-def]
    place = 0
    for i in range(len(starts)):
        for j in range(lengths[i]):
            out[place + j] = values[starts[i] + j]
        place += lengths[i]


def joined_spans(values: NDArray, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray:
    """The spans of `values` that begin at `starts` and have `lengths`, back to back.

    >>> joined_spans(np.arange(10), np.array([7, 0]), np.array([3, 2])).tolist()
    [7, 8, 9, 0, 1]
    """
    out = np.empty(int(lengths.sum()), values.dtype)
    _copy(values, starts, lengths, out)
    return out


def offsets(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where spans of these lengths begin and end if they are back to back; int64[n + 1].

    >>> offsets(np.array([2, 3])).tolist()
    [0, 2, 5]
    """
    out = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=out[1:])
    return out
