"""Word 5-gram shingles of source text as 64-bit hashes, in one compiled pass.

A word is a run of `[A-Za-z0-9_]`; its hash is FNV-1a, finished with murmur's 64-bit mixer; a
shingle mixes the hashes of five words in order. Its upper 32 bits feed the MinHash and the exact
Jaccard alike.
"""

import numba
import numpy as np
from numpy.typing import NDArray

from transforms.lib.text.batch import TextBatch

WORDS = 5  # per shingle, as the peers' default for code
SCHEME = "word5-fnv1a-fmix64-1"

FNV_OFFSET = np.uint64(0xCBF29CE484222325)
FNV_PRIME = np.uint64(0x100000001B3)
MIX_1 = np.uint64(0xFF51AFD7ED558CCD)  # murmur3's fmix64
MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
SHIFT = np.uint64(33)
# Odd multipliers, one per place in the shingle, so that the order of words counts.
PLACES = np.array(
    [
        0x8EBC6AF09C88C6E3,
        0x589965CC75374CC3,
        0x1D8E4E27C47D124F,
        0xEB44ACCAB455D165,
        0x2F6A5BD7C5A1E3B9,
    ],
    np.uint64,
)
WORD_BYTES = np.array(
    [chr(b).isascii() and (chr(b).isalnum() or chr(b) == "_") for b in range(256)], np.bool_
)


@numba.njit(cache=True, nogil=True, inline="always")
def mix(value):  # type: ignore[no-untyped-def]
    """murmur3's finaliser of 64 bits."""
    value ^= value >> SHIFT
    value *= MIX_1
    value ^= value >> SHIFT
    value *= MIX_2
    return value ^ (value >> SHIFT)


@numba.njit(cache=True, nogil=True)
def _words(data, begin, end, word_bytes, out):  # type: ignore[no-untyped-def]
    """Hashes of the words of data[begin:end] into `out`; returns how many."""
    count = 0
    at = begin
    while at < end:
        if not word_bytes[data[at]]:
            at += 1
            continue
        value = FNV_OFFSET
        while at < end and word_bytes[data[at]]:
            value = (value ^ np.uint64(data[at])) * FNV_PRIME
            at += 1
        out[count] = mix(value)
        count += 1
    return count


@numba.njit(cache=True, nogil=True)
def shingle(data, begin, end, word_bytes, places, out):  # type: ignore[no-untyped-def]
    """64-bit shingle hashes of data[begin:end], in place in `out`; returns how many."""
    words = _words(data, begin, end, word_bytes, out)
    count = max(0, words - WORDS + 1)
    for i in range(count):
        value = np.uint64(0)
        for j in range(WORDS):
            value += out[i + j] * places[j]
        out[i] = mix(value)
    return count


def shingle_set(batch: TextBatch, row: int) -> NDArray[np.uint32]:
    """The sorted distinct shingles of one text, as they feed the MinHash; empty below five words.

    Of 32 bits two shingles in a million collide in a file of 10,000: no Jaccard moves by 1e-5.
    """
    begin, end = batch.offsets[row], batch.offsets[row + 1]
    out = np.empty((end - begin) // 2 + 1, np.uint64)
    count = shingle(batch.data, begin, end, WORD_BYTES, PLACES, out)
    hashes = np.sort((out[:count] >> np.uint64(32)).astype(np.uint32))
    return hashes[np.r_[True, hashes[1:] != hashes[:-1]]] if count else hashes
