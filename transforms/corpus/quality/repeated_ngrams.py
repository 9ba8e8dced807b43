"""Which share of a file's words is in n-grams that it repeats, as OpenCoder measures it.

A word is a run of ASCII letters, digits, `_` and bytes from 0x80; case does not count.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import kernel
from transforms.lib.python.lexing import IDENTIFIER_BYTES
from transforms.lib.text.batch import TextBatch
from transforms.lib.text.hashing import FNV_OFFSET, GOLDEN_RATIO, MIX_1, fnv1a, mix

# Its rules for 7, 8 and 9 have the threshold of 6, and a word in a repeated 7-gram is in a repeated
# 6-gram: the share for 6 is the largest of the four.
NGRAMS = (5, 6, 10)
MAX_PROBES = 64  # of one n-gram: nobody can make n-grams that all want one slot
HALF, ONE = np.uint64(32), np.uint64(1)


def repeated_ngrams(batch: TextBatch, rows: Sequence[int]) -> NDArray[np.float64]:
    """For each of NGRAMS and each of the rows the share of bytes of words; float64[3, rows].

    >>> import pyarrow as pa
    >>> from transforms.lib.text.batch import text_batch
    >>> repeated_ngrams(text_batch(pa.array(["a b c d e f G a b c d e f g x y"])), [0]).tolist()
    [[0.875], [0.875], [0.0]]
    """
    out = np.zeros((len(NGRAMS), len(rows)))
    for place, row in enumerate(rows):
        begin, end = batch.offsets[row], batch.offsets[row + 1]
        most = int(end - begin) // 2 + 1
        words, sizes = np.empty(most, np.uint64), np.empty(most, np.int64)
        count = _words(batch.data, begin, end, words, sizes)
        size = 1 << int(2 * count).bit_length()
        for number, length in enumerate(NGRAMS):
            table = np.zeros((size, 2), np.uint64)
            out[number, place] = _share(words[:count], sizes[:count], length, table)
    return out


@kernel
def _words(data, at, end, words, sizes):  # type: ignore[no-untyped-def]
    """Writes the hash and the size of each word of data[at:end]; returns how many there are."""
    count = 0
    while at < end:
        if not IDENTIFIER_BYTES[data[at]]:
            at += 1
            continue
        value, begin = FNV_OFFSET, at
        while at < end and IDENTIFIER_BYTES[data[at]]:
            byte = data[at]
            value = fnv1a(value, byte | 32 if 65 <= byte <= 90 else byte)
            at += 1
        words[count], sizes[count] = mix(value), at - begin
        count += 1
    return count


@kernel
def _share(words, sizes, length, table):  # type: ignore[no-untyped-def]
    """The share of the sizes of those words that are in an n-gram which occurs twice or more.

    `table` is zeros: in each slot an n-gram, and one more than the place where it was met first.
    """
    repeated = np.zeros(len(words), np.bool_)
    mask = np.uint64(len(table) - 1)
    for first in range(len(words) - length + 1):
        key = GOLDEN_RATIO
        for place in range(first, first + length):
            key = (key ^ words[place]) * MIX_1
            key ^= key >> HALF
        slot = key & mask
        for _ in range(MAX_PROBES):
            if table[slot, 1] == 0:
                table[slot, 0], table[slot, 1] = key, first + 1
                break
            if table[slot, 0] == key:
                repeated[first] = repeated[np.int64(table[slot, 1]) - 1] = True
                break
            slot = slot + ONE & mask
    all_bytes = inside = until = 0
    for place in range(len(words)):
        until = place + length if repeated[place] else until
        all_bytes += sizes[place]
        inside += sizes[place] if place < until else 0
    return inside / max(all_bytes, 1)
