"""Texts and lists of digits that stand for numbers."""

from random import Random
from typing import Any

from transforms.strengthen.inputs.properties.property import Property, scalars


def _no_leading_zero(value: Any) -> bool:
    if isinstance(value, str):
        return value.isdigit() and (value == "0" or not value.startswith("0"))
    return (
        scalars(value)
        and all(type(v) is int and 0 <= v <= 9 for v in value)
        and (value == [0] or value[0] != 0)
    )


def _without_leading_zeros(value: Any, rng: Random) -> Any:
    if isinstance(value, str):
        return value.lstrip("0") or "0"
    at = next((at for at, digit in enumerate(value) if digit), len(value) - 1)
    return value[at:]


def _no_zero_at_end(value: Any) -> bool:
    digits = scalars(value) and all(type(v) is int and 0 <= v <= 9 for v in value)
    return digits and (value == [0] or value[-1] != 0)


DIGIT_FORMS = (
    Property(
        "no leading zero",
        r"leading zero|integer|number",
        _no_leading_zero,
        _without_leading_zeros,
        covers=r"leading zero|represents? an integer",
    ),
    Property(
        "no zero at the end",
        r"leading zero",
        _no_zero_at_end,
        lambda v, r: [*v[:-1], v[-1] or 1],
        covers=r"list represents a number",
    ),
)
