"""Connected components of a graph given as packed edges."""

import numpy as np
from numpy.typing import NDArray


def components(edges: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Nodes of uint64[n, 2] edges, sorted, and for each the smallest node it is connected to.

    Label propagation with pointer jumping: a chain of n nodes needs about log n rounds.
    """
    nodes, places = np.unique(edges, return_inverse=True)
    left, right = places.reshape(-1, 2).T
    label = np.arange(len(nodes))
    while True:
        low = np.minimum(label[left], label[right])
        after = label.copy()
        np.minimum.at(after, label[left], low)
        np.minimum.at(after, label[right], low)
        after = after[after]
        if (after == label).all():
            return nodes, nodes[label]
        label = after


# A node, as a row of the unit it is told to, and the smallest node of its component.
MEMBER = np.dtype([("row", "<u4"), ("component", "<u8")])
EDGE = np.dtype([("left", "<u8"), ("right", "<u8")])


def star_edges(keys: NDArray[np.uint64], nodes: NDArray[np.uint64]) -> NDArray:
    """Edges from the first node of each key to its others, each once; keys must be sorted."""
    if not len(keys):
        return np.empty(0, EDGE)
    first = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    leader = np.repeat(nodes[first], np.diff(np.r_[first, len(keys)]))
    others = leader != nodes
    left, right = leader[others], nodes[others]
    order = np.lexsort((right, left))
    edges = np.empty(len(order), EDGE)
    edges["left"], edges["right"] = left[order], right[order]
    return edges[np.r_[True, edges[1:] != edges[:-1]]] if len(edges) else edges
