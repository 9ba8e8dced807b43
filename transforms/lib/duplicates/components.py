"""Connected components of a graph that is given as packed edges."""

import numpy as np
from numpy.typing import NDArray

EDGE = np.dtype([("left", "<u8"), ("right", "<u8")])
# A row of a unit, and the smallest node of the component that the row is in.
COMPONENT_OF_ROW = np.dtype([("row", "<u4"), ("component", "<u8")])


def components(edges: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The nodes of uint64[n, 2] edges, sorted, and for each the smallest node of its component.

    Label propagation with pointer jumping: a chain of n nodes needs about log n rounds.

    >>> components(np.array([[7, 3], [3, 5], [8, 9]], np.uint64))
    (array([3, 5, 7, 8, 9], dtype=uint64), array([3, 3, 3, 8, 8], dtype=uint64))
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


def star_edges(keys: NDArray[np.uint64], nodes: NDArray[np.uint64]) -> NDArray:
    """Distinct edges from the first node of each key to its other nodes, sorted; EDGE[n].

    `keys` must be sorted; `nodes` are those that have the keys.
    """
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
