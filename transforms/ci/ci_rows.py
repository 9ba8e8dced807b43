"""Rows of `recipes` and `environments`, but for the columns that name the project."""

from typing import Any

from transforms.ci.attempt import Attempt
from transforms.ci.recipe import Recipe
from transforms.ci.recipes import Unreadable

MOST_LOG = 4000  # characters of the end of a log
MOST_NAMES = 1000  # of tests that failed
UNREADABLE = "the configuration"  # is left out where it cannot be read


def recipe_row(recipe: Recipe, rank: int, python: str | None) -> dict[str, Any]:
    """The row of a recipe; `python` is the interpreter that is tried first."""
    return {
        "rank": rank,
        "source": recipe.source,
        "python_named": recipe.python_named,
        "python": python,
        "deps": list(recipe.deps),
        "project": recipe.project,
        "extras": list(recipe.extras),
        "groups": list(recipe.groups),
        "install_commands": [list(words) for words in recipe.install_commands],
        "commands": [list(words) for words in recipe.commands],
        "script": recipe.script,
        "env": sorted(recipe.env.items()),
        "cwd": recipe.cwd,
        "jobs": recipe.jobs,
        "tox_env": recipe.tox_env,
        "system": list(recipe.system),
        "left_out": [{"what": what, "why": why} for what, why in recipe.left_out],
    }


def unreadable_row(unreadable: Unreadable) -> dict[str, Any]:
    """The row of a configuration that could not be read."""
    row = recipe_row(Recipe(unreadable.source), 0, None)
    return row | {"rank": None, "left_out": [{"what": UNREADABLE, "why": unreadable.reason}]}


def attempt_row(attempt: Attempt, *, chosen: bool) -> dict[str, Any]:
    """The row of an attempt; `chosen` tells that the project's calls were recorded in it."""
    build, cause = attempt.build, attempt.cause
    return {
        "attempt": attempt.number,
        "chosen": chosen,
        "rank": attempt.rank,
        "source": build.recipe.source,
        "rung": build.rung.name,
        "python": build.rung.python,
        "before": build.rung.before,
        "installed": attempt.way,
        "repairs": attempt.repairs.names,
        "state": attempt.state,
        "cause": cause.name if cause else None,
        "cause_line": cause.line if cause else None,
        "passed": len(attempt.names("passed")),
        "failed": len(attempt.names("failed")),
        "skipped": len(attempt.names("skipped")),
        "tests_failed": list(attempt.left_out[:MOST_NAMES]),
        "lock": [dict(row) for row in attempt.lock],
        "traces": len(attempt.traces),
        "log": attempt.log[-MOST_LOG:],
        "seconds": attempt.seconds,
        "cpu": attempt.cpu,
        "tests_cpu": attempt.tests_cpu,
    }
