"""Recipes where no configuration says anything."""

from tests.support.project_trees import tree
from transforms.ci.recipes import fallback


def test_the_fallback_takes_what_is_named_for_tests() -> None:
    pyproject = """
[project]
name = "x"
[project.optional-dependencies]
tests = ["six"]
docs = ["sphinx"]
[dependency-groups]
dev = ["mock"]
"""
    files = tree({"pyproject.toml": pyproject, "requirements-dev.txt": ""}, "tests/test_a.py")
    recipe, other = fallback.read(files)
    assert other.commands == (("python", "-m", "unittest", "discover"),)
    assert (recipe.extras, recipe.groups) == (("tests",), ("dev",))
    assert recipe.deps == ("pytest", "-r requirements-dev.txt")
    assert fallback.read(tree({}, "a.py")) == []
