"""Large star and small star against components found in one place, on graphs of all kinds."""

from collections import defaultdict
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.lib.duplicates.components import components
from transforms.lib.duplicates.stars import (
    PAIR,
    are_stars,
    both_ways,
    distinct_pairs,
    large_star,
    small_star,
)

PARTITIONS = 4
CHAIN = [(i, i + 1) for i in range(999)]
SHUFFLED = np.random.default_rng(3).permutation(1000).tolist()
GRAPHS = {
    "chain": (CHAIN, 10),
    "shuffled chain": ([(SHUFFLED[a], SHUFFLED[b]) for a, b in CHAIN], 10),
    "clique": (list(combinations(range(40), 2)), 1),
    "star": ([(500, i) for i in range(400)], 1),
    "two that meet": ([*combinations(range(9), 2), *combinations(range(8, 20), 2)], 2),
}


def by_partition(pairs: np.ndarray) -> list[np.ndarray]:
    """Pairs as partitions see them."""
    parts = defaultdict(list)
    for pair in pairs.tolist():
        parts[pair[0] % PARTITIONS].append(pair)
    return [np.unique(np.array(part, PAIR)) for part in parts.values()]


def one_round(pairs: np.ndarray) -> np.ndarray:
    """The pairs after a large star and a small star in every partition."""
    large = np.concatenate([large_star(part) for part in by_partition(pairs)])
    small = [small_star(part) for part in by_partition(np.unique(large))]
    return np.unique(np.concatenate(small))


def pairs_of(edges: list[tuple[int, int]]) -> np.ndarray:
    left, right = np.array(edges, np.uint64).reshape(-1, 2).T
    return both_ways(distinct_pairs(left, right))


def by_stars(edges: list[tuple[int, int]], rounds: int) -> dict[int, int]:
    """The component of each node; after so many rounds all must be stars."""
    pairs = pairs_of(edges)
    for _ in range(rounds):
        pairs = one_round(pairs)
    assert all(are_stars(part) for part in by_partition(pairs))
    smallest: dict[int, int] = {}
    for node, neighbour in pairs.tolist():
        smallest[node] = min(smallest.get(node, node), neighbour)
    return smallest


def by_labels(edges: list[tuple[int, int]]) -> dict[int, int]:
    nodes, labels = components(np.array(edges, np.uint64))
    return dict(zip(nodes.tolist(), labels.tolist(), strict=True))


@pytest.mark.parametrize(("edges", "rounds"), GRAPHS.values(), ids=GRAPHS)
def test_graphs_with_a_name(edges: list[tuple[int, int]], rounds: int) -> None:
    assert by_stars(edges, rounds) == by_labels(edges)


DISTINCT = st.tuples(st.integers(0, 60), st.integers(0, 60)).filter(lambda edge: edge[0] != edge[1])


@given(st.lists(DISTINCT, min_size=1, max_size=80))
def test_random_graphs(edges: list[tuple[int, int]]) -> None:
    assert by_stars(edges, 6) == by_labels(edges)


def test_a_graph_that_needs_more_rounds_is_not_all_stars() -> None:
    pairs = one_round(pairs_of(CHAIN))
    assert not all(are_stars(part) for part in by_partition(pairs))
