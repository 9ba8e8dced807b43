"""Members that are decided in rounds against the rule in one worker and in plain Python."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.lib.duplicates.test_near_duplicates import random_members, slow_choice
from transforms.lib.duplicates import rounds
from transforms.lib.duplicates.minhash import BANDS, PERMUTATIONS
from transforms.lib.duplicates.near_duplicates import (
    Members,
    borderline_pairs,
    choose_representatives,
)
from transforms.lib.duplicates.rounds import (
    DROPPED,
    IN_BUCKET,
    MEMBER_STATE,
    NEW,
    OLD,
    OPEN,
    choose,
    compare,
    leaders,
    settle,
)

PARTS = 3  # in which what meets in a bucket comes, and is forgotten but for leaders


def in_buckets(members: Members, states: np.ndarray, wanted: tuple[int, ...]) -> np.ndarray:
    """The records of all members with a wanted state, one for each bucket."""
    which = np.flatnonzero(np.isin(states["state"], wanted))
    records = np.empty(len(which) * BANDS, IN_BUCKET)
    records["bucket"] = members.buckets[which].ravel()
    for name in ("rank", "node"):
        records[name] = np.repeat(which, BANDS)
    records["state"] = np.repeat(states["state"][which], BANDS)
    sketches = np.ascontiguousarray(members.sketches).view(f"V{PERMUTATIONS}")[:, 0]
    records["sketch"] = np.repeat(sketches[which], BANDS)
    return records


def reported(records: np.ndarray, asking: int) -> np.ndarray:
    """The reports of all buckets; the members arrive in parts."""
    parts = [records[part::PARTS] for part in range(PARTS)]
    held = records[:0]
    for part in parts:
        held = leaders(np.concatenate([held, part]))
    return np.concatenate([compare(part, held, asking) for part in parts])


def in_rounds(members: Members, exact: np.ndarray) -> tuple[list[int], list[float], int]:
    """The representative of each member (-1: it is kept), their Jaccard, and how many rounds."""

    def exactly(pairs: np.ndarray) -> np.ndarray:
        return exact[pairs[:, 0], pairs[:, 1]]

    states = np.zeros(len(members), MEMBER_STATE)
    states["node"] = np.arange(len(members))
    needed = 0
    while (states["state"] == OPEN).any():
        records = in_buckets(members, states, (OPEN, NEW, OLD))
        records["sketch"][records["state"] == OLD] = bytes(PERMUTATIONS)  # only its place counts
        states = settle(states, reported(records, OPEN), exactly)
        needed += 1
    states["state"][states["state"] == OLD] = NEW
    chosen = choose(states, reported(in_buckets(members, states, (NEW, DROPPED)), DROPPED), exactly)
    representative, similarity = np.full(len(members), -1), np.zeros(len(members))
    representative[chosen["node"]] = chosen["other"]
    similarity[chosen["node"]] = chosen["jaccard"]
    return representative.tolist(), similarity.tolist(), needed


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(0, 40))
def test_random_members_are_decided_as_in_one_worker(seed: int, count: int) -> None:
    members = random_members(seed, count)
    exact = np.random.default_rng(seed + 1).uniform(0.6, 0.8, (count, count))
    pairs = borderline_pairs(members)
    expected = choose_representatives(members, pairs, exact[pairs[:, 0], pairs[:, 1]])
    representative, similarity, _ = in_rounds(members, exact)
    assert representative == expected[0].tolist() == slow_choice(members, exact)[0]
    assert similarity == expected[1].tolist()


Graph = list[tuple[int, int]]
NODES = BANDS + 1
NO_EXACT = np.zeros((0, 0))


def members_of(graph: Graph) -> Members:
    """Equal members, of which those with an edge share a bucket, which is their own."""
    buckets = np.arange(NODES * BANDS, dtype=np.uint32).reshape(NODES, BANDS)
    free = [list(range(BANDS)) for _ in range(NODES)]
    for number, edge in enumerate(graph):
        for member in edge:
            buckets[member, free[member].pop()] = NODES * BANDS + number
    return Members(np.zeros((NODES, PERMUTATIONS), np.uint8), buckets)


def greedy(graph: Graph) -> list[int]:
    """Who is kept, by definition."""
    kept: list[int] = []
    for member in range(NODES):
        if not any((other, member) in graph for other in kept):
            kept.append(member)
    return kept


def relabelled(graph: Graph, places: list[int]) -> Graph:
    return [(min(places[a], places[b]), max(places[a], places[b])) for a, b in graph]


CHAIN = [(i, i + 1) for i in range(NODES - 1)]
SHUFFLED = np.random.default_rng(3).permutation(NODES).tolist()
GRAPHS: dict[str, tuple[Graph, int]] = {  # and the rounds that each needs
    "chain": (CHAIN, NODES),
    "shuffled chain": (relabelled(CHAIN, SHUFFLED), 6),
    "clique": (list(combinations(range(NODES), 2)), 2),
    "star with its centre first": ([(0, i) for i in range(1, NODES)], 2),
    "star with its centre last": ([(i, NODES - 1) for i in range(NODES - 1)], 2),
    "no edge": ([], 1),
}


@pytest.mark.parametrize(("graph", "most"), GRAPHS.values(), ids=GRAPHS)
def test_graphs_with_a_name(graph: Graph, most: int) -> None:
    representative, _, needed = in_rounds(members_of(graph), NO_EXACT)
    assert [m for m, other in enumerate(representative) if other < 0] == greedy(graph)
    assert needed <= most
    assert all(other < 0 or (other, m) in graph for m, other in enumerate(representative))


EDGES = [*combinations(range(NODES), 2)]


@settings(max_examples=40)
@given(st.lists(st.sampled_from(EDGES), unique=True, max_size=80))
def test_random_graphs(graph: Graph) -> None:
    representative, _, _ = in_rounds(members_of(graph), NO_EXACT)
    assert [m for m, other in enumerate(representative) if other < 0] == greedy(graph)


def hub(families: int, size: int) -> Members:
    """Families of equal members, which are unlike those of others, all in one bucket."""
    random = np.random.default_rng(2)
    sketches = random.integers(0, 256, (families, PERMUTATIONS)).astype(np.uint8)
    order = random.permutation(families * size) % families
    buckets = np.arange(families * size * BANDS, dtype=np.uint32).reshape(-1, BANDS)
    buckets[:, 0] = len(buckets) * BANDS
    return Members(sketches[order], buckets)


@pytest.mark.parametrize(("families", "size", "most"), [(1, 900, 2), (40, 30, 12), (900, 1, 4)])
def test_a_bucket_with_more_members_than_are_held(families: int, size: int, most: int) -> None:
    members = hub(families, size)
    records = in_buckets(members, np.zeros(len(members), MEMBER_STATE), (OPEN,))
    crowded = leaders(records)
    assert np.unique(crowded["bucket"], return_counts=True)[1].max() == rounds.MAX_OPEN
    assert leaders(crowded).tobytes() == crowded.tobytes()
    representative, _, needed = in_rounds(members, NO_EXACT)
    expected, _ = choose_representatives(members, borderline_pairs(members), np.empty(0))
    assert representative == expected.tolist() and representative.count(-1) == families
    assert needed <= most
