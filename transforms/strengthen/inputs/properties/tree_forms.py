"""Binary trees as lists of values, level by level: search trees, full and complete ones."""

from random import Random
from typing import Any

from transforms.strengthen.inputs.properties.property import Property, is_list


def _is_search_tree(value: Any) -> bool:
    return is_list(value) and len(value) > 1 and _inorder(value) is not None


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
    if not is_list(value):
        return False
    present = {at for at, each in enumerate(value) if each is not None}
    return all(
        len({left in present, right in present}) == 1 for left, right in _children(value).values()
    )


def _complete_tree(value: Any) -> bool:
    return is_list(value) and None not in value


def _none_dropped(value: Any, rng: Random) -> Any:
    return [each for each in value if each is not None]


def _perfect_tree(value: Any) -> bool:
    return _complete_tree(value) and not (len(value) + 1) & len(value)


TREE_FORMS = (
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
