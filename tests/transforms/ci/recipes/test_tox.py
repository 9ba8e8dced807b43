"""Recipes of tox, of what it prints of its settings."""

import pytest

from tests.support.printed_by_tox import run_tox
from tests.support.project_trees import tree
from transforms.ci.recipes import tox
from transforms.ci.steps import Handover
from transforms.ci.yaml_texts import UnreadableConfiguration


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
