"""What may hold between two arguments in all seeds, such as `k <= len(nums)`.

Each `fix` returns both values, changed so that it holds.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from transforms.strengthen.inputs.containers import in_order
from transforms.strengthen.inputs.properties.edge_lists import is_edges, nodes_of
from transforms.strengthen.inputs.properties.property import is_list, scalars

Both = tuple[Any, Any]


@dataclass(frozen=True)
class PairProperty:
    """Something that may hold between two arguments.

    name: with {a} and {b} for the names of the two; words: a pattern by which a statement speaks
    of it, with {b} as well, always matched if empty; None for what no words say. covers: a pattern
    of constraints that say no more. seeds: how many it must hold in; lengths: whether these must
    have several lengths; ordered: whether a stands before b in the signature.
    """

    name: str
    words: str | None
    holds: Callable[[Any, Any], bool]
    fix: Callable[[Any, Any, Random], Both]
    covers: str = ""
    seeds: int = 1
    lengths: bool = False
    ordered: bool = False


def _has_index(a: Any, b: Any) -> bool:
    return type(b) is int and isinstance(a, list | str) and b <= len(a)


def _same_length(a: Any, b: Any) -> bool:
    return isinstance(a, list | str) and type(a) is type(b) and len(a) == len(b)


def _cut_both(a: Any, b: Any, rng: Random) -> Both:
    length = min(len(a), len(b))
    return a[:length], b[:length]


def _one_longer(a: Any, b: Any) -> bool:
    return isinstance(a, list | str) and type(a) is type(b) and len(b) == len(a) + 1


def _cut_to_one_longer(a: Any, b: Any, rng: Random) -> Both:
    length = min(len(a), len(b) - 1)
    return a[:length], b[: length + 1]


def _has_item(a: Any, b: Any) -> bool:
    if isinstance(b, list) or not is_list(a):
        return False
    return scalars([item for item in a if item is not None]) and b in a


def _chosen_item(a: Any, b: Any, rng: Random) -> Both:
    present = [item for item in a if item is not None]
    return a, b if b in a else rng.choice(present)


def _same_items(a: Any, b: Any) -> bool:
    kinds = isinstance(a, list | str) and type(a) is type(b) and len(a) > 1
    return kinds and in_order(list(a)) == in_order(list(b))


def _shuffled(a: Any, b: Any, rng: Random) -> Both:
    return a, _like(a, rng.sample(list(a), len(a)))


def _like(example: Any, items: list[Any]) -> Any:
    return "".join(items) if isinstance(example, str) else items


def _items_within(a: Any, b: Any) -> bool:
    """Whether all items of a are among those of b, as often as they occur, and b has more."""
    if type(a) is not type(b) or not (isinstance(a, str) or scalars(b)) or len(a) >= len(b):
        return False
    return not Counter(a) - Counter(b)


def _more_items(a: Any, b: Any, rng: Random) -> Both:
    """b with the items of a, and as many of its own as it was longer."""
    items = [*a, *list(b)[: max(1, len(b) - len(a))]]
    rng.shuffle(items)
    return a, _like(b, items)


def _ascend(a: Any, b: Any) -> bool:
    return type(a) is int and type(b) is int and a <= b


def _edges_below(a: Any, b: Any) -> bool:
    return type(a) is int and (b == [] or (is_edges(b) and max(nodes_of(b)) < a))


def _wrapped_edges(a: Any, b: Any, rng: Random) -> Both:
    return a, [[edge[0] % a, edge[1] % a, *edge[2:]] for edge in b]


def _counts(a: Any, b: Any) -> bool:
    return type(a) is int and isinstance(b, list) and a == len(b)


def _differ(a: Any, b: Any) -> bool:
    return type(a) is type(b) and isinstance(a, int | str) and a != b


def _made_to_differ(a: Any, b: Any, rng: Random) -> Both:
    return a, b + (1 if isinstance(b, int) else b[:1])


PAIR_PROPERTIES = (
    PairProperty(
        "{b} <= len({a})", None, _has_index, lambda a, b, rng: (a, min(b, len(a))), seeds=2
    ),
    PairProperty(
        "len({a}) == len({b})",
        r"same length|equal length|corresponding|\bn\b|\[i\]",
        _same_length,
        _cut_both,
        lengths=True,
        ordered=True,
    ),
    PairProperty(
        "{b} in {a}",
        r"\b{b}\b[^.\n]{0,60}\b(?:in|from|of|exist|appear)",
        _has_item,
        _chosen_item,
        covers=r"\b{b}\b.* (?:in|of) the tree",
    ),
    PairProperty(
        "{b} has the items of {a}",
        r"permutation|anagram|rearrang",
        _same_items,
        _shuffled,
        covers=r"anagrams? of each other|is a permutation of \w+\.?$",
        ordered=True,
    ),
    PairProperty(
        "{b} has the items of {a} and more",
        r"shuffl|subset of",
        _items_within,
        _more_items,
        seeds=2,
    ),
    PairProperty(
        "len({b}) == len({a}) + 1",
        r"one more|\bn \+ 1|\bn - 1|length \+ 1|length - 1",
        _one_longer,
        _cut_to_one_longer,
        lengths=True,
        seeds=2,
    ),
    PairProperty("{a} <= {b}", None, _ascend, lambda a, b, rng: (min(a, b), max(a, b)), seeds=2),
    PairProperty(
        "{a} != {b}",
        r"\b{a} != {b}\b|\btwo (?:different|distinct)",
        _differ,
        _made_to_differ,
        ordered=True,
    ),
    PairProperty("{b} below {a}", "", _edges_below, _wrapped_edges),
    PairProperty("{a} == len({b})", "", _counts, lambda a, b, rng: (len(b), b)),
)
