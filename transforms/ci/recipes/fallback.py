"""The recipe where configurations say nothing useful: pytest on the tests that are there.

pytest runs tests of unittest too. What the tests need is taken from where projects usually name it:
extras, dependency groups and requirement files with "test" or "dev" in their names.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from transforms.ci.project_tree import ProjectTree
from transforms.ci.recipe import Recipe
from transforms.ci.steps import Found, RunTox
from transforms.ci.yaml_texts import as_mapping

NAME = "fallback"
TEST_FILE = re.compile(r"(.*/)?(test_[^/]*|[^/]*_test|tests?)\.py")
# Modules of tests that pytest does not find by itself.
UNUSUAL = re.compile(r"(.*/)?tests?\.py")
FOR_TESTS = re.compile(r"^(tests?|testing|dev|development|all[-_]?tests?|pytest|unit[-_]?tests?)$")
REQUIREMENTS = re.compile(
    r"(requirements[/_-]?)?(tests?|testing|dev|development|ci)([-_.]?(requirements|require))?\.txt"
    r"|(requirements)([-_.](tests?|testing|dev|development|ci))\.txt"
    r"|requirements/(tests?|testing|dev|development|ci)\.txt"
    r"|(tests?|testing)/requirements[^/]*\.txt"
)


def find(tree: ProjectTree, run_tox: RunTox) -> list[Found]:
    """The recipe of a project that has tests."""
    return [(recipe, None) for recipe in read(tree)]


def read(tree: ProjectTree) -> list[Recipe]:
    """Recipes with pytest and with unittest, if there are tests or settings of pytest."""
    tests = sorted(path for path in tree.paths if TEST_FILE.fullmatch(path))
    if not tests and not tree.configures_pytest:
        return []
    unusual = [path for path in tests if UNUSUAL.fullmatch(path)]
    places = unusual if tests and len(unusual) == len(tests) else []
    deps = [f"-r {path}" for path in sorted(tree.paths) if REQUIREMENTS.fullmatch(path)]
    if not tree.is_installable and "requirements.txt" in tree.paths:
        deps.insert(0, "-r requirements.txt")
    recipe = Recipe(
        NAME,
        deps=("pytest", *deps),
        project="editable" if tree.is_installable else "none",
        extras=tuple(_named(_extras(tree))),
        groups=tuple(_named(as_mapping(tree.pyproject.get("dependency-groups")))),
        commands=(("python", "-m", "pytest", *places),),
    )
    folder = next((name for name in ("tests", "test") if tree.exists(f"{name}/__init__.py")), None)
    where = ("discover", "-s", folder, "-t", ".") if folder else ("discover",)
    return [recipe, replace(recipe, commands=(("python", "-m", "unittest", *where),))]


def _named(names: object) -> Iterator[str]:
    yield from (name for name in sorted(as_mapping(names)) if FOR_TESTS.fullmatch(name.lower()))


def _extras(tree: ProjectTree) -> dict[str, object]:
    project = as_mapping(tree.pyproject.get("project"))
    extras = as_mapping(project.get("optional-dependencies"))
    if tree.setup_cfg.has_section("options.extras_require"):
        extras |= dict(tree.setup_cfg.items("options.extras_require"))
    return extras | tree.setup_extras
