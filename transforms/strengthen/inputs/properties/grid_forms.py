"""Rows of one length, and rows and columns that are sorted."""

from random import Random
from typing import Any

from transforms.strengthen.inputs.containers import in_order
from transforms.strengthen.inputs.properties.ordered_values import OF_ORDER, ordered
from transforms.strengthen.inputs.properties.property import Property, is_list


def is_rectangle(value: Any) -> bool:
    """Whether a value is a list of rows of one length."""
    return is_list(value) and all(_is_row(row) and len(row) == len(value[0]) for row in value)


def _is_square(value: Any) -> bool:
    return is_rectangle(value) and len(value) == len(value[0])


def _is_row(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 0


def _rows_in_order(value: Any) -> bool:
    """Whether the rows, one after the other, are sorted, and there are several."""
    if not is_rectangle(value) or len(value[0]) < 3:
        return False
    return ordered([item for row in value for item in row], strict=False, down=False)


def _rows_put_in_order(value: Any, rng: Random) -> Any:
    items, width = in_order([item for row in value for item in row]), len(value[0])
    return [items[at : at + width] for at in range(0, len(items), width)]


def _both_ways_in_order(value: Any) -> bool:
    if not is_rectangle(value):
        return False
    turned = [list(column) for column in zip(*value, strict=True)]
    return all(ordered(line, strict=False, down=False) for line in [*value, *turned])


def _put_in_order_both_ways(value: Any, rng: Random) -> Any:
    columns = [in_order(list(column)) for column in zip(*map(in_order, value), strict=True)]
    return [list(row) for row in zip(*columns, strict=True)]


GRID_FORMS = (
    Property("rectangle", r"", is_rectangle),
    Property("square", r"", _is_square),
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
)
