"""The first pass against brute force over sets."""

from collections import Counter

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from transforms.contamination.grams.ngrams import CODE, TESTS, WORDS, grams
from transforms.contamination.grams.scan import densest, find, places, scan, table
from transforms.lib.text.batch import text_batch

LINES = st.sampled_from(
    [
        "def f(a, b):",
        "    a = b + 1",
        "    return a",
        "x = 'one'",
        "x = 'two'",
        "y = f(x, 2)",
        "for i in range(9):",
        "    print(i, x[i])",
        "assert f(1, 2) == 3",
        "# a comment of some words",
    ]
)


SOURCES = st.lists(LINES, max_size=12).map("\n".join)


@given(st.lists(SOURCES, min_size=1, max_size=5), st.lists(SOURCES, min_size=1, max_size=4))
def test_the_first_pass_counts_what_sets_have_in_common(texts, patterns):
    kinds = [kind for _ in patterns for kind in (WORDS, TESTS, CODE)]
    sets = [
        set(grams(text.encode(), kind)[0].tolist())
        for text in patterns
        for kind in (WORDS, TESTS, CODE)
    ]
    pairs = [(gram, owner) for owner, held in enumerate(sets) for gram in held]
    hashes = np.array([gram for gram, _ in pairs], np.uint64)
    owners = np.array([owner for _, owner in pairs], np.int32)
    made = table(hashes, owners, np.ones(len(sets), np.int32))
    expected = {}
    for row, text in enumerate(texts):
        for owner, held in enumerate(sets):
            common = held & set(grams(text.encode(), kinds[owner])[0].tolist())
            if common:
                expected[row, owner] = len(common)
    found = scan(text_batch(pa.array(texts)), made).tolist()
    assert {(row, owner): count for row, owner, count in found} == expected
    assert len(found) == len(expected)


@given(
    st.lists(st.integers(0, 2**64 - 1), max_size=200),
    st.lists(st.integers(0, 2**64 - 1), max_size=50),
)
def test_keys_are_found_and_others_are_not(keys, others):
    hashes = np.array(keys, np.uint64)
    made = table(hashes, np.zeros(len(keys), np.int32), np.ones(1, np.int32))
    assert made.keys[places(hashes, made)].tolist() == keys
    strange = np.array([value for value in others if value not in keys], np.uint64)
    assert (places(strange, made) == -1).all()
    assert all(find(made, key) >= 0 for key in hashes)


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 4)), max_size=30, unique_by=lambda t: t[0]
    ),
    st.integers(0, 20),
)
def test_the_densest_window_is_the_best_of_all(marks, width):
    marks.sort()
    positions = np.array([place for place, _ in marks], np.int64)
    kinds = np.array([kind for _, kind in marks], np.int64)
    best, first, last = densest(positions, kinds, 5, width)
    windows = [len({k for p, k in marks if start <= p <= start + width}) for start, _ in marks]
    assert best == max(windows, default=0)
    if marks:
        inside = Counter(k for p, k in marks if first <= p <= last)
        assert len(inside) == best and last - first <= width
