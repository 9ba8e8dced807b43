"""Texts in groups of a bounded size, so that what one pass over them takes is bounded too."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

AT_A_TIME = 1 << 20  # bytes of texts in a group, unless one text alone is more


def text_groups(offsets: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yields the first text of each group and the one after its last.

    offsets: where each text begins, and where the last ends.

    >>> list(text_groups(np.array([0, 2**20 - 1, 2**20, 2**20 + 1, 2**22, 2**22])))
    [(0, 2), (2, 3), (3, 4), (4, 5)]
    """
    first = 0
    while first < len(offsets) - 1:
        after = int(np.searchsorted(offsets, offsets[first] + AT_A_TIME, "right")) - 1
        after = max(after, first + 1)
        yield first, after
        first = after
