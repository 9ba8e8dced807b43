"""The order to the driver that runs the tests of a project in its environment."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transforms.ci.build_orders import variables, version_variables
from transforms.ci.project_tree import ProjectTree
from transforms.ci.recipe import ENVIRONMENT, TREE, Recipe, placed
from transforms.ci.stand_ins import pytest_options, stand_in_settings, stand_ins

TEST_SECONDS = 300  # of one run of all commands
PLAIN, TRACE = "plain", "trace"
CALLS, TRIES, LIBRARY_TRIES = 10, 200, 50  # of a function: calls that are kept, and looked at


@dataclass(frozen=True)
class Suite:
    """How the tests of a recipe are run, and what an earlier run was found to need besides.

    `folders` are imported from before anything else, `terminal` is whether standard input is one,
    `uncaptured` whether tests read it though pytest runs them, and `left_out` names the tests that
    are not run.
    """

    recipe: Recipe
    tree: ProjectTree
    python: str
    version: str | None = None
    folders: tuple[str, ...] = ()
    terminal: bool = False
    uncaptured: bool = False
    left_out: tuple[str, ...] = ()


def suite_order(suite: Suite, runs: Sequence[str], seconds: float = TEST_SECONDS) -> dict[str, Any]:
    """The order to the driver: the runs are plain ones or traced ones; one after a failure is none.

    The tests of one run that failed are not looked at again, unless they are left out.
    """
    return {
        "do": "test",
        "runs": list(runs),
        "commands": commands(suite.recipe, suite.tree),
        "cwd": suite.recipe.cwd,
        "seconds": seconds,
        "tracer": tracer_settings(suite.tree, suite.python),
        "tools": stand_ins(suite.tree),
        "env": _variables(suite),
        "terminal": suite.terminal,
        "left_out": list(suite.left_out),
    }


def commands(recipe: Recipe, tree: ProjectTree) -> list[list[str]]:
    """The commands of a recipe as they are run inside."""
    options = pytest_options(tree)
    found = []
    for words in recipe.commands:
        argv = placed(words)
        if argv[:3] == ["python", "-m", "pytest"]:
            argv = [*argv[:3], *options, *argv[3:]]
        if argv[0] == "python":
            argv[0] = f"{ENVIRONMENT}/bin/python"
        found.append(argv)
    if recipe.script:
        found.append(["bash", "-e", "-c", recipe.script])
    return found


def _variables(suite: Suite) -> dict[str, str]:
    own = variables(suite.recipe.env)
    if suite.folders:
        folders = [posixpath.normpath(posixpath.join(TREE, each)) for each in suite.folders]
        before = [own["PYTHONPATH"]] if own.get("PYTHONPATH") else []
        own["PYTHONPATH"] = ":".join([*folders, *before])
    if suite.uncaptured:
        own["PYTEST_ADDOPTS"] = f"{own.get('PYTEST_ADDOPTS', '')} -s".strip()
    settings = {"QUIRE_SHIM": stand_in_settings(suite.tree, "test")}
    return version_variables(suite.tree, suite.version) | own | settings


def tracer_settings(tree: ProjectTree, python: str) -> Mapping[str, Any]:
    """The settings of the tracer: which code is the project's, and how much is kept of it."""
    packages = f"{ENVIRONMENT}/lib/python{python}/site-packages"
    return {
        "roots": [f"{TREE}/", *(f"{packages}/{module}" for module in tree.modules)],
        "calls": CALLS,
        "tries": TRIES,
        "library_tries": LIBRARY_TRIES,
    }
