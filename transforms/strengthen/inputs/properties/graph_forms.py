"""Graphs that are trees, connected, or without cycles."""

from random import Random
from typing import Any

from transforms.strengthen.inputs.graphs import components
from transforms.strengthen.inputs.properties.edge_lists import is_edges, nodes_of
from transforms.strengthen.inputs.properties.property import Property, scalars


def _tree_edges(value: Any) -> bool:
    if not is_edges(value):
        return False
    nodes = nodes_of(value)
    pairs = [(edge[0], edge[1]) for edge in value]
    return len(nodes) == len(value) + 1 and components(pairs, nodes) == 1 and _numbered(nodes)


def _numbered(nodes: set[int]) -> bool:
    return min(nodes) in (0, 1) and max(nodes) - min(nodes) == len(nodes) - 1


def _connected_edges(value: Any) -> bool:
    if not is_edges(value):
        return False
    nodes = nodes_of(value)
    return components([(edge[0], edge[1]) for edge in value], nodes) == 1 and _numbered(nodes)


def _parents(value: Any) -> bool:
    if not scalars(value) or value[0] != -1 or not all(type(v) is int for v in value):
        return False
    if not all(0 <= v < len(value) for v in value[1:]):
        return False
    nodes = set(range(len(value)))
    return components([(child, v) for child, v in enumerate(value) if child], nodes) == 1


def _grown_parents(value: Any, rng: Random) -> list[int]:
    return [-1] + [rng.randrange(child) for child in range(1, len(value))]


def _acyclic(value: Any) -> bool:
    """Whether directed edges make no cycle."""
    if not is_edges(value):
        return False
    below = dict[int, set[int]]()
    for edge in value:
        below.setdefault(edge[0], set()).add(edge[1])
    waiting = {node: 0 for node in nodes_of(value)}
    for ends in below.values():
        for end in ends:
            waiting[end] += 1
    free, seen = [node for node, count in waiting.items() if not count], 0
    while free:
        seen += 1
        for end in below.get(free.pop(), ()):
            waiting[end] -= 1
            if not waiting[end]:
                free.append(end)
    return seen == len(waiting)


def _pointing_up(value: Any, rng: Random) -> Any:
    """The edges from the lower to the higher node, without loops."""
    return [[*sorted(edge[:2]), *edge[2:]] for edge in value if edge[0] != edge[1]]


def _made_tree(value: Any, rng: Random) -> Any:
    """As many edges, which make a tree of nodes from 0 or 1 on; what else rows hold stays."""
    first = 1 if value and min(nodes_of(value)) > 0 else 0
    names = list(range(first, first + len(value) + 1))
    rng.shuffle(names)
    ascend = all(edge[0] < edge[1] for edge in value)
    ends = ([names[rng.randrange(at)], names[at]] for at in range(1, len(names)))
    return [
        [*(sorted(pair) if ascend else pair), *edge[2:]]
        for pair, edge in zip(ends, value, strict=True)
    ]


GRAPH_FORMS = (
    Property(
        "tree edges", r"\btrees?\b", _tree_edges, _made_tree, covers=r"represents? an? valid tree"
    ),
    Property("connected edges", r"connected|reach|path between", _connected_edges, _made_tree),
    Property(
        "parents of a tree",
        r"parent|manager|tree",
        _parents,
        _grown_parents,
        covers=r"parents?\b.* represents a valid (?:binary )?tree",
    ),
    Property("acyclic", r"acyclic|DAG", _acyclic, _pointing_up, covers=r"acyclic"),
)
