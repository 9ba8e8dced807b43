"""The first pass over a batch: which texts have enough n-grams of which pattern, compiled.

It counts n-grams wherever in a text they stand. What it finds are candidates; `matches` scores
them exactly.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from transforms.contamination.grams.code_tokens import code_tokens
from transforms.contamination.grams.gram_table import GramTable, find_gram
from transforms.contamination.grams.ngrams import (
    CODE_GRAMS,
    GRAM_SIZES,
    TEST_GRAMS,
    WORD_GRAMS,
    defined_name,
    signature_of,
    token_gram,
    word_gram,
)
from transforms.contamination.grams.raw_tokens import room_for_tokens
from transforms.contamination.grams.words import lower_case_table, words
from transforms.contamination.views.quoted_text import Unwrapped, add_strings, room_for_views
from transforms.lib.compiled import kernel


class Counters(NamedTuple):
    """What was counted of the current text, in arrays that need not be cleared between texts.

    All are int32. key_row: by key, the last row that had it; pattern_row: by pattern, the row that
    `counts` is of; counts: by pattern, its different n-grams in that row; touched: the patterns of
    which the current row has any n-gram.
    """

    key_row: NDArray[np.int32]
    pattern_row: NDArray[np.int32]
    counts: NDArray[np.int32]
    touched: NDArray[np.int32]


@kernel
def _count(table, counters, row, key, touched):  # type: ignore[no-untyped-def]
    """Count a key, once in a row, for every pattern that has it; returns how many are touched."""
    if key < 0 or counters.key_row[key] == row:
        return touched
    counters.key_row[key] = row
    for i in range(table.bounds[key], table.bounds[key + 1]):
        pattern = table.patterns[i]
        if counters.pattern_row[pattern] != row:
            counters.pattern_row[pattern] = row
            counters.counts[pattern] = 0
            counters.touched[touched] = pattern
            touched += 1
        counters.counts[pattern] += 1
    return touched


@kernel
def _scan_words(data, begin, end, lower_case, table, tokens, counters, row, touched):  # type: ignore[no-untyped-def]
    count = words(data, begin, end, lower_case, tokens)
    for i in range(count - GRAM_SIZES[WORD_GRAMS] + 1):
        key = find_gram(table, word_gram(tokens, i))
        touched = _count(table, counters, row, key, touched)
    return touched


@kernel
def _scan_code(data, begin, end, table, tokens, counters, row, touched):  # type: ignore[no-untyped-def]
    count = code_tokens(data, begin, end, tokens)
    for i in range(count):
        name = defined_name(tokens, i, count)
        if name:
            touched = _count(table, counters, row, find_gram(table, name), touched)
            whole = signature_of(data, tokens, i, count)
            touched = _count(table, counters, row, find_gram(table, whole), touched)
        if i + GRAM_SIZES[CODE_GRAMS] <= count:
            key = find_gram(table, token_gram(tokens, i, CODE_GRAMS))
            touched = _count(table, counters, row, key, touched)
        if i + GRAM_SIZES[TEST_GRAMS] <= count:
            key = find_gram(table, token_gram(tokens, i, TEST_GRAMS))
            touched = _count(table, counters, row, key, touched)
    return touched


@kernel
def _scan(data, begins, ends, lower_case, table, tokens, counters, views, sizes):  # type: ignore[no-untyped-def]
    count, out = 0, np.empty((64, 3), np.int32)
    for row in range(len(begins)):
        begin, end = begins[row], ends[row]
        touched = _scan_words(data, begin, end, lower_case, table, tokens, counters, row, 0)
        touched = _scan_code(data, begin, end, table, tokens, counters, row, touched)
        for pattern in counters.touched[:touched]:
            if counters.counts[pattern] >= table.need[pattern]:
                if count == len(out):
                    out = np.concatenate((out, np.empty_like(out)))
                out[count, 0], out[count, 1] = row, pattern
                out[count, 2] = counters.counts[pattern]
                count += 1
        size, lines = views.size[0], views.size[1]
        add_strings(data, tokens.strings, views)
        sizes[row, 0], sizes[row, 1] = views.size[0] - size, views.size[1] - lines
    return out[:count]


class Scan(NamedTuple):
    """What the first pass found in some texts.

    candidates: int32[n, 3]: row, pattern, and how many different n-grams of the pattern the row
    has, which are at least as many as the pattern needs; strings: what the string literals hold;
    sizes: int64[rows, 2], how many bytes and lines of `strings` each row has.
    """

    candidates: NDArray[np.int32]
    strings: Unwrapped
    sizes: NDArray[np.int64]


def scan(
    data: NDArray[np.uint8], begin: NDArray[np.int64], end: NDArray[np.int64], table: GramTable
) -> Scan:
    """The candidates among the texts data[begin[i]:end[i]], and what their strings hold."""
    longest = int(np.max(end - begin, initial=0))
    patterns = len(table.need)
    counters = Counters(
        np.full(len(table.keys), -1, np.int32),
        np.full(patterns, -1, np.int32),
        np.zeros(patterns, np.int32),
        np.empty(patterns, np.int32),
    )
    tokens = room_for_tokens(longest + 1)
    views = room_for_views(int(np.sum(end - begin)) + len(begin) + 1)
    sizes = np.zeros((len(begin), 2), np.int64)
    candidates: NDArray[np.int32]
    candidates = _scan(data, begin, end, lower_case_table(), table, tokens, counters, views, sizes)
    return Scan(candidates, views, sizes)
