"""64-bit hashes of tokens and n-grams, for compiled kernels; fixed for ever, as stoplists ship."""

import numba
import numpy as np
from numpy.typing import NDArray

from transforms.lib.duplicates.shingles import FNV_OFFSET, FNV_PRIME, MIX_1, MIX_2

MASK = 2**64 - 1


@numba.njit(cache=True, nogil=True, inline="always")
def step(value, byte):  # type: ignore[no-untyped-def]
    """FNV-1a: one more byte (or code point)."""
    return (value ^ np.uint64(byte)) * FNV_PRIME


def hash_bytes(content: bytes, seed: int = int(FNV_OFFSET)) -> int:
    """What the kernels make of these bytes."""
    for byte in content:
        seed = (seed ^ byte) * int(FNV_PRIME) & MASK
    for factor in (int(MIX_1), int(MIX_2)):
        seed = (seed ^ seed >> 33) * factor & MASK
    return seed ^ seed >> 33


def numbers(count: int, seed: int) -> NDArray[np.uint64]:
    """Odd 64-bit numbers, splitmix64's from `seed`: multipliers of places, codes of kinds."""
    found = []
    for _ in range(count):
        seed = seed + 0x9E3779B97F4A7C15 & MASK
        value = seed
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            value = (value ^ value >> shift) * factor & MASK
        found.append((value ^ value >> 31) | 1)
    return np.array(found, np.uint64)
