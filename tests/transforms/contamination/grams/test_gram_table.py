"""The table of grams: the keys that are in it are found, and no others."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from transforms.contamination.grams.gram_table import find_gram, find_grams, make_gram_table


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
