"""Shingles of source text: 64-bit hashes of five words in a row, in one compiled pass.

A word is a run of ASCII letters, digits, `_` and bytes from 0x80, so that every script counts. Its
hash is FNV-1a, finished by murmur3's mixer; a shingle mixes the hashes of five words in order. The
upper 32 bits of a shingle feed the MinHash and the exact Jaccard alike. A licence notice at the
head of a file is left out, unless fewer than five words follow it.
"""

import numpy as np
from numpy.typing import NDArray

from transforms.lib.compiled import kernel
from transforms.lib.duplicates.notices import NOTICE_WORDS, notice_end
from transforms.lib.text.batch import TextBatch
from transforms.lib.text.hashing import FNV_OFFSET, fnv1a, mix

WORDS_PER_SHINGLE = 5  # the default of comparable pipelines for code

# Odd multipliers, one for each place in a shingle, so that the order of words counts.
PLACE_FACTORS = np.array(
    [
        0x8EBC6AF09C88C6E3,
        0x589965CC75374CC3,
        0x1D8E4E27C47D124F,
        0xEB44ACCAB455D165,
        0x2F6A5BD7C5A1E3B9,
    ],
    np.uint64,
)
IS_WORD_BYTE = np.array(
    [not chr(b).isascii() or chr(b).isalnum() or chr(b) == "_" for b in range(256)], np.bool_
)
TABLES = IS_WORD_BYTE, PLACE_FACTORS, NOTICE_WORDS


@kernel
def _hash_words(data, begin, end, is_word_byte, out):  # type: ignore[no-untyped-def]
    """Write the hashes of the words of data[begin:end] to `out`; returns how many there are."""
    count = 0
    at = begin
    while at < end:
        if not is_word_byte[data[at]]:
            at += 1
            continue
        value = FNV_OFFSET
        while at < end and is_word_byte[data[at]]:
            value = fnv1a(value, data[at])
            at += 1
        out[count] = mix(value)
        count += 1
    return count


@kernel
def hash_shingles(data, begin, end, tables, out):  # type: ignore[no-untyped-def]
    """Write the shingles of data[begin:end] to `out`, uint64; returns how many there are.

    `tables` are TABLES. `out` must have room for every word of the text, as their hashes are
    written there first.
    """
    is_word_byte, factors, notice_words = tables
    after_notice = notice_end(data, begin, end, notice_words)
    words = _hash_words(data, after_notice, end, is_word_byte, out)
    if words < WORDS_PER_SHINGLE:
        words = _hash_words(data, begin, end, is_word_byte, out)
    count = max(0, words - WORDS_PER_SHINGLE + 1)
    for i in range(count):
        value = np.uint64(0)
        for j in range(WORDS_PER_SHINGLE):
            value += out[i + j] * factors[j]
        out[i] = mix(value)
    return count


def shingle_set(batch: TextBatch, row: int) -> NDArray[np.uint32]:
    """The distinct shingles of one text, sorted; empty if it has fewer than five words.

    With 32 bits two shingles in a million collide in a file of 10,000: no Jaccard moves by 1e-5.

    >>> import pyarrow as pa
    >>> from transforms.lib.text.batch import text_batch
    >>> texts = text_batch(pa.array(["a b c d e f", "f(a, b):  c = d - e; f", "a b c d"]))
    >>> [len(shingle_set(texts, row)) for row in range(3)]
    [2, 3, 0]
    >>> set(shingle_set(texts, 0)) < set(shingle_set(texts, 1))
    True
    """
    begin, end = batch.offsets[row], batch.offsets[row + 1]
    out = np.empty((end - begin) // 2 + 1, np.uint64)
    count = hash_shingles(batch.data, begin, end, TABLES, out)
    hashes = np.sort((out[:count] >> np.uint64(32)).astype(np.uint32))
    return hashes[np.r_[True, hashes[1:] != hashes[:-1]]] if count else hashes
