"""Recipes of noxfile.py."""

import pytest

from tests.support.project_trees import tree
from transforms.ci.recipes import nox
from transforms.ci.yaml_texts import UnreadableConfiguration


def test_sessions_of_nox() -> None:
    text = """
import nox
DEPS = ["pytest", "mock"]
@nox.session(python=["3.8", "3.12", "3.14"])
def tests(session):
    session.install("-e", ".[dev]", *DEPS)
    session.run("pytest", "--cov", "x", *session.posargs, env={"A": "1"})
@nox.session
def lint(session):
    session.run("flake8")
"""
    (recipe,) = nox.read(tree({"noxfile.py": text}, "setup.py"))
    assert (recipe.python_named, recipe.extras) == ("3.12", ("dev",))
    assert recipe.deps == ("pytest", "mock")
    assert recipe.commands == (("python", "-m", "pytest"),)
    assert dict(recipe.env) == {"A": "1"}


@pytest.mark.parametrize("text", ["def (", "(" * 500, "\0", "x = " + "-" * 100_000 + "1"])
def test_a_noxfile_that_is_no_python_is_refused(text: str) -> None:
    with pytest.raises(UnreadableConfiguration):
        nox.read(tree({"noxfile.py": text}))
