"""A small change of a syntax tree, which can be made and taken back."""

import ast
from typing import Any


class Change:
    """Other values for some fields of one node.

    `operator` and `detail` say what is changed, `line` and `column` where; `fields` holds the new
    values by the name of the field.
    """

    __slots__ = ("column", "detail", "fields", "line", "node", "operator")

    def __init__(self, operator: str, node: Any, detail: str, at: Any = None, **fields: Any):
        place = node if at is None else at
        self.operator, self.detail = operator, detail
        self.line, self.column = place.lineno, place.col_offset
        self.node, self.fields = node, fields

    @property
    def name(self) -> str:
        """The name of the mutant that the change makes: `relation 12:8 < to <=`."""
        return f"{self.operator} {self.line}:{self.column} {self.detail}"

    def swap(self) -> None:
        """Make the change, or take it back."""
        for name, value in self.fields.items():
            self.fields[name] = getattr(self.node, name)
            setattr(self.node, name, value)


def placed(node: Any, at: Any) -> Any:
    """A new node with the position of another, as its parts without one."""
    return ast.fix_missing_locations(ast.copy_location(node, at))


def without(items: list, number: int) -> list:
    """A list without one of its items."""
    return [*items[:number], *items[number + 1 :]]


def replaced(items: list, number: int, item: Any) -> list:
    """A list with another item in the place of one."""
    return [*items[:number], item, *items[number + 1 :]]
