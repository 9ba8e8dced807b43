"""Pieces that were merged before, with their tokens: a table of bounded size.

Each piece has one place, by its hash, and the piece that comes last keeps it. So the table never
grows, and as a piece's tokens depend on its bytes alone, what it holds never shows in a result.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import inlined_kernel, kernel

PLACES = 1 << 16  # 4.2 MB; 10 MB of Python have 24,000 pieces that are no single token
PIECE_BYTES = 30  # longer pieces, one in a hundred, are merged each time
PIECE_TOKENS = 8  # and so are pieces of more tokens


class SeenPieces(NamedTuple):
    """pieces: uint8[PLACES, PIECE_BYTES]; sizes: uint8[PLACES, 2], of the piece in bytes (0: none)
    and in tokens; tokens: uint32[PLACES, PIECE_TOKENS]."""

    pieces: NDArray[np.uint8]
    sizes: NDArray[np.uint8]
    tokens: NDArray[np.uint32]


def no_pieces() -> SeenPieces:
    """An empty table."""
    return SeenPieces(
        np.zeros((PLACES, PIECE_BYTES), np.uint8),
        np.zeros((PLACES, 2), np.uint8),
        np.zeros((PLACES, PIECE_TOKENS), np.uint32),
    )


@inlined_kernel
def recall(seen, data, begin, end, hashed, out, written):  # type: ignore[no-untyped-def]
    """Write the tokens of data[begin:end] to `out`; returns how many, 0 if it was not seen."""
    place = hashed & np.uint64(len(seen.sizes) - 1)
    if seen.sizes[place, 0] != end - begin:
        return 0
    for i in range(end - begin):
        if seen.pieces[place, i] != data[begin + i]:
            return 0
    count = seen.sizes[place, 1]
    for i in range(count):
        out[written + i] = seen.tokens[place, i]
    return np.int64(count)


@kernel
def remember(seen, data, begin, end, hashed, out, written, count):  # type: ignore[no-untyped-def]
    """Put data[begin:end] and its `count` tokens in `out` in the table, if both are few enough."""
    if end - begin > seen.pieces.shape[1] or count > seen.tokens.shape[1]:
        return
    place = hashed & np.uint64(len(seen.sizes) - 1)
    for i in range(end - begin):
        seen.pieces[place, i] = data[begin + i]
    for i in range(count):
        seen.tokens[place, i] = out[written + i]
    seen.sizes[place, 0] = end - begin
    seen.sizes[place, 1] = count
