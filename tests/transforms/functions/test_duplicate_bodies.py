"""Equal functions: settled in their unit and then among units, it is the first of all."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from transforms.functions.duplicate_bodies import EQUAL, equal_rows, find_equal, send_keys
from transforms.functions.keys import KEY
from transforms.lib.skeleton.exchange import node, pack, unpack

BODIES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(0, 3)), max_size=30)


def key(unit: int, row: int, digest: int, rank: int) -> tuple[bytes, ...]:
    place = int(node(unit, row)).to_bytes(8, "big")
    return (bytes([digest] * 16), bytes(7) + bytes([rank]), place, place * 2)


@given(BODIES, st.sampled_from([1, 16]))
def test_each_is_told_the_first_of_all(bodies: list[tuple[int, int, int]], partitions: int) -> None:
    """bodies: (digest, rank, unit), rows of their units as they come."""
    units: list[list[tuple[bytes, ...]]] = [[], [], [], []]
    for digest, rank, unit in bodies:
        units[unit].append(key(unit, len(units[unit]), digest, rank))
    keys = [unpack([pack("key", np.array(each, KEY))], "key", KEY) for each in units]
    sent = [message for each in keys for message in send_keys(each, partitions)]
    parts = {part: [value for to, value in sent if to == part] for part, _ in sent}
    told = [message for part in parts.items() for message in find_equal(part)]
    everything = sorted(each for unit in units for each in unit)
    for unit, own in enumerate(keys):
        values = [value for to, value in told if to == unit]
        found = equal_rows(own, unpack(values, "equal", EQUAL))
        assert {int(row): bytes(first) for row, first in found.tolist()} == {
            row: first
            for row, each in enumerate(units[unit])
            if (first := next(other[3] for other in everything if other[0] == each[0])) != each[3]
        }
