"""Lists whose items ascend or descend."""

from random import Random
from typing import Any

from transforms.strengthen.inputs.containers import in_order
from transforms.strengthen.inputs.properties.occurrences import without_doubles
from transforms.strengthen.inputs.properties.property import (
    Fix,
    Property,
    by_rows,
    is_list,
    rows_fixed,
    scalars,
)

OF_ORDER = r"sorted|ascending|increasing|decreasing"  # a constraint that says no more


def ordered(value: Any, strict: bool, down: bool) -> bool:
    """Whether items, or rows, ascend or descend."""
    if not (scalars(value) or (is_list(value) and all(map(scalars, value)))):
        return False
    items = value[::-1] if down else value
    try:
        return all(a < b or (a == b and not strict) for a, b in zip(items, items[1:], strict=False))
    except TypeError:
        return False


def _strict_order(value: Any) -> bool:
    return ordered(value, strict=True, down=False)


def _sorted_fix(strict: bool, down: bool) -> Fix:
    def fix(value: Any, rng: Random) -> Any:
        items = without_doubles(value) if strict else value
        return in_order(items, reverse=down)

    return fix


def _is_mountain(value: Any) -> bool:
    """Whether numbers ascend strictly and then descend strictly."""
    if not scalars(value) or len(value) < 3:
        return False
    top = value.index(max(value))
    up, down = value[: top + 1], value[top:]
    if len(up) < 2 or len(down) < 2:
        return False
    return _strict_order(up) and ordered(down, strict=True, down=True)


def _made_mountain(value: Any, rng: Random) -> Any:
    items = in_order(without_doubles(value))
    left = [item for item in items[1:-1] if rng.random() < 0.5]
    risen = set(left)
    right = [item for item in items[:-1] if item not in risen]
    return [*left, items[-1], *reversed(right)] if left else [*items[:1], *items[:0:-1]]


def _is_rotated(value: Any) -> bool:
    """Whether a rotation of the list is sorted."""
    if not scalars(value):
        return False
    falls = sum(bool(a > b) for a, b in zip(value, [*value[1:], value[0]], strict=True))
    return falls <= 1


def _rotated(value: Any, rng: Random) -> Any:
    items, at = in_order(value), rng.randrange(len(value))
    return items[at:] + items[:at]


ORDERED_VALUES = (
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
        lambda v: ordered(v, True, True),
        _sorted_fix(strict=True, down=True),
        covers=OF_ORDER,
    ),
    Property(
        "not decreasing",
        r"sorted|non-decreasing|ascending|increasing order|nondecreasing|chronological",
        lambda v: ordered(v, False, False),
        _sorted_fix(strict=False, down=False),
        covers=OF_ORDER,
    ),
    Property(
        "not increasing",
        r"non-increasing|descending|decreasing order",
        lambda v: ordered(v, False, True),
        _sorted_fix(strict=False, down=True),
        covers=OF_ORDER,
    ),
    Property(
        "rows increasing",
        r"sorted|ascending|increasing",
        by_rows(_strict_order),
        rows_fixed(_sorted_fix(strict=True, down=False)),
        covers=OF_ORDER,
    ),
    Property(
        "rows not decreasing",
        r"sorted|ascending|increasing|non-decreasing",
        by_rows(lambda v: ordered(v, False, False)),
        rows_fixed(_sorted_fix(strict=False, down=False)),
        covers=OF_ORDER,
    ),
    Property(
        "mountain",
        r"mountain",
        _is_mountain,
        _made_mountain,
        covers=r"mountain array\.?$",
        always=True,
        only_stated=True,
    ),
    Property(
        "rotated",
        r"rotated",
        _is_rotated,
        _rotated,
        only_stated=True,
        covers=r"rotated (?:at|between)",
    ),
)
