"""n-grams against their definition in plain Python, and the first pass against set operations."""

from collections import Counter

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tests.support import plain_tokens as plain
from transforms.contamination.grams.first_pass import scan
from transforms.contamination.grams.gram_table import find_gram, find_grams, make_gram_table
from transforms.contamination.grams.ngrams import (
    CODE_GRAMS,
    DEFINED_NAMES,
    GRAM_SIZES,
    TEST_GRAMS,
    WORD_GRAMS,
    grams,
)
from transforms.contamination.matches import densest_window
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


def definition(text: str, kind: int) -> list[tuple]:
    """The n-grams of a text, in plain Python."""
    size = GRAM_SIZES[kind]
    if kind == WORD_GRAMS:
        found = plain.words(text)
        return [tuple(found[i : i + size]) for i in range(len(found) - size + 1)]
    found = plain.tokens(plain.raw_tokens(text))
    return [
        plain.anonymous(found[i : i + size], kind == TEST_GRAMS)
        for i in range(len(found) - size + 1)
    ]


@given(SOURCES)
def test_ngrams_are_those_of_the_definition(text):
    for kind in (WORD_GRAMS, TEST_GRAMS, CODE_GRAMS):
        hashes, _, _ = grams(text.encode(), kind)
        expected = definition(text, kind)
        assert len(hashes) == len(expected)
        assert (
            len(set(zip(hashes.tolist(), expected, strict=True)))
            == len(set(expected))
            == len(set(hashes.tolist()))
        )


def test_consistent_renaming_changes_nothing_and_another_one_does():
    original = "def f(items, n):\n    total = n\n    for x in items:\n        total += x * n\n    return total\n"
    renamed = "def g(q, k):\n    zz = k\n    for x in q:\n        zz += x * k\n    return zz\n"
    swapped = original.replace("x * n", "n * x")
    hashes = grams(original.encode(), CODE_GRAMS)[0]
    assert np.array_equal(hashes, grams(renamed.encode(), CODE_GRAMS)[0])
    assert not np.array_equal(hashes, grams(swapped.encode(), CODE_GRAMS)[0])


def test_names_that_def_defines():
    found = grams(b"class A:\n    def one(self): pass\nasync def two(): one()\n", DEFINED_NAMES)[0]
    expected = [grams(f"def {name}(".encode(), DEFINED_NAMES)[0].max() for name in ("one", "two")]
    assert found[found != 0].tolist() == expected


@given(st.lists(SOURCES, min_size=1, max_size=5), st.lists(SOURCES, min_size=1, max_size=4))
def test_the_first_pass_counts_what_sets_have_in_common(texts, patterns):
    kinds = [kind for _ in patterns for kind in (WORD_GRAMS, TEST_GRAMS, CODE_GRAMS)]
    sets = [
        set(grams(text.encode(), kind)[0].tolist())
        for text in patterns
        for kind in (WORD_GRAMS, TEST_GRAMS, CODE_GRAMS)
    ]
    pairs = [(gram, owner) for owner, of_pattern in enumerate(sets) for gram in of_pattern]
    hashes = np.array([gram for gram, _ in pairs], np.uint64)
    owners = np.array([owner for _, owner in pairs], np.int32)
    made = make_gram_table(hashes, owners, np.ones(len(sets), np.int32))
    expected = {}
    for row, text in enumerate(texts):
        for owner, of_pattern in enumerate(sets):
            common = of_pattern & set(grams(text.encode(), kinds[owner])[0].tolist())
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
    made = make_gram_table(hashes, np.zeros(len(keys), np.int32), np.ones(1, np.int32))
    assert made.keys[find_grams(hashes, made)].tolist() == keys
    strange = np.array([value for value in others if value not in keys], np.uint64)
    assert (find_grams(strange, made) == -1).all()
    assert all(find_gram(made, key) >= 0 for key in hashes)


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
    best, first, last = densest_window(positions, kinds, 5, width)
    windows = [len({k for p, k in marks if start <= p <= start + width}) for start, _ in marks]
    assert best == max(windows, default=0)
    if marks:
        inside = Counter(k for p, k in marks if first <= p <= last)
        assert len(inside) == best and last - first <= width
