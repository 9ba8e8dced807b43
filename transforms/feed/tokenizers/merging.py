"""Byte-pair merging of one piece of text: neighbours that are a token together, lowest rank first.

Time grows with the square of a piece's bytes, so only short pieces come here.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.feed.tokenizers.token_table import TokenTable, find_token
from transforms.lib.compiled import kernel

NO_RANK = 2**31 - 1  # of neighbours that are no token together


class Parts(NamedTuple):
    """Room for the parts of a piece.

    starts: int64, where each part begins, and at last where the piece ends; ranks: int32, of each
    part and the next as one token.
    """

    starts: NDArray[np.int64]
    ranks: NDArray[np.int32]


def room_for_parts(longest: int) -> Parts:
    """Room for merging pieces of up to `longest` bytes."""
    return Parts(np.empty(longest + 1, np.int64), np.empty(longest + 1, np.int32))


@kernel
def _rank(table, data, starts, part, parts):  # type: ignore[no-untyped-def]
    """The rank of a part and the next as one token."""
    if part + 2 > parts:
        return np.int32(NO_RANK)
    token = find_token(table, data, starts[part], starts[part + 2])
    return token if token >= 0 else np.int32(NO_RANK)


@kernel
def _lowest(ranks, parts):  # type: ignore[no-untyped-def]
    """The first part that has the lowest rank with the next."""
    best = 0
    for part in range(1, parts):
        if ranks[part] < ranks[best]:
            best = part
    return best


@kernel
def merge(table, data, begin, end, limit, room):  # type: ignore[no-untyped-def]
    """Leave the parts of data[begin:end], at least a byte, in `room`; returns how many they are.

    Only tokens of ranks below `limit` are made.
    """
    starts, ranks = room
    parts = end - begin
    for part in range(parts + 1):
        starts[part] = begin + part
    for part in range(parts):
        ranks[part] = _rank(table, data, starts, part, parts)
    while True:
        best = _lowest(ranks, parts)
        if ranks[best] >= limit:
            return parts
        parts -= 1
        for part in range(best + 1, parts + 1):
            starts[part] = starts[part + 1]
            ranks[part] = ranks[part + 1]
        ranks[best] = _rank(table, data, starts, best, parts)
        if best:
            ranks[best - 1] = _rank(table, data, starts, best - 1, parts)


@kernel
def _halves(table, room, middles):  # type: ignore[no-untyped-def]
    for token in range(len(middles)):
        begin, end = table.bounds[token], table.bounds[token + 1]
        if end - begin > 1:
            merge(table, table.text, begin, end, token, room)
            middles[token] = room.starts[1] - begin


def halves(table: TokenTable) -> NDArray[np.int64]:
    """The bytes of the first of the two tokens that each token is merged from; int64[ids].

    0 for single bytes, and for ids without a token.
    """
    middles = np.zeros(len(table.bounds) - 1, np.int64)
    _halves(table, room_for_parts(table.longest), middles)
    return middles
