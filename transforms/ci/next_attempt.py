"""What is tried next: the attempts before decide on the recipe, the interpreter and the index."""

from collections.abc import Sequence

from transforms.ci import causes
from transforms.ci.attempt import GREEN, MOST_ATTEMPTS, PARTLY, Attempt, Checkout
from transforms.ci.ladder import Rung, ladder
from transforms.ci.recipe import Recipe

# Rungs after the first attempt; a project that is too old for an interpreter needs its own.
AFTER_OTHERS = ("hygiene", "named", "dated", "today")
ENOUGH = 0.9  # of the tests: with so many a recipe is the right one
AFTER_OLD = ("named", "hygiene", "dated", "today")


def plan(
    project: Checkout, recipes: Sequence[Recipe], available: Sequence[str], done: Sequence[Attempt]
) -> tuple[Recipe, Rung] | None:
    """What is tried next: a recipe on a rung; None if nothing is left.

    The first recipe goes up the ladder. Another recipe has its turn where the cause is one that no
    other interpreter and no other index will mend, and at the last attempt where few tests passed.
    """
    tried = [(attempt.build.recipe, attempt.build.rung) for attempt in done]
    pairs = [
        (recipe, rung)
        for recipe in recipes
        for rung in rungs_of(recipe, project, recipes, available)
    ]
    left = [pair for pair in pairs if pair not in tried]
    if not done or not left:
        return left[0] if left else None
    current = _current(done)
    others = _others(left, tried)
    is_last = len(done) + 1 >= MOST_ATTEMPTS and current.share < ENOUGH
    if others and (_is_about(done[-1], causes.OF_RECIPES) or is_last):
        return _first_of(others, _order(done))
    own = [pair for pair in left if pair[0] == current.build.recipe]
    return _first_of(own or others or left, _order(done))


def rungs_of(
    recipe: Recipe, project: Checkout, recipes: Sequence[Recipe], available: Sequence[str]
) -> list[Rung]:
    """The ladder of a recipe of a project, which may take the interpreters that others name."""
    named = [recipe.python_named, *(each.python_named for each in recipes)]
    return ladder(named, available, project.committed, project.tree.requires_python)


def _is_about(attempt: Attempt, names: Sequence[str]) -> bool:
    return attempt.cause is not None and attempt.cause.name in names


def _current(done: Sequence[Attempt]) -> Attempt:
    """The attempt whose recipe goes on: the best one, the last of equals."""
    return max(done, key=lambda attempt: (*attempt.promise, attempt.number))


def _others(
    left: Sequence[tuple[Recipe, Rung]], tried: Sequence[tuple[Recipe, Rung]]
) -> list[tuple[Recipe, Rung]]:
    """The pairs whose recipe runs something that was not run yet; all of one recipe.

    It is the first of another source, if there is one.
    """
    known = [(recipe.commands, recipe.script, recipe.cwd) for recipe, _ in tried]
    others = [pair for pair in left if (pair[0].commands, pair[0].script, pair[0].cwd) not in known]
    sources = {recipe.source for recipe, _ in tried}
    others.sort(key=lambda pair: pair[0].source in sources)
    return [pair for pair in others if pair[0] == others[0][0]]


def _order(done: Sequence[Attempt]) -> tuple[str, ...]:
    """The rungs in the order in which they promise most, after what was seen."""
    current = _current(done)
    if current.state == PARTLY and current.number != done[-1].number:
        return (current.build.rung.name, *AFTER_OTHERS)
    is_old = any(_is_about(attempt, ("old_python",)) for attempt in done)
    return AFTER_OLD if is_old else AFTER_OTHERS


def _first_of(pairs: Sequence[tuple[Recipe, Rung]], order: Sequence[str]) -> tuple[Recipe, Rung]:
    """The pair whose rung comes first in an order."""
    return min(pairs, key=lambda pair: order.index(pair[1].name))


def best(tried: Sequence[Attempt]) -> Attempt | None:
    """The green attempt, or the one with the most tests that passed; None without one that ran."""
    ran = [attempt for attempt in tried if attempt.state in (GREEN, PARTLY)]
    return max(ran, key=lambda attempt: (*attempt.promise, -attempt.number), default=None)
