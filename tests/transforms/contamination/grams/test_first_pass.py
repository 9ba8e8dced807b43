"""The first pass against brute force over sets."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from transforms.contamination.grams.first_pass import scan
from transforms.contamination.grams.gram_table import make_gram_table
from transforms.contamination.grams.ngrams import CODE_GRAMS, TEST_GRAMS, WORD_GRAMS, grams
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
