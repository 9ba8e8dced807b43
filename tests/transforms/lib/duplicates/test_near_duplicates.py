"""The compiled choice of representatives against its rule in plain Python, on hard members."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.lib.duplicates.minhash import BANDS, PERMUTATIONS, THRESHOLD
from transforms.lib.duplicates.near_duplicates import (
    BORDERLINE_FROM,
    MAX_EXACT_PAIRS,
    SKETCH_COLLISION,
    SURE_FROM,
    Members,
    borderline_pairs,
    choose_representatives,
    jaccard,
)


def estimate(members: Members, left: int, right: int) -> float:
    same = (members.sketches[left] == members.sketches[right]).mean()
    return (same - SKETCH_COLLISION) / (1 - SKETCH_COLLISION)


def slow_choice(members: Members, exact: np.ndarray) -> tuple[list[int], set[tuple[int, int]]]:
    """The representative of each member (-1: it is kept), and the pairs whose Jaccard was needed.

    A member is dropped for the kept one that is most alike; where no estimate is sure, the exact
    Jaccards on the borderline decide.
    """
    representatives, needed = [], set()
    for member in range(len(members)):
        kept = [m for m in range(member) if representatives[m] < 0]
        shared = [m for m in kept if (members.buckets[m] == members.buckets[member]).any()]
        values = {m: estimate(members, m, member) for m in shared}
        alike = {m: v for m, v in values.items() if v >= SURE_FROM}
        if not alike:
            close = sorted(
                (m for m, v in values.items() if v >= BORDERLINE_FROM),
                key=lambda m: (-values[m], m),
            )
            close = close[:MAX_EXACT_PAIRS]
            needed |= {(m, member) for m in close}
            alike = {m: exact[m, member] for m in close if exact[m, member] >= THRESHOLD}
        representatives.append(max(alike, key=lambda m: (alike[m], -m)) if alike else -1)
    return representatives, needed


def random_members(seed: int, count: int) -> Members:
    """Families of members: each copies a part of an earlier one, at similarities of all kinds."""
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
def test_representatives_are_those_of_the_rule(seed: int, count: int) -> None:
    members = random_members(seed, count)
    exact = np.random.default_rng(seed + 1).uniform(0.6, 0.8, (count, count))
    expected, needed = slow_choice(members, exact)
    pairs = borderline_pairs(members)
    assert needed <= set(map(tuple, pairs.tolist()))
    representatives, _ = choose_representatives(members, pairs, exact[pairs[:, 0], pairs[:, 1]])
    assert representatives.tolist() == expected


def test_a_representative_has_no_representative() -> None:
    members = random_members(3, 200)
    none = borderline_pairs(members)[:0]
    representative, similarity = choose_representatives(members, none, np.empty(0))
    dropped = representative >= 0
    assert dropped.any() and (representative[representative[dropped]] == -1).all()
    assert (similarity[dropped] >= SURE_FROM).all() and (similarity[~dropped] == 0).all()


@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)))
def test_jaccard(left: set[int], right: set[int]) -> None:
    computed = jaccard(*(np.array(sorted(each), np.uint32) for each in (left, right)))
    assert computed == (len(left & right) / len(left | right) if left | right else 0)
