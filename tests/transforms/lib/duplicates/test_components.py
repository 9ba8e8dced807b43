"""Components against a search in plain Python, and edges against the pairs that share a key."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from transforms.lib.duplicates.components import components, star_edges

EDGES = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40)


def slow_components(edges: list[tuple[int, int]]) -> dict[int, int]:
    groups = {node: {node} for edge in edges for node in edge}
    for left, right in edges:
        joined = groups[left] | groups[right]
        groups |= {node: joined for node in joined}
    return {node: min(group) for node, group in groups.items()}


@given(EDGES)
def test_components(edges: list[tuple[int, int]]) -> None:
    nodes, component = components(np.array(edges, np.uint64).reshape(-1, 2))
    assert dict(zip(nodes.tolist(), component.tolist(), strict=True)) == slow_components(edges)


@given(EDGES)
def test_star_edges_connect_what_shares_a_key(rows: list[tuple[int, int]]) -> None:
    table = np.array(sorted(rows), np.uint64).reshape(-1, 2)
    edges = star_edges(table[:, 0], table[:, 1]).tolist()
    assert len(edges) == len(set(edges))
    firsts = {key: min(node for k, node in rows if k == key) for key, _ in rows}
    assert set(edges) == {(firsts[key], node) for key, node in rows if node != firsts[key]}
