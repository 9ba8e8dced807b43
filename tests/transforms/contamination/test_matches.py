"""Where a match is densest, against brute force."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from transforms.contamination.matches import densest_window


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
