"""The representative of equal bodies, chosen in each unit and then among units, is the first."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from transforms.functions.duplicate_bodies import (
    EXACT_DUPLICATE_OF,
    exact_duplicates,
    find_exact,
    send_keys,
)
from transforms.functions.keys import BODY_KEY
from transforms.lib.duplicates.order import LICENCE_AND_STARS
from transforms.lib.skeleton.exchange import node, pack, unpack

BODIES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(0, 3)), max_size=30)


def key(unit: int, row: int, digest: int, rank: int) -> tuple[bytes, ...]:
    place = int(node(unit, row)).to_bytes(8, "big")
    rank_bytes = rank.to_bytes(LICENCE_AND_STARS.itemsize, "big")
    return (bytes([digest] * 16), rank_bytes, place, place * 2)


@given(BODIES, st.sampled_from([1, 16]))
def test_each_duplicate_has_the_first_of_all_units(
    bodies: list[tuple[int, int, int]], partitions: int
) -> None:
    """bodies: (digest, rank, unit) of each, which are rows of their units in this order."""
    units: list[list[tuple[bytes, ...]]] = [[], [], [], []]
    for digest, rank, unit in bodies:
        units[unit].append(key(unit, len(units[unit]), digest, rank))
    keys = [unpack([pack("key", np.array(unit, BODY_KEY))], "key", BODY_KEY) for unit in units]
    sent = [message for each in keys for message in send_keys(each, partitions)]
    parts = {part: [value for to, value in sent if to == part] for part, _ in sent}
    messages = [message for part in parts.items() for message in find_exact(part)]
    ordered = sorted(body for unit in units for body in unit)
    for unit, own in enumerate(keys):
        values = [value for to, value in messages if to == unit]
        duplicates = exact_duplicates(own, unpack(values, "exact", EXACT_DUPLICATE_OF))
        assert {int(row): bytes(first) for row, first in duplicates.tolist()} == {
            row: first
            for row, body in enumerate(units[unit])
            if (first := next(other[3] for other in ordered if other[0] == body[0])) != body[3]
        }
