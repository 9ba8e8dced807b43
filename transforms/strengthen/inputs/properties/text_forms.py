"""Texts that are palindromes, balanced brackets, words, times of the day."""

import re
from random import Random
from typing import Any

from transforms.strengthen.inputs.properties.property import Property


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


TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d))?")


def _is_time(value: Any) -> bool:
    """Whether a text, or each one of a list, is a time of the day."""
    if isinstance(value, list):
        return len(value) > 0 and all(map(_is_time, value))
    match = TIME.fullmatch(value) if isinstance(value, str) else None
    return (
        match is not None and int(match[1]) < 24 and all(int(n or 0) < 60 for n in match.groups())
    )


def _made_time(value: Any, rng: Random) -> Any:
    """The same value where it is a time, and else any time with or without seconds."""
    if isinstance(value, list):
        return [_made_time(each, rng) for each in value]
    if _is_time(value):
        return value
    minutes = f"{rng.randrange(24):02}:{rng.randrange(60):02}"
    return f"{minutes}:{rng.randrange(60):02}" if value.count(":") > 1 else minutes


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
    Property(
        "time",
        r"hh:mm",
        _is_time,
        _made_time,
        covers=r"\bhh:mm",
        always=True,
    ),
)
