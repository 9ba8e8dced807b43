"""Large star and small star against the components that one worker finds, on graphs of all kinds."""

from collections import defaultdict
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.lib.duplicates.components import components
from transforms.lib.duplicates.stars import PAIR, both_ways, large_star, pairs, settled, small_star

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


def met(found: np.ndarray) -> list[np.ndarray]:
    """Pairs as partitions see them."""
    by_partition = defaultdict(list)
    for pair in found.tolist():
        by_partition[pair[0] % PARTITIONS].append(pair)
    return [np.unique(np.array(part, PAIR)) for part in by_partition.values()]


def one_round(found: np.ndarray) -> np.ndarray:
    """What all partitions make of pairs both ways."""
    large = np.concatenate([large_star(part) for part in met(found)])
    return np.unique(np.concatenate([small_star(part) for part in met(np.unique(large))]))


def by_stars(edges: list[tuple[int, int]], rounds: int) -> dict[int, int]:
    """Each node's component after so many rounds, by which all must have settled."""
    left, right = np.array(edges, np.uint64).reshape(-1, 2).T
    found = both_ways(pairs(left, right))
    for _ in range(rounds):
        found = one_round(found)
    assert all(settled(part) for part in met(found))
    low: dict[int, int] = {}
    for node, other in found.tolist():
        low[node] = min(low.get(node, node), other)
    return low


def by_labels(edges: list[tuple[int, int]]) -> dict[int, int]:
    return dict(
        zip(*(part.tolist() for part in components(np.array(edges, np.uint64))), strict=True)
    )


@pytest.mark.parametrize(("edges", "rounds"), GRAPHS.values(), ids=GRAPHS)
def test_graphs_with_a_name(edges: list[tuple[int, int]], rounds: int) -> None:
    assert by_stars(edges, rounds) == by_labels(edges)


DISTINCT = st.tuples(st.integers(0, 60), st.integers(0, 60)).filter(lambda edge: edge[0] != edge[1])


@given(st.lists(DISTINCT, min_size=1, max_size=80))
def test_random_graphs(edges: list[tuple[int, int]]) -> None:
    assert by_stars(edges, 6) == by_labels(edges)


def test_what_has_not_settled_is_seen() -> None:
    left, right = np.array(CHAIN, np.uint64).T
    found = one_round(both_ways(pairs(left, right)))
    assert not all(settled(part) for part in met(found))
