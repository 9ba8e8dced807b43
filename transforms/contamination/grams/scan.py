"""The first pass: which texts hold enough n-grams of which pattern, in one compiled scan."""

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from transforms.contamination.grams.code_tokens import code_tokens
from transforms.contamination.grams.lexer import room
from transforms.contamination.grams.ngrams import (
    CODE,
    SIZES,
    TESTS,
    WORDS,
    defined_gram,
    token_gram,
    word_gram,
)
from transforms.contamination.grams.words import word_table, words
from transforms.lib.text.batch import TextBatch

FILTER_BITS, BUCKET_BITS = 24, 18
LOW, HIGH = np.uint64(2**FILTER_BITS - 1), np.uint64(64 - BUCKET_BITS)


class Table(NamedTuple):
    """The n-grams of all patterns, and who has them.

    filter: uint8[2^21], a bit for the lowest bits of every n-gram; keys: uint64, sorted; first:
    int32[2^18 + 1], where the keys with given highest bits begin; bounds: int32[len(keys) + 1],
    the patterns of key i are patterns[bounds[i]:bounds[i + 1]]; need: int32, how many different
    n-grams of a pattern make a text a candidate.
    """

    filter: NDArray[np.uint8]
    keys: NDArray[np.uint64]
    first: NDArray[np.int32]
    bounds: NDArray[np.int32]
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
    first = np.searchsorted(keys >> HIGH, np.arange(2**BUCKET_BITS + 1, dtype=np.uint64))
    flags = np.zeros(2**FILTER_BITS, np.bool_)
    flags[(keys & LOW).astype(np.int64)] = True
    bounds = np.append(starts, len(grams))
    return Table(
        np.packbits(flags, bitorder="little"),
        keys,
        first.astype(np.int32),
        bounds.astype(np.int32),
        patterns[order],
        need,
    )


@numba.njit(cache=True, nogil=True, inline="always")
def find(table, gram):  # type: ignore[no-untyped-def]
    """The place of an n-gram among the keys, or -1."""
    low = gram & LOW
    if not table.filter[low >> np.uint64(3)] >> (low & np.uint64(7)) & np.uint8(1):
        return -1
    bucket = gram >> HIGH
    for place in range(table.first[bucket], table.first[bucket + np.uint64(1)]):
        if table.keys[place] == gram:
            return place
    return -1


@numba.njit(cache=True, nogil=True)
def _count(table, seen, row, place, touched):  # type: ignore[no-untyped-def]
    """Count key `place` once for every pattern that has it; returns how many were touched."""
    if place < 0 or seen.grams[place] == row:
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


@numba.njit(cache=True, nogil=True)
def _scan_words(data, begin, end, letters, table, tokens, seen, row, touched):  # type: ignore[no-untyped-def]
    count = words(data, begin, end, letters, tokens)
    for i in range(count - SIZES[WORDS] + 1):
        touched = _count(table, seen, row, find(table, word_gram(tokens, i)), touched)
    return touched


@numba.njit(cache=True, nogil=True)
def _scan_code(data, begin, end, table, tokens, seen, row, touched):  # type: ignore[no-untyped-def]
    count = code_tokens(data, begin, end, tokens)
    for i in range(count):
        defined = defined_gram(tokens, i, count)
        if defined:
            touched = _count(table, seen, row, find(table, defined), touched)
        if i + SIZES[CODE] <= count:
            place = find(table, token_gram(tokens, i, CODE))
            touched = _count(table, seen, row, place, touched)
        if i + SIZES[TESTS] <= count:
            place = find(table, token_gram(tokens, i, TESTS))
            touched = _count(table, seen, row, place, touched)
    return touched


@numba.njit(cache=True, nogil=True)
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
    seen = Seen(
        np.full(len(table.keys), -1, np.int32),
        np.full(patterns, -1, np.int32),
        np.zeros(patterns, np.int32),
        np.empty(patterns, np.int32),
    )
    tokens = room(longest + 1)
    found: NDArray[np.int32]
    found = _scan(batch.data, batch.offsets, word_table(), table, tokens, seen)
    return found


@numba.njit(cache=True, nogil=True)
def _find_all(grams, table, out):  # type: ignore[no-untyped-def]
    for i in range(len(grams)):
        out[i] = find(table, grams[i])


def places(grams: NDArray[np.uint64], table: Table) -> NDArray[np.int32]:
    """Where n-grams stand among the keys, -1 for those that do not; int32, by n-gram."""
    out = np.empty(len(grams), np.int32)
    _find_all(grams, table, out)
    return out


@numba.njit(cache=True, nogil=True)
def densest(positions, kinds, count, width):  # type: ignore[no-untyped-def]
    """The window with the most different kinds: how many, and its first and last position.

    positions: sorted; kinds: from 0 to count - 1, by position; the first such window is taken.
    """
    held = np.zeros(count, np.int32)
    different = best = low = first = last = 0
    for high in range(len(positions)):
        different += held[kinds[high]] == 0
        held[kinds[high]] += 1
        while positions[high] - positions[low] > width:
            held[kinds[low]] -= 1
            different -= held[kinds[low]] == 0
            low += 1
        if different > best:
            best, first, last = different, positions[low], positions[high]
    return best, first, last
