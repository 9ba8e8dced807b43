"""Texts and lists of digits that stand for numbers."""

from random import Random
from typing import Any

from transforms.strengthen.inputs.properties.property import Property, scalars


def _text_without_leading_zero(value: Any) -> bool:
    return isinstance(value, str) and value.isdigit() and (value == "0" or value[0] != "0")


def _digits(value: Any) -> bool:
    return scalars(value) and all(type(v) is int and 0 <= v <= 9 for v in value)


def _no_zero_at_start(value: Any) -> bool:
    return _digits(value) and (value == [0] or value[0] != 0)


def _cut_to_number(value: Any, rng: Random) -> Any:
    at = next((at for at, digit in enumerate(value) if digit), len(value) - 1)
    return value[at:]


def _no_zero_at_end(value: Any) -> bool:
    return _digits(value) and (value == [0] or value[-1] != 0)


DIGIT_FORMS = (
    Property(
        "no leading zero",
        r"leading zero|integer|number",
        _text_without_leading_zero,
        lambda value, rng: value.lstrip("0") or "0",
        covers=r"leading zero|represents? an integer",
    ),
    Property(
        "no zero at the start",
        r"leading zero|digits?\b",
        _no_zero_at_start,
        _cut_to_number,
        covers=r"leading zero|represents? an integer",
        only_stated=True,
    ),
    Property(
        "no zero at the end",
        r"leading zero",
        _no_zero_at_end,
        lambda value, rng: [*value[:-1], value[-1] or 1],
        covers=r"list represents a number",
        only_stated=True,
    ),
)
