"""The shape of an argument: from the values that seeds have, and from what a statement says."""

import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from transforms.strengthen.inputs.constraints import Constraints, narrower
from transforms.strengthen.inputs.containers import (
    ItemsShape,
    MappingShape,
    MembersShape,
    OneOfShape,
    RecordShape,
    RowsShape,
    Shape,
    TreeShape,
)
from transforms.strengthen.inputs.scalars import (
    FURTHER,
    MAX_SEEN,
    ChoiceShape,
    RealShape,
    TextShape,
    WholeShape,
    decimals_of,
)
from transforms.strengthen.inputs.terms import ITEM, LENGTH, Address

MAX_LENGTH = 100_000
MAX_DEPTH = 8
MAX_FIELDS = 6  # of a record; a longer row is a row of a matrix
ALWAYS = 3  # texts of one letter in the seeds, from which on such a text is a letter
LETTERS_BESIDE = 3  # letters of a stated alphabet that are drawn beside those of the seeds


@dataclass(frozen=True)
class Shapes:
    """Finds shapes by what a statement says; `stated` is whether there is one."""

    constraints: Constraints
    stated: bool

    def of(self, values: Sequence[Any], address: Address, depth: int = 0) -> Shape:
        """The shape of values that stand at one address."""
        choices = self.constraints.choices.get(address, ())
        if any(_is_in(value, choices) for value in values):
            return ChoiceShape(choices)
        kinds = list(dict.fromkeys(type(value) for value in values))
        if not kinds or depth > MAX_DEPTH:
            return ChoiceShape(tuple(values[:1]) or (None,))
        if set(kinds) == {int, float}:
            return self._real([float(value) for value in values], address)
        if len(kinds) == 1:
            return self._of_kind(kinds[0], values, address, depth)
        shapes = [
            (kind, self._of_kind(kind, [v for v in values if type(v) is kind], address, depth))
            for kind in kinds
        ]
        return OneOfShape(tuple(shapes))

    def tree(self, values: Sequence[Any], address: Address) -> Shape:
        """The shape of trees in level order."""
        items = [item for value in values if isinstance(value, list) for item in value]
        low, high = self._lengths(values, address)
        present = [item for item in items if item is not None]
        return TreeShape(self.of(present or [0], (*address, ITEM)), low, high)

    def _of_kind(self, kind: type, values: Sequence[Any], address: Address, depth: int) -> Shape:
        if kind is bool:
            return ChoiceShape((False, True))
        if kind is int:
            return self._whole(values, address)
        if kind is float:
            return self._real(values, address)
        if kind is str:
            return self._text(values, address)
        if kind in (list, tuple):
            return self._sequence(kind, values, address, depth)
        if kind is dict:
            return self._mapping(values, address, depth)
        if kind is set and (
            members := [each for value in values for each in sorted(value, key=repr)]
        ):
            return MembersShape(self.of(members, (*address, ITEM), depth + 1))
        return ChoiceShape(tuple(values))

    def _bounds(self, address: Address) -> tuple[Any, Any]:
        """The stated bounds, of a column also those of all items."""
        bounds = self.constraints.bounds
        own = bounds.get(address, (None, None))
        if isinstance(address[-1], int):
            own = narrower(own, bounds.get((*address[:-1], ITEM), (None, None)))
        return own

    def _whole(self, values: Sequence[int], address: Address) -> Shape:
        low, high = self._bounds(address)
        least, most = min(values), max(values)
        if low is None:
            low = min(least, 1) if least >= 0 and self.stated else -2 * abs(least) - FURTHER
            low = 0 if least >= 0 and not self.stated else low
        if high is None:
            high = max(2 * abs(most) + FURTHER, low)
        return WholeShape(min(int(low), least), max(int(high), most), distinct(values))

    def _real(self, values: Sequence[float], address: Address) -> Shape:
        low, high = self._bounds(address)
        finite = [v for v in values if abs(v) < 1e300] or [0.0]
        if low is None:
            low = 0.0 if min(finite) >= 0 else 2 * min(finite) - FURTHER
        if high is None:
            high = 2 * max(finite) + FURTHER
        low, high = min(float(low), *finite, 1e300), max(float(high), *finite, -1e300)
        return RealShape(low, high, distinct(finite), decimals_of(finite))

    def _text(self, values: Sequence[str], address: Address) -> Shape:
        low, high = self._lengths(values, address)
        is_letter = len(values) >= ALWAYS and {len(value) for value in values} == {1}
        if is_letter and self._bounds((*address, LENGTH)) == (None, None):
            low = high = 1
        return TextShape(self._alphabet(values, address), low, high, distinct(values))

    def _alphabet(self, values: Sequence[str], address: Address) -> str:
        """The letters of the seeds, and some more if the statement allows them."""
        used = sorted(set("".join(values[:MAX_SEEN])))
        allowed = self.constraints.alphabets.get(address)
        if allowed is None:
            return "".join(used)
        more = [letter for letter in allowed if letter not in used]
        if len(allowed) <= 12:
            return allowed
        groups = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
        beside = [next((c for c in more if c in group), "") for group in groups]
        return "".join([*used, *more[:LETTERS_BESIDE], *beside, *more[-1:]])

    def _lengths(self, values: Sequence[Any], address: Address) -> tuple[int, int]:
        low, high = self._bounds((*address, LENGTH))
        lengths = [
            _nodes(value) for value in values if isinstance(value, list | tuple | str | dict)
        ]
        least, most = min(lengths, default=0), max(lengths, default=0)
        if low is None:
            low = min(least, 1) if self.stated else 0
        if high is None:
            high = 2 * most + 4
        return max(0, min(int(low), least)), min(MAX_LENGTH, max(int(high), most))

    def _sequence(self, kind: type, values: Sequence[Any], address: Address, depth: int) -> Shape:
        items = [item for value in values for item in value]
        lengths = {len(value) for value in values}
        if self._is_record(kind, values, lengths, address):
            columns = [
                self.of([value[at] for value in values], (*address, at), depth + 1)
                for at in range(lengths.pop())
            ]
            return RecordShape(tuple(columns), kind)
        low, high = self._lengths(values, address)
        if kind is list and items and self._is_matrix(values, items, address):
            return self._rows(values, items, (low, high), address, depth)
        if not items:
            return (
                ChoiceShape((kind(),))
                if not self._annotated_item
                else ItemsShape(WholeShape(0, 9), low, high)
            )
        return ItemsShape(self.of(items, (*address, ITEM), depth + 1), low, high, (), kind)

    _annotated_item = None

    def _is_record(self, kind: type, values: Sequence[Any], lengths: set[int], at: Address) -> bool:
        """Whether lists have one length that stands for named places."""
        if len(lengths) != 1 or not 1 <= next(iter(lengths)) <= MAX_FIELDS or len(values) < 2:
            return False
        length = next(iter(lengths))
        low, high = self._bounds((*at, LENGTH))
        if low is not None and low == high == length:
            return True
        if kind is tuple or len({type(item) for item in values[0]}) > 1:
            return True
        return at[-1] == ITEM and low is None and high is None

    def _is_matrix(self, values: Sequence[Any], items: Sequence[Any], address: Address) -> bool:
        """Whether every value is a rectangle, and rows have no fixed length."""
        if not all(isinstance(item, list | str) for item in items):
            return False
        if len({type(item) for item in items}) > 1:
            return False
        widths = [{len(row) for row in value} for value in values]
        if any(len(width) > 1 for width in widths):
            return False
        low, high = self._bounds((*address, ITEM, LENGTH))
        if low is not None and low == high:
            return isinstance(items[0], list) and not self._is_short(high)
        several = len(set().union(*widths)) > 1
        if isinstance(items[0], str):
            return (
                several
                and all(len(value) > 1 for value in values)
                and bool(
                    any(len(value) == len(value[0]) for value in values) or self._is_tied(address)
                )
            )
        return several or self._is_tied(address)

    @staticmethod
    def _is_short(length: int) -> bool:
        return length <= MAX_FIELDS

    def _is_tied(self, address: Address) -> bool:
        """Whether the statement compares the length of rows with another term."""
        rows = (*address, ITEM, LENGTH)
        places = (
            (pair.left.place, pair.right.place, pair.left.constant or pair.right.constant)
            for pair in self.constraints.pairs
        )
        return any(
            not constant and any(place and place.address == rows for place in (left, right))
            for left, right, constant in places
        )

    def _rows(
        self,
        values: Sequence[Any],
        items: Sequence[Any],
        heights: tuple[int, int],
        address: Address,
        depth: int,
    ) -> Shape:
        joined = isinstance(items[0], str)
        cells = [cell for row in items for cell in row]
        square = all(len(value) == len(value[0]) for value in values if value)
        row = (*address, ITEM)
        widths = self._lengths(items, row)
        if joined:
            letters = self._alphabet(items, row) or " "
            cell: Shape = ChoiceShape(tuple(letters))
        else:
            cell = self.of(cells, (*row, ITEM), depth + 1)
        return RowsShape(cell, heights, widths, square, joined)

    def _mapping(self, values: Sequence[Any], address: Address, depth: int) -> Shape:
        keys = [key for value in values for key in value]
        entries = [entry for value in values for entry in value.values()]
        if not keys:
            return ChoiceShape(({},))
        low, high = self._lengths(values, address)
        key = self.of(keys, (*address, "key"), depth + 1)
        if any(isinstance(each, list | dict | set) for each in keys):
            return ChoiceShape(tuple(values))
        return MappingShape(key, self.of(entries, (*address, "value"), depth + 1), low, high)


def _nodes(value: Any) -> int:
    return sum(each is not None for each in value) if isinstance(value, list) else len(value)


def _is_in(value: Any, choices: tuple[Any, ...]) -> bool:
    return any(type(value) is type(choice) and value == choice for choice in choices)


def distinct(values: Sequence[Any]) -> tuple[Any, ...]:
    """The first values that differ, in order."""
    return tuple(dict.fromkeys(values[: 10 * MAX_SEEN]))[:MAX_SEEN]
