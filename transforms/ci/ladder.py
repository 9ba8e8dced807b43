"""The ladder of attempts: which interpreter, and which index, an environment is made with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from transforms.ci.python_versions import PREFERRED, as_numbers

# When the interpreters were released.
RELEASED = {
    "3.6": date(2016, 12, 23),
    "3.7": date(2018, 6, 27),
    "3.8": date(2019, 10, 14),
    "3.9": date(2020, 10, 5),
    "3.10": date(2021, 10, 4),
    "3.11": date(2022, 10, 24),
    "3.12": date(2023, 10, 2),
    "3.13": date(2024, 10, 7),
}
DAYS_AFTER = 30  # a project's own time ends so many days after its commit


@dataclass(frozen=True)
class Rung:
    """One way to make an environment.

    With `hygiene` old pins of test tools give way, and linters are left out. `before` bounds the
    index by a date; with hygiene, what runs the tests is of today all the same: a pytest of 2021
    does not start on the newest interpreter.
    """

    name: str
    python: str
    hygiene: bool = False
    before: date | None = None


def ladder(
    named: Sequence[str | None],
    available: Sequence[str],
    committed: date | None,
    requires: str = "",
) -> list[Rung]:
    """The ways to make an environment, in order; empty if there is no interpreter.

    `named` are the interpreters that the recipe and then the rest of the project name.

    Measured on 81 projects: 42 were green on the newest interpreter with the index of the day, 7
    more with hygiene, 11 more on the newest interpreter that they name, with an index of their own
    time. `requires` is what the project says of the interpreter (`requires-python`).

    >>> rungs = ladder(["3.8"], ["3.8", "3.12"], date(2020, 1, 1))
    >>> [(rung.name, rung.python) for rung in rungs]
    [('today', '3.12'), ('hygiene', '3.12'), ('named', '3.8'), ('dated', '3.12')]
    """
    usable = _usable(available, requires)
    if not usable:
        return []
    newest = usable[-1]
    bound = committed + timedelta(days=DAYS_AFTER) if committed else None
    rungs = [Rung("today", newest), Rung("hygiene", newest, hygiene=True)]
    older = _older([each for each in named if each], usable, newest, committed)
    if older:
        rungs.append(Rung("named", older, before=bound))
    if bound:
        rungs.append(Rung("dated", newest, hygiene=True, before=bound))
    return rungs


def _usable(available: Sequence[str], requires: str) -> list[str]:
    """The interpreters that a project may run with, the best one last."""
    try:
        allowed = SpecifierSet(requires)
    except InvalidSpecifier:
        allowed = SpecifierSet()
    # A version such as 3.8 stands for its last release: `>=3.8.1` allows it.
    fitting = [each for each in available if allowed.contains(f"{each}.99")] or list(available)
    ordered = sorted(fitting, key=as_numbers)
    newer = [each for each in ordered if as_numbers(each) > as_numbers(PREFERRED)]
    return [*reversed(newer), *(each for each in ordered if each not in newer)]


def _older(
    named: Sequence[str], usable: Sequence[str], newest: str, committed: date | None
) -> str | None:
    """The interpreter of a project's own time that is here; None if that is the newest one.

    It is the first that is named and was released by then, else the newest of that time; the next
    older one, or the oldest, where it is not here.
    """
    time = _of_time(committed) if committed else newest
    fitting = [each for each in named if (3, 0) < as_numbers(each) <= as_numbers(time)]
    wanted = min(fitting[0] if fitting else time, newest, key=as_numbers)
    if wanted == newest or (not fitting and committed is None):
        return None
    older = [each for each in usable if as_numbers(each) < as_numbers(newest)]
    known = [each for each in older if as_numbers(each) <= as_numbers(wanted)]
    return max(known, key=as_numbers) if known else min(older, key=as_numbers, default=None)


def _of_time(day: date) -> str:
    """The newest interpreter that was released by a day."""
    out = [version for version, released in RELEASED.items() if released <= day]
    return out[-1] if out else next(iter(RELEASED))
