"""Graphs as lists of edges: whether they are connected, and whether they are trees."""

from typing import Any

from transforms.strengthen.inputs.terms import Inapplicable


def pairs_of(edges: Any) -> list[tuple[int, int]]:
    """The two ends of each edge. Raises Inapplicable if they are no numbers."""
    if not isinstance(edges, list) or not all(isinstance(e, list) and len(e) >= 2 for e in edges):
        raise Inapplicable("no edges")
    pairs = [(edge[0], edge[1]) for edge in edges]
    if not all(type(end) is int for pair in pairs for end in pair):
        raise Inapplicable("no numbers")
    return pairs


def components(pairs: list[tuple[int, int]], nodes: set[int]) -> int:
    """How many components a graph of these nodes has."""
    parent = {node: node for node in nodes}

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in pairs:
        parent[root(a)] = root(b)
    return sum(parent[node] == node for node in nodes)


def connected(n: int, pairs: list[tuple[int, int]]) -> bool:
    """Whether edges connect n nodes, which are numbered from 0 or from 1."""
    nodes = {end for pair in pairs for end in pair}
    if len(nodes) != n:
        return n == 1 and not nodes
    return components(pairs, nodes) == 1 and max(nodes) - min(nodes) == n - 1 and min(nodes) in (0, 1)


def is_tree(n: int, pairs: list[tuple[int, int]]) -> bool:
    """Whether edges make a tree of n nodes."""
    return len(pairs) == n - 1 and connected(n, pairs)
