"""The first pass against brute force over sets."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tests.support.python_texts import PROGRAMS
from transforms.contamination.grams.first_pass import scan
from transforms.contamination.grams.gram_table import make_gram_table
from transforms.contamination.grams.ngrams import CODE_GRAMS, TEST_GRAMS, WORD_GRAMS, grams
from transforms.lib.text.batch import text_batch


@given(st.lists(PROGRAMS, min_size=1, max_size=5), st.lists(PROGRAMS, min_size=1, max_size=4))
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
    batch = text_batch(pa.array(texts))
    scanned = scan(batch.data, batch.offsets[:-1], batch.offsets[1:], made)
    found = scanned.candidates.tolist()
    assert {(row, owner): count for row, owner, count in found} == expected
    assert len(found) == len(expected)
