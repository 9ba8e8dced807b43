"""The first pass: which texts hold enough n-grams of which pattern, in one compiled scan."""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from transforms.contamination.code_tokens import DEF, IDENTIFIER, code_tokens
from transforms.contamination.grams import CODE, SIZES, TESTS, WORDS, token_gram, word_gram
from transforms.contamination.lexer import Tokens, room
from transforms.contamination.words import word_table, words
from transforms.text_batch import TextBatch

FILTER_BITS = 24


class Table(NamedTuple):
    """The n-grams of all patterns, and who has them.

    filter: uint8[2^21], a bit for the lowest bits of every n-gram; keys: uint64, sorted; first:
    int64[2^k + 1], where the keys with given highest k bits begin; shift: 64 - k; bounds:
    int64[len(keys) + 1], the patterns of key i are patterns[bounds[i]:bounds[i + 1]]; need:
    int32, how many different n-grams of a pattern make a text a candidate; names: uint64, sorted.
    """

    filter: NDArray[np.uint8]
    keys: NDArray[np.uint64]
    first: NDArray[np.int64]
    shift: np.uint64
    bounds: NDArray[np.int64]
    patterns: NDArray[np.int32]
    need: NDArray[np.int32]


class Seen(NamedTuple):
    """What was counted of the current text; a number is of this text if it stands with its row."""

    grams: NDArray[np.int32]
    patterns: NDArray[np.int32]
    counts: NDArray[np.int32]
    touched: NDArray[np.int32]


def table(grams: NDArray[np.uint64], patterns: NDArray[np.int32], need: NDArray[np.int32]) -> Table:
    """The table of pairs (n-gram, pattern); need: int32, by pattern."""
    order = np.lexsort((patterns, grams))
    keys, starts = np.unique(grams[order], return_index=True)
    bounds = np.append(starts, len(grams)).astype(np.int64)
    bits = max(1, int(len(keys)).bit_length())
    shift = np.uint64(64 - bits)
    edges = np.arange(2**bits + 1, dtype=np.float64)
    first = np.searchsorted(keys >> shift, np.arange(2**bits + 1, dtype=np.uint64))
    flags = np.zeros(2**FILTER_BITS, np.bool_)
    flags[(keys & np.uint64(2**FILTER_BITS - 1)).astype(np.int64)] = True
    packed = np.packbits(flags, bitorder="little")
    return Table(packed, keys, first.astype(np.int64), shift, bounds, patterns[order], need)


@numba.njit(cache=True, nogil=True, inline="always")  # type: ignore[untyped-decorator]
def find(table, gram):  # type: ignore[no-untyped-def]
    """The place of an n-gram among the keys, or -1."""
    low = gram & np.uint64(2**FILTER_BITS - 1)
    if not table.filter[low >> np.uint64(3)] >> (low & np.uint64(7)) & np.uint8(1):
        return -1
    bucket = gram >> table.shift
    for place in range(table.first[bucket], table.first[bucket + np.uint64(1)]):
        if table.keys[place] == gram:
            return place
    return -1


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _count(table, seen, row, place, touched):  # type: ignore[no-untyped-def]
    """Count key `place` once for every pattern that has it; returns how many were touched."""
    if seen.grams[place] == row:
        return touched
    seen.grams[place] = row
    for i in range(table.bounds[place], table.bounds[place + 1]):
        pattern = table.patterns[i]
        if seen.patterns[pattern] != row:
            seen.patterns[pattern] = row
            seen.counts[pattern] = 0
            seen.touched[touched] = pattern
            touched += 1
        seen.counts[pattern] += 1
    return touched


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _scan_words(data, begin, end, letters, table, tokens, seen, row, touched):  # type: ignore[no-untyped-def]
    count = words(data, begin, end, letters, tokens)
    for i in range(count - SIZES[WORDS] + 1):
        place = find(table, word_gram(tokens, i))
        if place >= 0:
            touched = _count(table, seen, row, place, touched)
    return touched


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _scan_code(data, begin, end, table, tokens, seen, row, touched):  # type: ignore[no-untyped-def]
    count = code_tokens(data, begin, end, tokens)
    for i in range(count - SIZES[CODE] + 1):
        place = find(table, token_gram(tokens, i, CODE))
        if place >= 0:
            touched = _count(table, seen, row, place, touched)
        if i + SIZES[TESTS] <= count:
            place = find(table, token_gram(tokens, i, TESTS))
            if place >= 0:
                touched = _count(table, seen, row, place, touched)
    return touched


@numba.njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _scan(data, offsets, letters, table, tokens, seen):  # type: ignore[no-untyped-def]
    found, candidates = 0, np.empty((64, 3), np.int32)
    for row in range(len(offsets) - 1):
        begin, end = offsets[row], offsets[row + 1]
        touched = _scan_words(data, begin, end, letters, table, tokens, seen, row, 0)
        touched = _scan_code(data, begin, end, table, tokens, seen, row, touched)
        for pattern in seen.touched[:touched]:
            if seen.counts[pattern] >= table.need[pattern]:
                if found == len(candidates):
                    candidates = np.concatenate((candidates, np.empty_like(candidates)))
                candidates[found, 0], candidates[found, 1] = row, pattern
                candidates[found, 2] = seen.counts[pattern]
                found += 1
    return candidates[:found]


def scan(batch: TextBatch, table: Table) -> NDArray[np.int32]:
    """Rows, patterns and their counts of n-grams where a text may hold a pattern; int32[n, 3]."""
    longest = int(np.max(np.diff(batch.offsets), initial=0))
    patterns = len(table.need)
    seen = Seen(np.full(len(table.keys), -1, np.int32), np.full(patterns, -1, np.int32),
                np.zeros(patterns, np.int32), np.empty(patterns, np.int32))  # fmt: skip
    return _scan(batch.data, batch.offsets, word_table(), table, room(longest + 1), seen)
