"""A hash table from n-grams to the patterns that have them, compiled."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import inlined_kernel, kernel

# Few n-grams of a text are in the table. A bitmap of the lowest 24 bits, which fits the CPU cache,
# rules out nearly all others; those it lets through are looked up in buckets by the highest 18
# bits.
FILTER_BITS, BUCKET_BITS = 24, 18
FILTER_MASK, BUCKET_SHIFT = np.uint64(2**FILTER_BITS - 1), np.uint64(64 - BUCKET_BITS)


class GramTable(NamedTuple):
    """The distinct n-grams of all patterns (the *keys*), and the patterns that have each.

    filter: uint8[2^21], a bit for the lowest bits of every n-gram; keys: uint64, sorted; first:
    int32[2^18 + 1], where the keys of each bucket begin; bounds: int32[len(keys) + 1], the
    patterns of key i are patterns[bounds[i]:bounds[i + 1]]; need: int32, by pattern, how many
    different n-grams of it a text must have to be a candidate.
    """

    filter: NDArray[np.uint8]
    keys: NDArray[np.uint64]
    first: NDArray[np.int32]
    bounds: NDArray[np.int32]
    patterns: NDArray[np.int32]
    need: NDArray[np.int32]


def make_gram_table(
    grams: NDArray[np.uint64], patterns: NDArray[np.int32], need: NDArray[np.int32]
) -> GramTable:
    """The table of the pairs (grams[i], patterns[i]); need: int32, by pattern."""
    order = np.lexsort((patterns, grams))
    keys, starts = np.unique(grams[order], return_index=True)
    buckets = np.arange(2**BUCKET_BITS + 1, dtype=np.uint64)
    first = np.searchsorted(keys >> BUCKET_SHIFT, buckets)
    flags = np.zeros(2**FILTER_BITS, np.bool_)
    flags[(keys & FILTER_MASK).astype(np.int64)] = True
    bounds = np.append(starts, len(grams))
    return GramTable(
        np.packbits(flags, bitorder="little"),
        keys,
        first.astype(np.int32),
        bounds.astype(np.int32),
        patterns[order],
        need,
    )


@inlined_kernel
def find_gram(table, gram):  # type: ignore[no-untyped-def]
    """The index of an n-gram among the keys, or -1."""
    low = gram & FILTER_MASK
    if not table.filter[low >> np.uint64(3)] >> (low & np.uint64(7)) & np.uint8(1):
        return -1
    bucket = gram >> BUCKET_SHIFT
    for key in range(table.first[bucket], table.first[bucket + np.uint64(1)]):
        if table.keys[key] == gram:
            return key
    return -1


@kernel
def _find_all(grams, table, out):  # type: ignore[no-untyped-def]
    for i in range(len(grams)):
        out[i] = find_gram(table, grams[i])


def find_grams(grams: NDArray[np.uint64], table: GramTable) -> NDArray[np.int32]:
    """The indices of n-grams among the keys, -1 for those that are none; int32, by n-gram.

    >>> owners = np.array([0, 0, 1], np.int32)
    >>> table = make_gram_table(np.array([7, 5, 7], np.uint64), owners, np.ones(2, np.int32))
    >>> table.keys.tolist()
    [5, 7]
    >>> find_grams(np.array([7, 6], np.uint64), table).tolist()
    [1, -1]
    """
    out = np.empty(len(grams), np.int32)
    _find_all(grams, table, out)
    return out
