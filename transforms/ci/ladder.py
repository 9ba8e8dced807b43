"""The ladder of attempts: which interpreter, and which index, an environment is made with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from transforms.ci.recipe import Recipe
from transforms.ci.versions import PREFERRED, as_numbers

DAYS_AFTER = 30  # a project's own time ends so many days after its commit


@dataclass(frozen=True)
class Rung:
    """One way to make an environment.

    With `hygiene` old pins of test tools give way, and linters are left out. `before` bounds the
    index by a date.
    """

    name: str
    python: str
    hygiene: bool = False
    before: date | None = None


def ladder(
    recipe: Recipe, available: Sequence[str], committed: date | None, requires: str = ""
) -> list[Rung]:
    """The ways to make the environment of a recipe, in order; empty if no interpreter will do.

    Measured on 81 projects: 42 were green on the newest interpreter with the index of the day, 7
    more with hygiene, 11 more on the newest interpreter that they name, with an index of their own
    time. `requires` is what the project says of the interpreter (`requires-python`).

    >>> rungs = ladder(Recipe("tox", "3.8"), ["3.8", "3.12"], date(2020, 1, 1))
    >>> [(rung.name, rung.python) for rung in rungs]
    [('today', '3.12'), ('hygiene', '3.12'), ('named', '3.8'), ('dated', '3.12')]
    """
    usable = _usable(available, requires)
    if not usable:
        return []
    newest = usable[-1]
    bound = committed + timedelta(days=DAYS_AFTER) if committed else None
    rungs = [Rung("today", newest), Rung("hygiene", newest, hygiene=True)]
    older = _older(usable, recipe.python_named, newest)
    if older:
        rungs.append(Rung("named", older, before=bound))
    if bound:
        rungs.append(Rung("dated", newest, before=bound))
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


def _older(usable: Sequence[str], named: str | None, newest: str) -> str | None:
    """The interpreter that a project names, or the next older or oldest one that is here."""
    if named is None or as_numbers(named) >= as_numbers(newest) or named.startswith("2"):
        return None
    known = [each for each in usable if as_numbers(each) < as_numbers(newest)]
    fitting = [each for each in known if as_numbers(each) <= as_numbers(named)]
    return max(fitting, key=as_numbers) if fitting else min(known, key=as_numbers, default=None)
