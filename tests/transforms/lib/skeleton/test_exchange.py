"""Packed records are unpacked whole and sorted, in whatever order they arrive."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from transforms.lib.skeleton.exchange import by_key, node, row_of, unit_of, unpack

RECORD = np.dtype([("digest", "V2"), ("row", "<u4")])
ROWS = st.lists(st.tuples(st.integers(0, 5), st.binary(min_size=2, max_size=2), st.integers(0, 9)))


@given(ROWS, st.randoms(use_true_random=False))
def test_every_record_arrives_once_and_sorted(rows: list[tuple], random) -> None:
    keys = np.array([key for key, _, _ in rows], np.int64)
    records = np.array([(digest, row) for _, digest, row in rows], RECORD)
    sent = list(by_key("tag", keys, records)) + list(by_key("other", keys, records))
    random.shuffle(sent)
    for key in range(6):
        unpacked = unpack([value for k, value in sent if k == key], "tag", RECORD)
        expected = [(digest, row) for k, digest, row in rows if k == key]
        assert sorted(expected, key=lambda r: (r[0], r[1].to_bytes(4, "little"))) == [
            (bytes(digest), int(row)) for digest, row in unpacked
        ]


@given(st.integers(0, 2**31), st.integers(0, 2**32 - 1))
def test_addresses(unit: int, row: int) -> None:
    nodes = node(unit, np.array([row]))
    assert (unit_of(nodes).tolist(), row_of(nodes).tolist()) == ([unit], [row])
