"""The compiled walk against the rule in plain Python, on members that are anything but easy."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.lib.duplicates.minhash import BANDS, PERMUTATIONS, THRESHOLD
from transforms.lib.duplicates.resolution import (
    CLOSE,
    COLLISION,
    MAX_ASKED,
    SURE,
    Members,
    borderline,
    jaccard,
    resolve,
)


def estimate(members: Members, left: int, right: int) -> float:
    same = (members.sketches[left] == members.sketches[right]).mean()
    return (same - COLLISION) / (1 - COLLISION)


def slow_resolve(members: Members, exact: np.ndarray) -> tuple[list[int], set[tuple[int, int]]]:
    """In order: dropped for the most alike kept one; the borderline is asked if none is sure."""
    stands, asked = [], set()
    for member in range(len(members)):
        kept = [m for m in range(member) if stands[m] < 0]
        shared = [m for m in kept if (members.buckets[m] == members.buckets[member]).any()]
        values = {m: estimate(members, m, member) for m in shared}
        sure = {m: v for m, v in values.items() if v >= SURE}
        if not sure:
            close = sorted(
                (m for m, v in values.items() if v >= CLOSE), key=lambda m: (-values[m], m)
            )
            close = close[:MAX_ASKED]
            asked |= {(m, member) for m in close}
            sure = {m: exact[m, member] for m in close if exact[m, member] >= THRESHOLD}
        stands.append(max(sure, key=lambda m: (sure[m], -m)) if sure else -1)
    return stands, asked


def random_members(seed: int, count: int) -> Members:
    """Members in families: each copies places from an earlier one, at similarities of all kinds."""
    random = np.random.default_rng(seed)
    signature = random.integers(0, 256, (count, PERMUTATIONS)).astype(np.uint8)
    for member in range(1, count):
        copied = random.random(PERMUTATIONS) < random.choice([0.5, 0.65, 0.7, 0.75, 0.9])
        parent = random.integers(0, member)
        signature[member][copied] = signature[parent][copied]
    buckets = random.integers(0, 3, (count, BANDS)).astype(np.uint32)
    return Members(signature, buckets + 3 * np.arange(BANDS, dtype=np.uint32))


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(0, 40))
def test_resolve_is_the_rule(seed: int, count: int) -> None:
    members = random_members(seed, count)
    exact = np.random.default_rng(seed + 1).uniform(0.6, 0.8, (count, count))
    expected, needed = slow_resolve(members, exact)
    pairs = borderline(members)
    assert needed <= set(map(tuple, pairs.tolist()))
    stands, _ = resolve(members, pairs, exact[pairs[:, 0], pairs[:, 1]])
    assert stands.tolist() == expected


def test_who_is_kept_stands_for_itself_alone() -> None:
    stands, value = resolve(members := random_members(3, 200), borderline(members)[:0], np.empty(0))
    dropped = stands >= 0
    assert dropped.any() and (stands[stands[dropped]] == -1).all()
    assert (value[dropped] >= SURE).all() and (value[~dropped] == 0).all()


@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)))
def test_jaccard(left: set[int], right: set[int]) -> None:
    found = jaccard(*(np.array(sorted(each), np.uint32) for each in (left, right)))
    assert found == (len(left & right) / len(left | right) if left | right else 0)
