"""When EvalPlus takes an answer for right (`evalplus/eval`, release 0.3.1).

An answer must be equal to the reference's by Python's `==`, or close to it where that is made of
floats or the task has a tolerance. Some tasks have several right answers, and rules of their own.

The values compared are of exact built-in types, because they were decoded as data; so no method of
a program is ever called.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from transforms.lib.sandbox import Opaque, Outcome, Returned

FLOAT_TOLERANCE = 1e-6  # absolute, where the right answer is made of floats
RELATIVE_TOLERANCE = 1e-7
# Functions of MBPP+ whose answers are compared as sets, and those of which nothing counts but
# whether they answer anything.
COMPARED_AS_SETS = frozenset(
    (
        "similar_elements",
        "find_char_long",
        "common_in_nested_lists",
        "extract_singly",
        "larg_nnum",
        "intersection_array",
        "find_dissimilar",
        "Diff",
    )
)
COMPARED_AS_SOMETHING = frozenset(("check_str", "text_match_three", "text_starta_endb"))

# Whether an outcome is right, given the arguments of the call and the reference's outcome.
Comparison = Callable[[tuple[Any, ...], Outcome, Outcome], bool]


@dataclass(frozen=True)
class Rules:
    """The rules of one task of a set, "HumanEval" or "Mbpp"."""

    suite: str
    entry_point: str
    tolerance: float

    def comparison(self) -> Comparison:
        """A comparison for one group of tests, in their order.

        Once a right answer of the group is made of floats, the tests after it have a tolerance too.
        """
        tolerance = self.tolerance

        def compare(arguments: tuple[Any, ...], right: Outcome, outcome: Outcome) -> bool:
            nonlocal tolerance
            if self.any_answer_counts:
                return is_answer(right, outcome)
            if not isinstance(right, Returned) or not isinstance(outcome, Returned):
                return False
            expected, answer = right.value, outcome.value
            if self.suite == "HumanEval" and self.entry_point == "find_zero":
                return is_root(arguments, answer, tolerance)
            same = self._same(arguments, expected, answer)
            if tolerance == 0 and is_floats(expected):
                tolerance = FLOAT_TOLERANCE
            return same or (tolerance != 0 and close(expected, answer, tolerance))

        return compare

    @property
    def any_answer_counts(self) -> bool:
        """Whether nothing counts but that there is an answer, which need not be data."""
        return self.suite == "Mbpp" and self.entry_point in COMPARED_AS_SOMETHING

    def _same(self, arguments: tuple[Any, ...], expected: Any, answer: Any) -> bool:
        if self.suite == "Mbpp" and self.entry_point in COMPARED_AS_SETS:
            return same_set(expected, answer)
        if bool(expected == answer):
            return True
        also_right = ALSO_RIGHT.get(self.entry_point) if self.suite == "Mbpp" else None
        return also_right is not None and also_right(arguments, answer, self.tolerance)


def is_answer(right: Outcome, outcome: Outcome) -> bool:
    """Whether a call answered something, or nothing, as the reference did; a bool says so."""
    expected = not isinstance(right, Returned) or right.value is not None
    if isinstance(outcome, Returned):
        return expected == (
            outcome.value if isinstance(outcome.value, bool) else outcome.value is not None
        )
    return isinstance(outcome, Opaque) and expected


def same_set(expected: Any, answer: Any) -> bool:
    """Whether two values have the same members; False if they are no collections of such."""
    try:
        return set(expected) == set(answer)
    except TypeError:  # a number, or a list in a list
        return False


def is_floats(value: Any) -> bool:
    """Whether a value is a float, or a list or tuple of nothing else."""
    if isinstance(value, list | tuple) and value:
        return all(isinstance(part, float) for part in value)
    return isinstance(value, float)


def close(expected: Any, answer: Any, tolerance: float) -> bool:
    """Whether all numbers of a value are close to the expected ones, and it has the same form."""
    if type(expected) is not type(answer):
        return False
    if isinstance(expected, list | tuple):
        pairs = zip(expected, answer, strict=False)
        return len(expected) == len(answer) and all(_close(x, y, tolerance) for x, y in pairs)
    return _close(expected, answer, tolerance)


def _close(expected: Any, answer: Any, tolerance: float) -> bool:
    if isinstance(expected, list | tuple) and isinstance(answer, list | tuple):
        pairs = zip(expected, answer, strict=False)
        return len(expected) == len(answer) and all(_close(x, y, tolerance) for x, y in pairs)
    if not isinstance(expected, int | float | complex) or not isinstance(
        answer, int | float | complex
    ):
        return False
    try:
        if expected == answer:
            return True
        return bool(abs(answer - expected) <= tolerance + RELATIVE_TOLERANCE * abs(expected))
    except OverflowError:  # an int beyond all floats
        return False


def is_root(arguments: tuple[Any, ...], answer: Any, tolerance: float) -> bool:
    """Whether a polynomial with these coefficients, the constant first, is almost 0 there."""
    if not isinstance(answer, int | float):
        return False
    try:
        value = sum(part * math.pow(answer, power) for power, part in enumerate(arguments[0]))
    except (OverflowError, ValueError):
        return False
    return bool(abs(value) <= tolerance)


def _any(arguments: tuple[Any, ...], answer: Any, tolerance: float) -> bool:
    return True


def _is_zero(arguments: tuple[Any, ...], answer: Any, tolerance: float) -> bool:
    return bool(answer == 0)


def _surface_by_height(arguments: tuple[Any, ...], answer: Any, tolerance: float) -> bool:
    """A square pyramid's surface, where the second number is its height and not the slanted one."""
    base, height = arguments
    if not isinstance(answer, int | float):
        return False
    slant = math.sqrt((base / 2) ** 2 + height**2)
    return bool(abs(answer - round(base**2 + 2 * base * slant)) <= tolerance)


def _distance_of_padded_digits(arguments: tuple[Any, ...], answer: Any, tolerance: float) -> bool:
    """The sum of differences of digits, of numbers with as many digits."""
    texts = [str(number) for number in arguments]
    if not all(text.isdecimal() for text in texts):
        return False
    width = max(map(len, texts))
    pairs = zip(*(text.zfill(width) for text in texts), strict=True)
    return bool(answer == sum(abs(int(a) - int(b)) for a, b in pairs))


# What else is right, by the function of MBPP+: its statement can be read in two ways.
ALSO_RIGHT: dict[str, Callable[[tuple[Any, ...], Any, float], bool]] = {
    "are_equivalent": _any,
    "sum_div": _is_zero,
    "surface_Area": _surface_by_height,
    "digit_distance_nums": _distance_of_padded_digits,
}
