"""Recipes of tox (as tox prints its settings), nox and the fallback, and which comes first."""

import pytest

from tests.support.project_trees import tree
from transforms.ci.recipes import fallback, find_recipes, nox, tox
from transforms.ci.steps import Handover
from transforms.ci.yaml_texts import UnreadableConfiguration

PRINTED = """tox root: /sandbox/tree
[testenv:py38]
deps =
  pytest>=4
  -r req.txt
  coverage
extras = test
commands =
  coverage run -m pytest {tests} -n auto
  flake8
change_dir = /sandbox/tree/tests
set_env =
  LEVEL=2
  PIP_INDEX=x
package = wheel
skip_install = False
use_develop = True
"""


def run_tox(texts, arguments):
    return "tox root: /t\npy38\nlint\n" if arguments[0] == "list" else PRINTED


def test_settings_of_tox_become_a_recipe() -> None:
    files = tree({"tox.ini": "[tox]", "req.txt": "six"}, "setup.py")
    (recipe,) = tox.read(files, run_tox)
    assert recipe.deps == ("pytest>=4", "-r req.txt")
    assert (recipe.project, recipe.extras, recipe.cwd) == ("editable", ("test",), "tests")
    assert recipe.commands == (("python", "-m", "pytest", "{tests}"),)
    assert dict(recipe.env) == {"LEVEL": "2"}
    assert (recipe.tox_env, recipe.python_named) == ("py38", "3.8")
    assert ("flake8", "lint") in recipe.left_out


def test_what_tox_is_asked_switches_off_what_would_run_code() -> None:
    asked = []

    def recording(texts, arguments):
        asked.append((texts, arguments))
        return run_tox(texts, arguments)

    texts = {"tox.ini": "[testenv]\ncommands = {envpython} x\ndeps = -Ur r.txt"}
    tox.read(tree(texts), recording, Handover(("tox", "-e", "py38,evil; rm"), {}))
    for texts, arguments in asked:
        assert "tox.requires=" in arguments
        assert "requires=" in arguments
        assert texts["tox.ini"] == "[testenv]\ncommands = python x\ndeps = -r r.txt"
    assert asked[-1][1][:2] == ["config", "-e"]
    assert not set(asked[-1][1][2]) & set("; ")


def test_an_error_of_tox_is_the_reason() -> None:
    with pytest.raises(UnreadableConfiguration, match="duplicate option"):
        tox.read(tree({"tox.ini": ""}), lambda *_: "tox root: /t\nduplicate option 'deps'")


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
    (recipe,) = fallback.read(files)
    assert (recipe.extras, recipe.groups) == (("tests",), ("dev",))
    assert recipe.deps == ("pytest", "-r requirements-dev.txt")
    assert fallback.read(tree({}, "a.py")) == []


def test_the_order_of_recipes_and_the_sources_of_those_handed_over() -> None:
    files = {
        ".travis.yml": "python: 3.8\nscript: tox -e py38",
        "tox.ini": "[tox]",
        ".github/workflows/a.yml": "jobs: {",
    }
    recipes, unreadable = find_recipes(tree(files, "tests/test_a.py"), run_tox)
    assert [recipe.source for recipe in recipes] == ["travis>tox", "fallback"]
    assert [each.source for each in unreadable] == ["gha"]
