"""The mutants of a program: which there are, and which of them are tried."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

from transforms.strengthen.inside.change import Change
from transforms.strengthen.inside.operators import OPERATORS
from transforms.strengthen.inside.programs import PlacedChange
from transforms.strengthen.inside.step_counts import counts

# What says nothing about how a program works: types, decorators, and texts with fields in them,
# whose parts have other places in Python 3.11.
UNCHANGED_FIELDS = {"annotation", "returns", "decorator_list", "type_params", "bases", "keywords"}
UNCHANGED_NODES = (ast.JoinedStr, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)


def mutants(tree: ast.Module, protected: frozenset[str], first_line: int) -> list[PlacedChange]:
    """All changes of a counted tree, in the order of the source, none of them twice.

    Definitions with a `protected` name, and what stands before `first_line`, are left as they are.
    """
    found: list[PlacedChange] = []
    seen = set()
    for number, change in _placed_changes(tree, protected):
        if change.line >= first_line and (key := _key(change)) not in seen:
            seen.add(key)
            found.append((number, change))
    return found


def _placed_changes(tree: ast.Module, protected: frozenset[str]) -> Iterator[PlacedChange]:
    for operator in OPERATORS:
        for change in operator.changes(tree):
            pairs = enumerate(zip(tree.body, change.fields["body"], strict=True))
            yield next(number for number, (old, new) in pairs if old is not new), change
    for number, statement in enumerate(tree.body):
        if getattr(statement, "name", None) not in protected:
            yield from ((number, change) for change in _changes(statement))


def _changes(statement: ast.stmt) -> Iterator[Change]:
    for node in _walk(statement):
        for operator in OPERATORS:
            yield from operator.changes(node)


def _walk(top: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a program's own that may be changed, in the order of the source."""
    stack = [top]
    while stack:
        node = stack.pop()
        if isinstance(node, UNCHANGED_NODES):
            continue
        if not counts(node):
            yield node
        stack.extend(reversed(list(_children(node))))


def _children(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    is_class = isinstance(node, ast.ClassDef)
    for name, value in ast.iter_fields(node):
        if name in UNCHANGED_FIELDS and (name != "keywords" or is_class):
            continue
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, ast.AST):
                yield item


def _key(change: Change) -> tuple[Any, ...]:
    """Equal for two changes of one node that make the same of it."""
    node = change.node
    return id(node), *(
        (name, _shown(getattr(node, name), value)) for name, value in change.fields.items()
    )


def _shown(old: Any, new: Any) -> Any:
    """What tells a field's new value from the old one."""
    if isinstance(new, list):
        pairs = enumerate(zip_longest(old, new))
        return tuple((at, _shown(*pair)) for at, pair in pairs if pair[0] is not pair[1])
    return ast.dump(new) if isinstance(new, ast.AST) else repr(new)


def spread(changes: Sequence[PlacedChange], most: int) -> list[PlacedChange]:
    """Up to `most` of the changes, evenly of all operators and of all parts of the source."""
    by_operator: dict[str, list[PlacedChange]] = {}
    for placed in changes:
        by_operator.setdefault(placed[1].operator, []).append(placed)
    groups = [
        [group[at] for at in _far_apart(len(group), number)]
        for number, group in enumerate(by_operator.values())
    ]
    turns = (each for turn in zip_longest(*groups) for each in turn if each is not None)
    chosen = [each for each, _ in zip(turns, range(most), strict=False)]
    return sorted(chosen, key=lambda placed: (placed[0], placed[1].line, placed[1].column))


def _far_apart(count: int, group: int) -> Iterable[int]:
    """The numbers below `count` in an order in which the first ones lie far apart.

    Each group begins elsewhere.
    """
    bits = max(count - 1, 1).bit_length()
    reversed_bits = (int(f"{number:0{bits}b}"[::-1], 2) for number in range(1 << bits))
    begin = group * count * 3 // 8
    return [(number + begin) % count for number in reversed_bits if number < count]
