"""Recipes of all kinds of CI configuration: an open set, in the order in which they are tried.

A new kind is one file here and one line in RECIPES.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from transforms.ci.project_tree import ProjectTree
from transforms.ci.recipe import Recipe
from transforms.ci.recipes import fallback, gha, nox, tox, travis
from transforms.ci.steps import Found, RunTox
from transforms.ci.yaml_texts import UnreadableConfiguration

# What a kind of configuration finds in a project: recipes, each with the runner that a job calls;
# nothing if there is no such configuration. Raises UnreadableConfiguration.
Find = Callable[[ProjectTree, RunTox], list[Found]]
# Workflows come first: they are younger than Travis files, and three of four are green at once,
# where it is four of ten for Travis and half for tox.
RECIPES: tuple[tuple[str, Find], ...] = (
    ("gha", gha.find),
    ("travis", travis.find),
    ("tox", tox.find),
    ("nox", nox.find),
    ("fallback", fallback.find),
)
TESTS = re.compile(r"test|check|python|nose|make\b|trial|behave|ward\b|lettuce", re.IGNORECASE)
IN_SCRIPTS = re.compile(r"py\.?test|unittest|nosetests|\btests?\b|\bpython[\d.]* |\bmake\b")
RUN_TESTS = ("python", "make", "bash", "sh", "just", "invoke", "inv")
MOST_OF_A_KIND = 3  # recipes of one configuration: further jobs differ in versions alone


@dataclass(frozen=True)
class Unreadable:
    """A configuration that could not be read, and why."""

    source: str
    reason: str


def find_recipes(tree: ProjectTree, run_tox: RunTox) -> tuple[list[Recipe], list[Unreadable]]:
    """All recipes of a project, the most promising first, and what could not be read."""
    recipes: list[Recipe] = []
    unreadable: list[Unreadable] = []
    for name, found in RECIPES:
        try:
            recipes += _handed_over(name, found(tree, run_tox), tree, run_tox)
        except UnreadableConfiguration as error:
            unreadable.append(Unreadable(name, str(error)))
    recipes.sort(key=_is_doubtful)
    return _without_repeats(recipes), unreadable


def _is_doubtful(recipe: Recipe) -> bool:
    """Whether all that it runs are programs that nobody knows, and that are not of the project."""
    words = [word for command in recipe.commands for word in command]
    own = [first for first, *_ in recipe.commands if first in RUN_TESTS or "/" in first]
    return (
        not own and not TESTS.search(" ".join(words)) and not IN_SCRIPTS.search(recipe.script or "")
    )


def _handed_over(
    source: str, found: list[Found], tree: ProjectTree, run_tox: RunTox
) -> list[Recipe]:
    """The recipes of jobs; of a job that calls tox or nox, those of that configuration."""
    recipes: list[Recipe] = []
    for recipe, handover in found[:MOST_OF_A_KIND]:
        inner: list[Recipe] = []
        if handover and handover.words[0] == "tox" and tox.configures(tree):
            inner = tox.read(tree, run_tox, handover, recipe.python_named)
        elif handover and handover.words[0] == "nox" and nox.FILE in tree.texts:
            inner = [
                replace(each, python_named=recipe.python_named or each.python_named)
                for each in nox.read(tree, handover)
            ]
        if inner:
            recipes.append(
                replace(
                    inner[0],
                    source=f"{source}>{inner[0].source}",
                    jobs=recipe.jobs,
                    left_out=(*recipe.left_out, *inner[0].left_out),
                )
            )
        elif recipe.runnable:
            recipes.append(recipe)
    return recipes


def _without_repeats(recipes: list[Recipe]) -> list[Recipe]:
    """The recipes without those that ask for the same as an earlier one."""
    first: dict[tuple, Recipe] = {}
    for recipe in recipes:
        key = (recipe.deps, recipe.project, recipe.extras, recipe.groups, recipe.commands)
        first.setdefault((*key, recipe.script, recipe.cwd, recipe.install_commands), recipe)
    return list(first.values())
