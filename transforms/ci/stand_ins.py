"""The programs that stand on PATH before an environment's own, in place of pip, tox and linters.

What `make`, scripts and runners of a project call meets them too; `inside/` has what they do.
"""

import json
from functools import cache
from pathlib import Path

from transforms.ci.known_programs import (
    COVERAGE_VALUES,
    LINTERS,
    MEASURING,
    PREFIX_VALUES,
    PYTEST_FLAGS,
    PYTEST_VALUE_OPTIONS,
    SYSTEM,
    UPLOADS,
)
from transforms.ci.project_tree import ProjectTree
from transforms.ci.recipe import ENVIRONMENT, placed
from transforms.ci.uv import uv_binary

PROGRAMS = (
    *("pytest", "py.test", "coverage", "pip", "pip3", "python", "python3", "nosetests"),
    *("sudo", "travis_retry", "travis_wait", "xvfb-run", "poetry", "pipenv", "pdm", "hatch", "uv"),
    *("uvx", "pipx", "rye", "virtualenv", "tox", *(f"python3.{minor}" for minor in range(6, 15))),
)
# Plug-ins of pytest that lint, and those that fold what is printed: they are not loaded.
NO_PLUGINS = (
    *("flake8", "pylint", "mypy", "black", "isort", "pep8", "pycodestyle", "pydocstyle", "flakes"),
    *("ruff", "checkdocs", "enabler", "travis-fold", "codestyle"),
)
# What lints elsewhere, and is a part of tests where a project names these packages.
PARTS_OF_TESTS = {"pytest-mypy-plugins": "mypy", "pytest-mypy-testing": "mypy"}
# These do nothing, and succeed.
NOTHING = sorted((LINTERS | SYSTEM | UPLOADS | {"nox", "docker", "sphinx-build"}) - set(PROGRAMS))

MOST_TEXTS = 200
# Modules that build what nobody uploads here, from an index that is not there.
NO_MODULES = ("build", "cibuildwheel", "pep517", "installer", "ensurepip", "setuptools_scm")


def stand_ins(tree: ProjectTree) -> dict[str, str]:
    """The texts of these programs, by their paths below the folder of tools.

    A program that the project itself is has none, nor has one that its tests need.
    """
    names = {*PROGRAMS, *NOTHING} - {tree.name.lower()} - parts_of_tests(tree)
    return {f"bin/{name}": _text() for name in sorted(names)}


def parts_of_tests(tree: ProjectTree) -> set[str]:
    """The programs that the tests of a project need, though others only lint with them."""
    named = " ".join([*tree.texts.values()][:MOST_TEXTS])
    return {program for package, program in PARTS_OF_TESTS.items() if package in named}


@cache
def _text() -> str:
    return (Path(__file__).parent / "inside/shim.py").read_text()


def stand_in_settings(tree: ProjectTree, phase: str) -> str:
    """What these programs need to know, as JSON; `phase` is build or test."""
    settings = {
        "phase": phase,
        "python": f"{ENVIRONMENT}/bin/python",
        "uv": uv_binary(),
        "pytest_values": sorted(PYTEST_VALUE_OPTIONS),
        "pytest_flags": sorted(PYTEST_FLAGS),
        "pytest_options": pytest_options(tree),
        "measuring": MEASURING.pattern,
        "coverage_values": sorted(COVERAGE_VALUES),
        "nothing": sorted({*NOTHING, *NO_MODULES} - {tree.name.lower()} - parts_of_tests(tree)),
        "prefix_values": sorted(PREFIX_VALUES),
        "setup_test": placed(tree.setup_test().words),
    }
    return json.dumps(settings)


def pytest_options(tree: ProjectTree) -> list[str]:
    """Options that undo what the configuration of pytest adds to every run, and is no test."""
    added = tree.pytest_added_options()
    kept = tree.without_measuring(added)
    options = ["-o", "cache_dir=/sandbox/tmp/pytest"]
    options += ["--continue-on-collection-errors"]
    options += [word for name in NO_PLUGINS for word in ("-p", f"no:{name}")]
    if tree.pytest_setting("required_plugins"):
        options += ["-o", "required_plugins="]
    return [*options, "-o", f"addopts={' '.join(kept)}"] if kept != added else options
