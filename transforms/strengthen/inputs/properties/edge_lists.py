"""Lists of edges or intervals: rows that begin with two numbers."""

from random import Random
from typing import Any

from transforms.strengthen.inputs.properties.property import Property, is_list


def _no_self_loops(value: Any) -> bool:
    return is_edges(value) and all(edge[0] != edge[1] for edge in value)


def is_edges(value: Any) -> bool:
    """Whether a value is a list of rows of 2 to 4 items that begin with two numbers."""
    return is_list(value) and all(
        isinstance(e, list) and 2 <= len(e) <= 4 and type(e[0]) is int and type(e[1]) is int
        for e in value
    )


def _loops_dropped(value: Any, rng: Random) -> Any:
    return [edge for edge in value if edge[0] != edge[1]]


def _no_double_edges(value: Any) -> bool:
    return is_edges(value) and len({frozenset(edge[:2]) for edge in value}) == len(value)


def _double_edges_dropped(value: Any, rng: Random) -> Any:
    return list({frozenset(edge[:2]): edge for edge in value}.values())


def nodes_of(edges: list[list[Any]]) -> set[int]:
    """The first two numbers of all rows."""
    return {end for edge in edges for end in edge[:2]}


def _first_below_second(value: Any, strict: bool) -> bool:
    return is_edges(value) and all(e[0] < e[1] or (e[0] == e[1] and not strict) for e in value)


def _ends_in_order(value: Any, rng: Random) -> Any:
    return [[*sorted(edge[:2]), *edge[2:]] for edge in value]


EDGE_LISTS = (
    Property(
        "first below second",
        r"start|interval|range|from|left|l_i",
        lambda v: _first_below_second(v, True),
        _ends_in_order,
    ),
    Property(
        "first not above second",
        r"start|interval|range|from|left|l_i",
        lambda v: _first_below_second(v, False),
        _ends_in_order,
    ),
    Property(
        "no self loops",
        r"graph|edge|road|self|different|distinct|pair|u_i|a_i",
        _no_self_loops,
        _loops_dropped,
    ),
    Property(
        "no double edges",
        r"graph|edge|road|repeated|multiple|distinct|unique|duplicate|pair",
        _no_double_edges,
        _double_edges_dropped,
        covers=r"more than one cable|repeated|multiple edges",
    ),
)
