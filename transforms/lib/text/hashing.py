"""64-bit hashes for compiled kernels: FNV-1a of bytes, finished by murmur3's mixer.

None of these numbers may change: the stoplists that ship with quire hold such hashes.
"""

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import inlined_kernel

FNV_OFFSET = np.uint64(0xCBF29CE484222325)  # the parameters of 64-bit FNV-1a
FNV_PRIME = np.uint64(0x100000001B3)
MIX_1 = np.uint64(0xFF51AFD7ED558CCD)  # the parameters of murmur3's fmix64
MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
MIX_SHIFT = np.uint64(33)
GOLDEN_RATIO = np.uint64(0x9E3779B97F4A7C15)  # 2**64 divided by the golden ratio
MASK_64 = 2**64 - 1


@inlined_kernel
def fnv1a(value, byte):  # type: ignore[no-untyped-def]
    """The FNV-1a state `value` after one more byte (or code point)."""
    return (value ^ np.uint64(byte)) * FNV_PRIME


@inlined_kernel
def mix(value):  # type: ignore[no-untyped-def]
    """A 64-bit value mixed so that every bit depends on all others (murmur3's fmix64)."""
    value ^= value >> MIX_SHIFT
    value *= MIX_1
    value ^= value >> MIX_SHIFT
    value *= MIX_2
    return value ^ (value >> MIX_SHIFT)


def hash_bytes(content: bytes, seed: int = int(FNV_OFFSET)) -> int:
    """The hash that the kernels give these bytes, in plain Python.

    >>> hex(hash_bytes(b"def"))
    '0xcd1cb40d3d8b7736'
    """
    for byte in content:
        seed = (seed ^ byte) * int(FNV_PRIME) & MASK_64
    for factor in (int(MIX_1), int(MIX_2)):
        seed = (seed ^ seed >> int(MIX_SHIFT)) * factor & MASK_64
    return seed ^ seed >> int(MIX_SHIFT)


def odd_numbers(count: int, seed: int) -> NDArray[np.uint64]:
    """`count` odd pseudo-random numbers (splitmix64), to be multipliers or codes in hashes."""
    numbers = []
    for _ in range(count):
        seed = seed + int(GOLDEN_RATIO) & MASK_64
        value = seed
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
            value = (value ^ value >> shift) * factor & MASK_64
        numbers.append((value ^ value >> 31) | 1)
    return np.array(numbers, np.uint64)


def partition_of(keys: NDArray[np.uint64], partitions: int) -> NDArray[np.uint64]:
    """The partition of each key, for a number of partitions that is a power of two.

    Keys that are close are spread over all partitions (Fibonacci hashing):

    >>> partition_of(np.arange(5, dtype=np.uint64), 16).tolist()
    [0, 9, 3, 13, 7]
    """
    return keys * GOLDEN_RATIO >> np.uint64(64 - (partitions.bit_length() - 1))
