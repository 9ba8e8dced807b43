"""How often items occur: once each, twice except for one, more than half of the time."""

from collections import Counter
from random import Random
from typing import Any

from transforms.strengthen.inputs.properties.property import (
    Fix,
    Property,
    by_rows,
    rows_fixed,
    scalars,
)

OF_UNIQUE = r"unique|distinct|duplicate|repeated|different"  # a constraint that says no more


def without_doubles(value: Any) -> Any:
    """A list or text with the first of equal items alone; every None stays."""
    seen, kept = set[str](), []
    for item in value:
        if item is None or repr(item) not in seen:
            seen.add(repr(item))
            kept.append(item)
    return kept if isinstance(value, list) else "".join(kept)


def is_unique(value: Any) -> bool:
    """Whether no item of a list or text is there twice."""
    return isinstance(value, list | str) and len(without_doubles(value)) == len(value)


def _twice_but_one(value: Any) -> bool:
    return _counts_but_one(value, 2)


def _thrice_but_one(value: Any) -> bool:
    return _counts_but_one(value, 3)


def _counts_but_one(value: Any, times: int) -> bool:
    """Whether each item occurs so many times, except for one that occurs once."""
    counts = Counter(value) if scalars(value) else Counter[Any]()
    return sorted(counts.values()) == [1, *[times] * (len(counts) - 1)]


def _repeated_but_one(times: int) -> Fix:
    def fixed(value: Any, rng: Random) -> list[Any]:
        once, *others = list(dict.fromkeys(value))
        items = [once, *others * times]
        rng.shuffle(items)
        return items

    return fixed


def _one_repeated(value: Any) -> bool:
    """Whether one item occurs several times and each other one once."""
    return scalars(value) and sum(count > 1 for count in Counter(value).values()) == 1


def _repeat_one(value: Any, rng: Random) -> list[Any]:
    items = list(dict.fromkeys(value))
    items += [rng.choice(items)] * max(1, len(value) - len(items))
    rng.shuffle(items)
    return items


def _has_majority(value: Any) -> bool:
    return scalars(value) and max(Counter(value).values()) * 2 > len(value)


def _given_majority(value: Any, rng: Random) -> list[Any]:
    items, most = list(value), rng.choice(value)
    for at in rng.sample(range(len(items)), len(items) // 2 + 1):
        items[at] = most
    return items


def _neighbours_differ(value: Any) -> bool:
    return isinstance(value, list | str) and all(
        a != b for a, b in zip(value, value[1:], strict=False)
    )


def _without_equal_neighbours(value: Any, rng: Random) -> Any:
    kept = [item for at, item in enumerate(value) if not at or item != value[at - 1]]
    return kept if isinstance(value, list) else "".join(kept)


UNIQUE = Property(
    "unique",
    (
        r"unique|distinct|duplicate|different|no two|permutation|exactly once"
        r"|at most once|pairwise"
    ),
    is_unique,
    lambda v, r: without_doubles(v),
    covers=OF_UNIQUE,
)
OCCURRENCES = (
    UNIQUE,
    Property(
        "rows unique",
        r"unique|distinct|duplicate|different",
        by_rows(is_unique),
        rows_fixed(lambda v, r: without_doubles(v)),
        covers=OF_UNIQUE,
    ),
    Property(
        "twice but one",
        r"twice",
        _twice_but_one,
        _repeated_but_one(2),
        covers=r"appears? twice except for one",
        always=True,
        only_stated=True,
    ),
    Property(
        "three times but one",
        r"three times",
        _thrice_but_one,
        _repeated_but_one(3),
        covers=r"appears? (?:exactly )?three times except for one",
        always=True,
        only_stated=True,
    ),
    Property(
        "one repeated",
        r"duplicate|repeat|twice|two or more",
        _one_repeated,
        _repeat_one,
        covers=r"appear only once except for precisely one integer",
        always=True,
        only_stated=True,
    ),
    Property(
        "majority",
        r"majority|more than half",
        _has_majority,
        _given_majority,
        covers=r"majority element",
        always=True,
        only_stated=True,
    ),
    Property(
        "neighbours differ",
        r"\[i\] != \w+\[i \+ 1\]"
        r"|no two (?:adjacent|consecutive) \w+ (?:are|have) (?:the same|equal)",
        _neighbours_differ,
        _without_equal_neighbours,
        covers=r"(\w+)\[i\] != \1\[i \+ 1\]",
    ),
)
