"""Texts that are palindromes, balanced brackets, words, times of the day."""

import re
from random import Random
from typing import Any

from transforms.strengthen.inputs.properties.property import Fix, Holds, Property


def _palindrome(value: Any) -> bool:
    return isinstance(value, str | list) and len(value) > 1 and value == value[::-1]


def _mirrored(value: Any, rng: Random) -> Any:
    half = value[: (len(value) + 1) // 2]
    return half + half[: len(value) // 2][::-1]


def _balanced(value: Any) -> bool:
    if not isinstance(value, str) or not set("()[]{}") & set(value):
        return False
    return _depths_right(value)


PARTNER = {")": "(", "]": "[", "}": "{"}


def _depths_right(value: str) -> bool:
    opened = list[str]()
    for letter in value:
        if letter in "([{":
            opened.append(letter)
        elif letter in PARTNER and (not opened or opened.pop() != PARTNER[letter]):
            return False
    return not opened


def _rebalanced(value: str, rng: Random) -> str:
    """The text without brackets that have no partner."""
    kept, opened = list[str](), list[int]()
    for letter in value:
        if letter in "([{":
            opened.append(len(kept))
        elif letter in PARTNER:
            if not opened or kept[opened[-1]] != PARTNER[letter]:
                continue
            opened.pop()
        kept.append(letter)
    return "".join(letter for at, letter in enumerate(kept) if at not in set(opened))


def _trimmed(value: Any) -> bool:
    return isinstance(value, str) and " " in value and value == value.strip() and "  " not in value


MINUTES = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
SECONDS = re.compile(MINUTES.pattern + r":[0-5]\d")


def _times(form: re.Pattern[str]) -> Holds:
    """What tells whether a text, or each one of a list, is a time of the day."""

    def holds(value: Any) -> bool:
        if isinstance(value, list):
            return len(value) > 0 and all(map(holds, value))
        return isinstance(value, str) and form.fullmatch(value) is not None

    return holds


def _made_times(form: re.Pattern[str]) -> Fix:
    """What puts a time of the day in the place of each text that is none."""

    def fixed(value: Any, rng: Random) -> Any:
        if isinstance(value, list):
            return [fixed(each, rng) for each in value]
        if form.fullmatch(value):
            return value
        numbers = rng.randrange(24), rng.randrange(60), rng.randrange(60)
        return ":".join(f"{number:02}" for number in numbers[: 2 if form is MINUTES else 3])

    return fixed


TEXT_FORMS = (
    Property("palindrome", r"palindrom", _palindrome, _mirrored, covers=r"palindromic"),
    Property(
        "balanced",
        r"valid parenthes|balanced|well-formed|bracket|parenthes|valid",
        _balanced,
        _rebalanced,
    ),
    Property(
        "words by one space",
        r"space",
        _trimmed,
        lambda v, r: " ".join(v.split()),
        covers=r"leading or trailing spaces|single space|at least one word",
    ),
    *(
        Property("time", r"hh:mm", _times(form), _made_times(form), covers=r"\bhh:mm", always=True)
        for form in (MINUTES, SECONDS)
    ),
)
