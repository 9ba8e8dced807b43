"""Lists, rows, records, trees and other containers: drawn afresh, and changed a little."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol


class Shape(Protocol):
    """What values of an argument look like."""

    def fresh(self, rng: Random, size: int) -> Any:
        """A value; `size` says how large it may be."""

    def changed(self, value: Any, rng: Random) -> Any:
        """A value that differs a little from the one given."""

    def extreme(self, rng: Random, characters: int) -> Any:
        """A large value whose literal has about so many characters at most."""


ITEM_CHARACTERS = 4  # of a list's item in a literal, at least


def _length(rng: Random, low: int, high: int, size: int) -> int:
    return rng.randint(low, max(low, min(high, low + size if low else size)))


def literal_size(value: Any) -> int:
    """About how many characters a value's literal has."""
    return len(repr(value)) + 2


@dataclass(frozen=True)
class ItemsShape:
    """A list or tuple of items of one shape."""

    item: Shape
    low: int
    high: int
    seen: tuple[Any, ...] = ()
    kind: Callable[[Iterable[Any]], Any] = list

    def fresh(self, rng: Random, size: int) -> Any:
        """Items that are all drawn, or drawn from few, or those of seeds mixed; some sorted."""
        length = _length(rng, self.low, self.high, size)
        kind = rng.random()
        if kind < 0.35 and length > 1:
            pool = [self.item.fresh(rng, size) for _ in range(rng.randint(1, 3))]
            items = [rng.choice(pool) for _ in range(length)]
        else:
            items = [self.item.fresh(rng, size) for _ in range(length)]
        if kind > 0.88:
            items = in_order(items, reverse=kind > 0.94)
        return self.kind(items)

    def changed(self, value: Any, rng: Random) -> Any:
        """The value with one item more, less, doubled, moved or changed; or in another order."""
        if type(value) is not self.kind:
            return self.fresh(rng, 5)
        items = list(value)
        rng.choice(EDITS)(items, self.item, rng)
        if len(items) > self.high:
            items = items[: self.high]
        while len(items) < self.low:
            items.append(self.item.fresh(rng, 5))
        return self.kind(items)

    def extreme(self, rng: Random, characters: int) -> Any:
        """As many items as fit, large ones or ones that repeat."""
        probe = self.item.extreme(rng, 60)
        length = max(
            self.low, min(self.high, characters // max(literal_size(probe), ITEM_CHARACTERS))
        )
        share = characters // max(length, 1)
        if rng.random() < 0.3:
            pool = [self.item.extreme(rng, share) for _ in range(3)]
            return self.kind(rng.choice(pool) for _ in range(length))
        return self.kind(self.item.extreme(rng, share) for _ in range(length))


Edit = Callable[[list[Any], Shape, Random], None]


def _drop(items: list[Any], item: Shape, rng: Random) -> None:
    if items:
        del items[rng.randrange(len(items))]


def _insert(items: list[Any], item: Shape, rng: Random) -> None:
    items.insert(rng.randint(0, len(items)), item.fresh(rng, 5))


def _double(items: list[Any], item: Shape, rng: Random) -> None:
    if items:
        items.insert(rng.randint(0, len(items)), rng.choice(items))


def _swap(items: list[Any], item: Shape, rng: Random) -> None:
    if items:
        a, b = rng.randrange(len(items)), rng.randrange(len(items))
        items[a], items[b] = items[b], items[a]


def _change(items: list[Any], item: Shape, rng: Random) -> None:
    if items:
        at = rng.randrange(len(items))
        items[at] = item.changed(items[at], rng)


def _copy_over(items: list[Any], item: Shape, rng: Random) -> None:
    if items:
        items[rng.randrange(len(items))] = rng.choice(items)


def _reverse(items: list[Any], item: Shape, rng: Random) -> None:
    items.reverse()


def _sort(items: list[Any], item: Shape, rng: Random) -> None:
    items[:] = in_order(items, reverse=rng.random() < 0.5)


def _shuffle(items: list[Any], item: Shape, rng: Random) -> None:
    rng.shuffle(items)


def _slice(items: list[Any], item: Shape, rng: Random) -> None:
    begin = rng.randint(0, len(items))
    items[:] = items[begin : rng.randint(begin, len(items))]


def _repeat(items: list[Any], item: Shape, rng: Random) -> None:
    items += items[: rng.randint(0, len(items))]


EDITS: tuple[Edit, ...] = (
    *(_change,) * 4,
    _drop,
    _insert,
    _double,
    _swap,
    _copy_over,
    _reverse,
    _sort,
    _shuffle,
    _slice,
    _repeat,
)


def in_order(items: list[Any], reverse: bool = False) -> list[Any]:
    """The items sorted; as they are if they cannot be compared."""
    try:
        return sorted(items, reverse=reverse)
    except TypeError:
        return items


@dataclass(frozen=True)
class RecordShape:
    """A list or tuple of fixed length whose places have shapes of their own."""

    columns: tuple[Shape, ...]
    kind: Callable[[Iterable[Any]], Any] = list

    def fresh(self, rng: Random, size: int) -> Any:
        """One value for each place."""
        return self.kind(column.fresh(rng, size) for column in self.columns)

    def changed(self, value: Any, rng: Random) -> Any:
        """The record with one place changed."""
        if type(value) is not self.kind or len(value) != len(self.columns) or not value:
            return self.fresh(rng, 5)
        items = list(value)
        at = rng.randrange(len(items))
        items[at] = self.columns[at].changed(items[at], rng)
        return self.kind(items)

    def extreme(self, rng: Random, characters: int) -> Any:
        """Large values at all places."""
        share = characters // max(len(self.columns), 1)
        return self.kind(column.extreme(rng, share) for column in self.columns)


@dataclass(frozen=True)
class RowsShape:
    """A rectangle: a list of lists of one length, or of texts of one length."""

    cell: Shape
    heights: tuple[int, int]
    widths: tuple[int, int]
    square: bool = False
    joined: bool = False  # rows are texts

    def fresh(self, rng: Random, size: int) -> Any:
        """A small rectangle; cells are drawn from few values in some."""
        height, width = (_length(rng, *ends, min(size, 6)) for ends in (self.heights, self.widths))
        return self._filled(rng, height, height if self.square else width, size)

    def _filled(self, rng: Random, height: int, width: int, size: int) -> Any:
        if rng.random() < 0.4:
            pool = [self.cell.fresh(rng, size) for _ in range(rng.randint(1, 3))]
            rows = [[rng.choice(pool) for _ in range(width)] for _ in range(height)]
        else:
            rows = [[self.cell.fresh(rng, size) for _ in range(width)] for _ in range(height)]
        return self._made(rows)

    def _made(self, rows: list[list[Any]]) -> Any:
        return ["".join(row) for row in rows] if self.joined else rows

    def changed(self, value: Any, rng: Random) -> Any:
        """The rectangle with cells changed, a row or column less or more, or turned."""
        rows = [list(row) for row in value]
        if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
            return self.fresh(rng, 5)
        kind = rng.randrange(8)
        if kind < 3:
            for _ in range(rng.choice((1, 1, 2, 3))):
                row, at = rng.choice(rows), rng.randrange(len(rows[0]))
                row[at] = self.cell.changed(row[at], rng)
        elif kind == 3:
            rng.shuffle(rows)
        elif kind == 4 and self._is_allowed(len(rows[0]), len(rows)):
            rows = [list(column) for column in zip(*rows, strict=True)]
        elif kind == 5:
            rows = [row[::-1] for row in rows]
        else:
            rows = self._resized(rows, rng)
        return self._made(rows)

    def _is_allowed(self, height: int, width: int) -> bool:
        return (
            self.heights[0] <= height <= self.heights[1]
            and self.widths[0] <= width <= self.widths[1]
        )

    def _resized(self, rows: list[list[Any]], rng: Random) -> list[list[Any]]:
        by_height, by_width = ((1, 1), (-1, -1), (1, 0), (0, 1), (-1, 0), (0, -1))[
            rng.randrange(2 if self.square else 6)
        ]
        height, width = len(rows) + by_height, len(rows[0]) + by_width
        if not self._is_allowed(height, width):
            return rows
        while len(rows) < height:
            rows.insert(rng.randint(0, len(rows)), [self.cell.fresh(rng, 5) for _ in rows[0]])
        rows = rows[:height]
        return [(row + [self.cell.fresh(rng, 5) for _ in range(width)])[:width] for row in rows]

    def extreme(self, rng: Random, characters: int) -> Any:
        """A rectangle as large as fits."""
        cells = characters // (
            1 if self.joined else max(literal_size(self.cell.extreme(rng, 9)), 3)
        )
        side = max(1, int(cells**0.5))
        height = max(self.heights[0], min(self.heights[1], side))
        width = max(self.widths[0], min(self.widths[1], max(1, cells // max(height, 1))))
        width = height if self.square else width
        return self._made(
            [[self.cell.extreme(rng, 9) for _ in range(width)] for _ in range(height)]
        )


@dataclass(frozen=True)
class TreeShape:
    """A binary tree in level order, with None where a child is missing."""

    item: Shape
    low: int
    high: int

    def fresh(self, rng: Random, size: int) -> list[Any]:
        """A tree of random form: bushy, or a path."""
        nodes = _length(rng, self.low, self.high, size)
        return self._grown(rng, [self.item.fresh(rng, size) for _ in range(nodes)])

    def _grown(self, rng: Random, values: list[Any]) -> list[Any]:
        if not values:
            return []
        density = rng.choice((0.35, 0.6, 0.8, 1.0))
        pending = values[::-1]
        level, open_places = [pending.pop()], 2
        while pending:
            open_places -= 1
            if rng.random() < density or not open_places:
                level.append(pending.pop())
                open_places += 2
            else:
                level.append(None)
        return level

    def changed(self, value: Any, rng: Random) -> list[Any]:
        """The tree with a value changed, a leaf less or more, or other values swapped."""
        if not isinstance(value, list):
            return self.fresh(rng, 5)
        tree = list(value)
        nodes = [at for at, each in enumerate(tree) if each is not None]
        kind = rng.randrange(5)
        if kind == 0 and len(nodes) > self.low and nodes:
            tree.pop()
        elif kind == 1 and len(nodes) < self.high:
            missing = [at for at, each in enumerate(tree) if each is None]
            at = rng.choice(missing) if missing and rng.random() < 0.5 else len(tree)
            tree[at:] = (
                [self.item.fresh(rng, 5)]
                if at == len(tree)
                else [self.item.fresh(rng, 5)] + tree[at + 1 :]
            )
        elif kind == 2 and nodes:
            a, b = rng.choice(nodes), rng.choice(nodes)
            tree[a], tree[b] = tree[b], tree[a]
        elif kind == 3 and nodes:
            return self._grown(rng, [tree[at] for at in nodes])
        elif nodes:
            at = rng.choice(nodes)
            tree[at] = self.item.changed(tree[at], rng)
        while tree and tree[-1] is None:
            tree.pop()
        return well_formed(tree)

    def extreme(self, rng: Random, characters: int) -> list[Any]:
        """A tree with as many nodes as fit."""
        share = max(literal_size(self.item.extreme(rng, 9)), ITEM_CHARACTERS) + 2
        nodes = max(self.low, min(self.high, characters // share))
        return self._grown(rng, [self.item.extreme(rng, 9) for _ in range(nodes)])


def well_formed(tree: list[Any]) -> list[Any]:
    """A tree in level order without values that have no parent."""
    places, kept = 1, list[Any]()
    for value in tree:
        if not places:
            break
        places += 1 if value is not None else -1
        kept.append(value)
    while kept and kept[-1] is None:
        kept.pop()
    return kept


@dataclass(frozen=True)
class MappingShape:
    """A dict with keys of one shape and values of one shape."""

    key: Shape
    value: Shape
    low: int
    high: int

    def fresh(self, rng: Random, size: int) -> dict[Any, Any]:
        """A dict with some keys."""
        count = _length(rng, self.low, self.high, size)
        return {self.key.fresh(rng, size): self.value.fresh(rng, size) for _ in range(count)}

    def changed(self, value: Any, rng: Random) -> dict[Any, Any]:
        """The dict with one entry more, less or changed."""
        if type(value) is not dict:
            return self.fresh(rng, 5)
        entries = list(value.items())
        kind = rng.randrange(4)
        if kind == 0 and len(entries) > self.low:
            del entries[rng.randrange(len(entries))]
        elif kind == 1 or not entries:
            entries.append((self.key.fresh(rng, 5), self.value.fresh(rng, 5)))
        else:
            at = rng.randrange(len(entries))
            key, old = entries[at]
            entries[at] = (key, self.value.changed(old, rng))
        return dict(entries)

    def extreme(self, rng: Random, characters: int) -> dict[Any, Any]:
        """A dict with many entries."""
        return self.fresh(rng, min(self.high, characters // 20))


@dataclass(frozen=True)
class MembersShape:
    """A set of members of one shape."""

    item: Shape

    def fresh(self, rng: Random, size: int) -> set[Any]:
        """A set of some members."""
        return {self.item.fresh(rng, size) for _ in range(rng.randint(0, size))}

    def changed(self, value: Any, rng: Random) -> set[Any]:
        """The set with one member more or less."""
        members = sorted(value, key=repr) if type(value) is set else []
        _drop(members, self.item, rng) if rng.random() < 0.5 else _insert(members, self.item, rng)
        return set(members)

    def extreme(self, rng: Random, characters: int) -> set[Any]:
        """A set with many members."""
        return self.fresh(rng, characters // 20)


@dataclass(frozen=True)
class OneOfShape:
    """Values of several shapes, by the type that they have."""

    shapes: tuple[tuple[type, Shape], ...]

    def fresh(self, rng: Random, size: int) -> Any:
        """A value of one of the shapes."""
        return rng.choice(self.shapes)[1].fresh(rng, size)

    def changed(self, value: Any, rng: Random) -> Any:
        """A value of the same type, mostly."""
        own = next((shape for kind, shape in self.shapes if type(value) is kind), None)
        return own.changed(value, rng) if own and rng.random() < 0.8 else self.fresh(rng, 5)

    def extreme(self, rng: Random, characters: int) -> Any:
        """A large value of one of the shapes."""
        return rng.choice(self.shapes)[1].extreme(rng, characters)
