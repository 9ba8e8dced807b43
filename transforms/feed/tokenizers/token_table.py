"""The tokens of a byte-pair encoding as a hash table that compiled kernels read."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import inlined_kernel, kernel
from transforms.lib.text.hashing import FNV_OFFSET, fnv1a, mix

LOAD = 2  # slots for each token, at least


class TokenTable(NamedTuple):
    """Tokens by their bytes: an open-addressing hash table of a power of two slots.

    text: uint8, the bytes of all tokens by their ids; bounds: int64[ids + 1], where each begins in
    it; slots: int32, an id or -1; longest: the bytes of the longest token.
    """

    text: NDArray[np.uint8]
    bounds: NDArray[np.int64]
    slots: NDArray[np.int32]
    longest: int


def token_table(ranks: Mapping[bytes, int]) -> TokenTable:
    """The table of tokens and their ids, which are their ranks in merging; ids may have gaps."""
    tokens = [b""] * (max(ranks.values()) + 1)
    for token, rank in ranks.items():
        tokens[rank] = token
    lengths = np.array([len(token) for token in tokens], np.int64)
    bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    slots = np.full(1 << (LOAD * len(tokens) - 1).bit_length(), -1, np.int32)
    table = TokenTable(np.frombuffer(b"".join(tokens), np.uint8), bounds, slots, int(max(lengths)))
    _fill(table)
    return table


@inlined_kernel
def hash_piece(data, begin, end):  # type: ignore[no-untyped-def]
    """The hash of data[begin:end], by which tables of pieces are addressed."""
    value = FNV_OFFSET
    for at in range(begin, end):
        value = fnv1a(value, data[at])
    return mix(value)


@kernel
def _fill(table):  # type: ignore[no-untyped-def]
    mask = np.uint64(len(table.slots) - 1)
    for token in range(len(table.bounds) - 1):
        begin, end = table.bounds[token], table.bounds[token + 1]
        if begin < end:
            slot = hash_piece(table.text, begin, end) & mask
            while table.slots[slot] >= 0:
                slot = (slot + np.uint64(1)) & mask
            table.slots[slot] = token


@inlined_kernel
def _is_token(table, token, data, begin, end):  # type: ignore[no-untyped-def]
    first = table.bounds[token]
    if table.bounds[token + 1] - first != end - begin:
        return False
    for i in range(end - begin):  # noqa: SIM110 - Numba compiles no generator expressions
        if table.text[first + i] != data[begin + i]:
            return False
    return True


@inlined_kernel
def find_hashed(table, data, begin, end, hashed):  # type: ignore[no-untyped-def]
    """The token that data[begin:end] is, -1 if it is none; `hashed` is its hash."""
    mask = np.uint64(len(table.slots) - 1)
    slot = hashed & mask
    while table.slots[slot] >= 0:
        if _is_token(table, table.slots[slot], data, begin, end):
            return table.slots[slot]
        slot = (slot + np.uint64(1)) & mask
    return np.int32(-1)


@kernel
def find_token(table, data, begin, end):  # type: ignore[no-untyped-def]
    """The token that data[begin:end] is; -1 if it is none."""
    if end - begin > table.longest:
        return np.int32(-1)
    return find_hashed(table, data, begin, end, hash_piece(data, begin, end))
