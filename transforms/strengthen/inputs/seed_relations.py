"""Relations that hold in all seeds, such as `k <= len(nums)`, and how to restore them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from transforms.strengthen.inputs.containers import in_order
from transforms.strengthen.inputs.graphs import components
from transforms.strengthen.inputs.terms import Env

Holds = Callable[[Any], bool]
Fix = Callable[[Any, Random], Any]
EVIDENCE = 2  # seeds that a relation must hold in, where no word of the statement speaks of it


@dataclass(frozen=True)
class Property:
    """Something that may hold of one argument.

    words: a pattern of words by which a statement speaks of it; fix: a value near the one given
    for which it holds; covers: a pattern of constraints that say no more than this.
    """

    name: str
    words: str
    holds: Holds
    fix: Fix | None = None
    covers: str = ""


@dataclass(frozen=True)
class Relation:
    """Something that holds in all seeds.

    holds: of the values of parameters by name; restore: changes them so that it does. stated: the
    statement has words for it.
    """

    name: str
    names: tuple[str, ...]
    holds: Callable[[Env], bool]
    restore: Callable[[Env, Random], None]
    stated: bool
    covers: str = ""

    def says(self, line: str) -> bool:
        """Whether a constraint says no more than this relation."""
        return bool(self.covers) and bool(re.search(self.covers, line, re.IGNORECASE))

    def try_to_restore(self, env: Env, rng: Random) -> None:
        """Change values so that it holds; values that it does not fit stay as they are."""
        try:
            self.restore(env, rng)
        except UNFIT_VALUES:
            return

    def is_kept(self, env: Env) -> bool:
        """Whether it holds."""
        try:
            return self.holds(env)
        except UNFIT_VALUES:
            return False


UNFIT_VALUES = (TypeError, LookupError, ValueError, ArithmeticError, AttributeError)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0


def _scalars(value: Any) -> bool:
    return _is_list(value) and all(isinstance(item, int | float | str) for item in value)


def _ordered(value: Any, strict: bool, down: bool) -> bool:
    if not (_scalars(value) or (_is_list(value) and all(map(_scalars, value)))):
        return False
    items = value[::-1] if down else value
    try:
        return all(a < b or (a == b and not strict) for a, b in zip(items, items[1:], strict=False))
    except TypeError:
        return False


def _without_doubles(value: Any) -> Any:
    seen, kept = set[str](), []
    for item in value:
        if item is None or repr(item) not in seen:
            seen.add(repr(item))
            kept.append(item)
    return kept if isinstance(value, list) else "".join(kept)


def _unique(value: Any) -> bool:
    return isinstance(value, list | str) and len(_without_doubles(value)) == len(value)


def _permutation(value: Any, first: int) -> bool:
    return _scalars(value) and in_order(value) == list(range(first, first + len(value)))


def _any_permutation(value: Any, rng: Random, first: int) -> list[int]:
    """Numbers by the rank of the values."""
    order = sorted(range(len(value)), key=lambda at: (repr(type(value[at])), str(value[at]), at))
    made = [0] * len(value)
    for rank, at in enumerate(order):
        made[at] = rank + first
    return made


def _by_rows(holds: Holds) -> Holds:
    return lambda value: _is_list(value) and all(map(holds, value))


def _rows_fixed(fix: Fix) -> Fix:
    """What restores each row; rows that had one length keep it, or nothing is changed."""

    def fixed(value: Any, rng: Random) -> Any:
        if not _is_list(value):
            return value
        rows = [fix(row, rng) for row in value]
        lengths, before = set(map(len, rows)), set(map(len, value))
        return value if len(before) == 1 and lengths != before else rows

    return fixed


def _is_rectangle(value: Any) -> bool:
    return _is_list(value) and all(_is_row(row) and len(row) == len(value[0]) for row in value)


def _is_square(value: Any) -> bool:
    return _is_rectangle(value) and len(value) == len(value[0])


def _is_row(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0


def _rows_in_order(value: Any) -> bool:
    """Whether the rows, one after the other, are sorted, and there are several."""
    if not _is_rectangle(value) or len(value[0]) < 3:
        return False
    return _ordered([item for row in value for item in row], strict=False, down=False)


def _rows_put_in_order(value: Any, rng: Random) -> Any:
    items, width = in_order([item for row in value for item in row]), len(value[0])
    return [items[at : at + width] for at in range(0, len(items), width)]


def _both_ways_in_order(value: Any) -> bool:
    if not _is_rectangle(value):
        return False
    turned = [list(column) for column in zip(*value, strict=True)]
    return all(_ordered(line, strict=False, down=False) for line in [*value, *turned])


def _put_in_order_both_ways(value: Any, rng: Random) -> Any:
    columns = [in_order(list(column)) for column in zip(*map(in_order, value), strict=True)]
    return [list(row) for row in zip(*columns, strict=True)]


def _palindrome(value: Any) -> bool:
    return isinstance(value, str | list) and len(value) > 1 and value == value[::-1]


def _mirrored(value: Any, rng: Random) -> Any:
    half = value[: (len(value) + 1) // 2]
    return half + half[: len(value) // 2][::-1]


def _balanced(value: Any) -> bool:
    if not isinstance(value, str) or not set("()[]{}") & set(value):
        return False
    return _depths_right(value)


PARTNER = {")": "(", "]": "[", "}": "{"}


def _depths_right(value: str) -> bool:
    opened = list[str]()
    for letter in value:
        if letter in "([{":
            opened.append(letter)
        elif letter in PARTNER and (not opened or opened.pop() != PARTNER[letter]):
            return False
    return not opened


def _rebalanced(value: str, rng: Random) -> str:
    """The text without brackets that have no partner."""
    kept, opened = list[str](), list[int]()
    for letter in value:
        if letter in "([{":
            opened.append(len(kept))
        elif letter in PARTNER:
            if not opened or kept[opened[-1]] != PARTNER[letter]:
                continue
            opened.pop()
        kept.append(letter)
    return "".join(letter for at, letter in enumerate(kept) if at not in set(opened))


def _no_leading_zero(value: Any) -> bool:
    if isinstance(value, str):
        return value.isdigit() and (value == "0" or not value.startswith("0"))
    return (
        _scalars(value)
        and all(type(v) is int and 0 <= v <= 9 for v in value)
        and (value == [0] or value[0] != 0)
    )


def _without_leading_zeros(value: Any, rng: Random) -> Any:
    if isinstance(value, str):
        return value.lstrip("0") or "0"
    at = next((at for at, digit in enumerate(value) if digit), len(value) - 1)
    return value[at:]


def _trimmed(value: Any) -> bool:
    return isinstance(value, str) and " " in value and value == value.strip() and "  " not in value


def _no_self_loops(value: Any) -> bool:
    return _edges(value) and all(edge[0] != edge[1] for edge in value)


def _edges(value: Any) -> bool:
    return _is_list(value) and all(
        isinstance(e, list) and 2 <= len(e) <= 4 and type(e[0]) is int and type(e[1]) is int
        for e in value
    )


def _loops_dropped(value: Any, rng: Random) -> Any:
    return [edge for edge in value if edge[0] != edge[1]]


def _no_double_edges(value: Any) -> bool:
    return _edges(value) and len({frozenset(edge[:2]) for edge in value}) == len(value)


def _double_edges_dropped(value: Any, rng: Random) -> Any:
    return list({frozenset(edge[:2]): edge for edge in value}.values())


def _nodes_of(edges: list[list[Any]]) -> set[int]:
    return {end for edge in edges for end in edge[:2]}


def _tree_edges(value: Any) -> bool:
    if not _edges(value):
        return False
    nodes = _nodes_of(value)
    pairs = [(edge[0], edge[1]) for edge in value]
    return len(nodes) == len(value) + 1 and components(pairs, nodes) == 1 and _numbered(nodes)


def _numbered(nodes: set[int]) -> bool:
    return min(nodes) in (0, 1) and max(nodes) - min(nodes) == len(nodes) - 1


def _connected_edges(value: Any) -> bool:
    if not _edges(value):
        return False
    nodes = _nodes_of(value)
    return components([(edge[0], edge[1]) for edge in value], nodes) == 1 and _numbered(nodes)


def _parents(value: Any) -> bool:
    if not _scalars(value) or value[0] != -1 or not all(type(v) is int for v in value):
        return False
    if not all(0 <= v < len(value) for v in value[1:]):
        return False
    nodes = set(range(len(value)))
    return components([(child, v) for child, v in enumerate(value) if child], nodes) == 1


def _grown_parents(value: Any, rng: Random) -> list[int]:
    return [-1] + [rng.randrange(child) for child in range(1, len(value))]


def _acyclic(value: Any) -> bool:
    """Whether directed edges make no cycle."""
    if not _edges(value):
        return False
    below = dict[int, set[int]]()
    for edge in value:
        below.setdefault(edge[0], set()).add(edge[1])
    waiting = {node: 0 for node in _nodes_of(value)}
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


def _no_zero_at_end(value: Any) -> bool:
    digits = _scalars(value) and all(type(v) is int and 0 <= v <= 9 for v in value)
    return digits and (value == [0] or value[-1] != 0)


def _strict_order(value: Any) -> bool:
    return _ordered(value, strict=True, down=False)


def _first_below_second(value: Any, strict: bool) -> bool:
    return _edges(value) and all(e[0] < e[1] or (e[0] == e[1] and not strict) for e in value)


def _ends_in_order(value: Any, rng: Random) -> Any:
    return [[*sorted(edge[:2]), *edge[2:]] for edge in value]


def _is_search_tree(value: Any) -> bool:
    return _is_list(value) and len(value) > 1 and _inorder(value) is not None


def _children(tree: list[Any]) -> dict[int, tuple[int | None, int | None]]:
    places, found = iter(range(1, len(tree))), dict[int, tuple[int | None, int | None]]()
    for at, value in enumerate(tree):
        if value is not None:
            found[at] = (next(places, None), next(places, None))
    return found


def _order_of_nodes(tree: list[Any]) -> list[int]:
    """The places of nodes from left to right."""
    below, order = _children(tree), list[int]()
    stack: list[int] = []
    at: int | None = 0 if tree and tree[0] is not None else None
    while stack or at is not None:
        while at is not None:
            stack.append(at)
            left = below.get(at, (None, None))[0]
            at = left if left is not None and tree[left] is not None else None
        at = stack.pop()
        order.append(at)
        right = below.get(at, (None, None))[1]
        at = right if right is not None and tree[right] is not None else None
    return order


def _inorder(tree: list[Any]) -> list[Any] | None:
    """The values from left to right if they ascend strictly, or else None."""
    try:
        values = [tree[at] for at in _order_of_nodes(tree)]
        return values if all(a < b for a, b in zip(values, values[1:], strict=False)) else None
    except TypeError:
        return None


def _made_search_tree(value: Any, rng: Random) -> Any:
    """A tree of the same form whose values ascend from left to right."""
    tree = list(value)
    order = _order_of_nodes(tree)
    values = sorted({tree[at] for at in order})
    while len(values) < len(order):
        values.append(values[-1] + 1)
    for at, each in zip(order, values, strict=True):
        tree[at] = each
    return tree


def _full_tree(value: Any) -> bool:
    if not _is_list(value):
        return False
    present = {at for at, each in enumerate(value) if each is not None}
    return all(
        len({left in present, right in present}) == 1 for left, right in _children(value).values()
    )


def _complete_tree(value: Any) -> bool:
    return _is_list(value) and None not in value


def _none_dropped(value: Any, rng: Random) -> Any:
    return [each for each in value if each is not None]


def _perfect_tree(value: Any) -> bool:
    return _complete_tree(value) and not (len(value) + 1) & len(value)


def _sorted_fix(strict: bool, down: bool) -> Fix:
    def fix(value: Any, rng: Random) -> Any:
        items = _without_doubles(value) if strict else value
        return in_order(items, reverse=down)

    return fix


# Constraints that say no more than that things are unique, or in order.
OF_UNIQUE = r"unique|distinct|duplicate|repeated|different"
OF_ORDER = r"sorted|ascending|increasing|decreasing"
UNIQUE = Property(
    "unique",
    (
        r"unique|distinct|duplicate|different|no two|permutation|exactly once"
        r"|at most once|pairwise"
    ),
    _unique,
    lambda v, r: _without_doubles(v),
    covers=OF_UNIQUE,
)
PROPERTIES = (
    Property("rectangle", r"", _is_rectangle),
    Property("square", r"", _is_square),
    Property(
        "permutation from 0",
        r"permutation",
        lambda v: _permutation(v, 0),
        lambda v, r: _any_permutation(v, r, 0),
        covers=r"is a permutation of (?:all )?(?:the )?(?:integers|numbers|\[)",
    ),
    Property(
        "permutation from 1",
        r"permutation",
        lambda v: _permutation(v, 1),
        lambda v, r: _any_permutation(v, r, 1),
        covers=(
            r"is a permutation of (?:all )?(?:the )?(?:integers|numbers|\[)|every"
            r" integer from 1 to n exactly once"
        ),
    ),
    UNIQUE,
    Property(
        "increasing",
        r"strictly increasing|strictly ascending|ascending|sorted|increasing",
        _strict_order,
        _sorted_fix(strict=True, down=False),
        covers=OF_ORDER,
    ),
    Property(
        "decreasing",
        r"strictly decreasing|descending|decreasing",
        lambda v: _ordered(v, True, True),
        _sorted_fix(strict=True, down=True),
        covers=OF_ORDER,
    ),
    Property(
        "not decreasing",
        r"sorted|non-decreasing|ascending|increasing order|nondecreasing|chronological",
        lambda v: _ordered(v, False, False),
        _sorted_fix(strict=False, down=False),
        covers=OF_ORDER,
    ),
    Property(
        "not increasing",
        r"non-increasing|descending|decreasing order",
        lambda v: _ordered(v, False, True),
        _sorted_fix(strict=False, down=True),
        covers=OF_ORDER,
    ),
    Property(
        "rows increasing",
        r"sorted|ascending|increasing",
        _by_rows(_strict_order),
        _rows_fixed(_sorted_fix(strict=True, down=False)),
        covers=OF_ORDER,
    ),
    Property(
        "rows not decreasing",
        r"sorted|ascending|increasing|non-decreasing",
        _by_rows(lambda v: _ordered(v, False, False)),
        _rows_fixed(_sorted_fix(strict=False, down=False)),
        covers=OF_ORDER,
    ),
    Property(
        "rows unique",
        r"unique|distinct|duplicate|different",
        _by_rows(_unique),
        _rows_fixed(lambda v, r: _without_doubles(v)),
        covers=OF_UNIQUE,
    ),
    Property(
        "all rows in order",
        r"sorted|non-decreasing|increasing",
        _rows_in_order,
        _rows_put_in_order,
        covers=OF_ORDER,
    ),
    Property(
        "rows and columns in order",
        r"rows? and (?:each |the )?columns?.{0,30}sorted|sorted.{0,80}column",
        _both_ways_in_order,
        _put_in_order_both_ways,
        covers=r"rows and columns.* sorted",
    ),
    Property("palindrome", r"palindrom", _palindrome, _mirrored, covers=r"palindromic"),
    Property(
        "balanced",
        r"valid parenthes|balanced|well-formed|bracket|parenthes|valid",
        _balanced,
        _rebalanced,
    ),
    Property(
        "no leading zero",
        r"leading zero|integer|number",
        _no_leading_zero,
        _without_leading_zeros,
        covers=r"leading zero|represents? an integer",
    ),
    Property(
        "words by one space",
        r"space",
        _trimmed,
        lambda v, r: " ".join(v.split()),
        covers=r"leading or trailing spaces|single space|at least one word",
    ),
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
    Property("tree edges", r"\btrees?\b", _tree_edges, covers=r"represents? an? valid tree"),
    Property("connected edges", r"connected|reach|path between", _connected_edges),
    Property(
        "parents of a tree",
        r"parent|manager|tree",
        _parents,
        _grown_parents,
        covers=r"parents?\b.* represents a valid (?:binary )?tree",
    ),
    Property("acyclic", r"acyclic|DAG", _acyclic, _pointing_up, covers=r"acyclic"),
    Property(
        "no zero at the end",
        r"leading zero",
        _no_zero_at_end,
        lambda v, r: [*v[:-1], v[-1] or 1],
        covers=r"list represents a number",
    ),
)
TREE_PROPERTIES = (
    UNIQUE,
    Property(
        "search tree",
        r"\bBST|binary search tree|search tree",
        _is_search_tree,
        _made_search_tree,
        covers=r"(?:valid )?binary search tree",
    ),
    Property(
        "full tree", r"full|0 or 2 children|two children|exactly 0 or|zero or two", _full_tree
    ),
    Property("perfect tree", r"perfect", _perfect_tree),
    Property(
        "complete tree",
        r"complete|perfect",
        _complete_tree,
        _none_dropped,
        covers=r"complete binary tree",
    ),
)


def relations(
    seeds: Sequence[Env], statement: str, trees: frozenset[str] = frozenset()
) -> Iterator[Relation]:
    """What holds in all seeds.

    The words of the statement say which of it must be kept. trees: the names of binary trees.
    """
    names = [name for name in seeds[0] if all(name in seed for seed in seeds)] if seeds else []
    for name in names:
        values = [seed[name] for seed in seeds]
        for each in TREE_PROPERTIES if name in trees else PROPERTIES:
            if relation := _of_one(each, name, values, statement):
                yield relation
    for first in names:
        for second in names:
            if first != second:
                yield from _of_two(first, second, seeds, statement)


def _of_one(each: Property, name: str, values: list[Any], statement: str) -> Relation | None:
    present = [value for value in values if not _is_trivial(value)]
    if not present or not all(each.holds(value) for value in present):
        return None
    stated = bool(re.search(each.words, statement, re.IGNORECASE))
    if not stated and len(present) < EVIDENCE:
        return None

    def holds(env: Env) -> bool:
        return _is_trivial(env[name]) or each.holds(env[name])

    def restore(env: Env, rng: Random) -> None:
        if each.fix and not holds(env):
            env[name] = each.fix(env[name], rng)

    return Relation(f"{name}: {each.name}", (name,), holds, restore, stated, each.covers)


def _is_trivial(value: Any) -> bool:
    """Whether nearly everything holds of a value."""
    if isinstance(value, list) and len(value) == 1:
        return not isinstance(value[0], list | int) or value[0] in (0, 1)
    return isinstance(value, list | str) and len(value) == 0


def _of_two(first: str, second: str, seeds: Sequence[Env], statement: str) -> Iterator[Relation]:
    pairs = [(seed[first], seed[second]) for seed in seeds]
    if len(seeds) >= EVIDENCE and all(_is_count(b, a) for a, b in pairs):
        yield Relation(
            f"{second} <= len({first})",
            (first, second),
            lambda env: env[second] <= len(env[first]),
            lambda env, rng: _cap(env, second, len(env[first])),
            stated=False,
        )
    if first < second and _same_lengths(pairs):
        yield Relation(
            f"len({first}) == len({second})",
            (first, second),
            lambda env: len(env[first]) == len(env[second]),
            lambda env, rng: _cut_both(env, first, second),
            stated=bool(
                re.search(r"same length|equal length|corresponding|\bn\b|\[i\]", statement)
            ),
        )
    if all(_values(a) and b in a for a, b in pairs if not isinstance(b, list)) and not any(
        isinstance(b, list) for _, b in pairs
    ):
        yield Relation(
            f"{second} in {first}",
            (first, second),
            lambda env: env[second] in env[first],
            lambda env, rng: _chosen(env, first, second, rng),
            stated=bool(
                re.search(
                    rf"\b{re.escape(second)}\b[^.\n]{{0,60}}\b(?:in|from|of|exist|appear)",
                    statement,
                )
            ),
            covers=rf"\b{re.escape(second)}\b.* (?:in|of) the tree",
        )
    if first < second and all(_same_items(a, b) for a, b in pairs):
        yield Relation(
            f"{second} has the items of {first}",
            (first, second),
            lambda env: _same_items(env[first], env[second]),
            lambda env, rng: _shuffled(env, first, second, rng),
            stated=bool(re.search(r"permutation|anagram|rearrang", statement)),
            covers=r"anagrams? of each other|is a permutation of \w+\.?$",
        )
    if (
        all(type(a) is int and type(b) is int and a <= b for a, b in pairs)
        and len(seeds) >= EVIDENCE
    ):
        yield Relation(
            f"{first} <= {second}",
            (first, second),
            lambda env: env[first] <= env[second],
            lambda env, rng: (
                env.update({first: env[second], second: env[first]})
                if env[first] > env[second]
                else None
            ),
            stated=False,
        )
    if all(type(a) is int and _edges(b) and max(_nodes_of(b)) < a for a, b in pairs):
        yield Relation(
            f"{second} below {first}",
            (first, second),
            lambda env: max(_nodes_of(env[second]), default=-1) < env[first],
            lambda env, rng: _wrap(env, second, env[first]),
            stated=True,
        )
    if all(type(a) is int and isinstance(b, list) and a == len(b) for a, b in pairs):
        yield Relation(
            f"{first} == len({second})",
            (first, second),
            lambda env: env[first] == len(env[second]),
            lambda env, rng: env.__setitem__(first, len(env[second])),
            stated=True,
        )


def _values(items: Any) -> bool:
    return _is_list(items) and _scalars([item for item in items if item is not None])


def _is_count(number: Any, items: Any) -> bool:
    return type(number) is int and isinstance(items, list | str) and number <= len(items)


def _same_lengths(pairs: list[tuple[Any, Any]]) -> bool:
    if not all(
        type(a) is type(b) and isinstance(a, list | str) and len(a) == len(b) for a, b in pairs
    ):
        return False
    return len({len(a) for a, _ in pairs}) > 1


def _same_items(a: Any, b: Any) -> bool:
    kinds = isinstance(a, list | str) and type(a) is type(b) and len(a) > 1
    return kinds and in_order(list(a)) == in_order(list(b))


def _shuffled(env: Env, first: str, second: str, rng: Random) -> None:
    if not _same_items(env[first], env[second]):
        items = list(env[first])
        rng.shuffle(items)
        env[second] = "".join(items) if isinstance(env[first], str) else items


def _wrap(env: Env, name: str, most: int) -> None:
    env[name] = [[edge[0] % most, edge[1] % most, *edge[2:]] for edge in env[name]]


def _cap(env: Env, name: str, most: int) -> None:
    env[name] = min(env[name], most)


def _cut_both(env: Env, first: str, second: str) -> None:
    length = min(len(env[first]), len(env[second]))
    env[first], env[second] = env[first][:length], env[second][:length]


def _chosen(env: Env, first: str, second: str, rng: Random) -> None:
    present = [item for item in env[first] if item is not None]
    if present and env[second] not in env[first]:
        env[second] = rng.choice(present)
