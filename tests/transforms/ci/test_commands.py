"""What commands are for, and the steps of a job."""

import pytest

from tests.support.project_trees import tree
from transforms.ci.commands import action_of
from transforms.ci.steps import INSTALL, TEST, Step, recipe_of


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("py.test tests", "python -m pytest tests"),
        ("pytest --cov x --cov-report xml -n auto -k a", "python -m pytest -k a"),
        ("pytest -p xdist -p mine --flake8", "python -m pytest -p mine"),
        ("coverage run --source=a -m unittest discover", "python -m unittest discover"),
        ("coverage run --rcfile x tests.py", "python tests.py"),
        ("python3.8 -Wd -m pytest", "python -m pytest"),
        ("python -sBm unittest", "python -m unittest"),
        ("travis_retry poetry run pytest -q", "python -m pytest -q"),
        ("uv run --group dev -m pytest", "python -m pytest"),
        ("nosetests --with-coverage tests", "python -m pytest tests"),
        ("make test", "make test"),
        ("./run_tests.sh", "./run_tests.sh"),
    ],
)
def test_a_test_command_has_one_form(line: str, words: str) -> None:
    action = action_of(line.split())
    assert (action.kind, " ".join(action.words)) == ("test", words)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("flake8 src", "left_out"),
        ("sphinx-build docs out", "left_out"),
        ("coverage report", "left_out"),
        ("codecov", "left_out"),
        ("python -sBm build", "left_out"),
        ("python --version", "left_out"),
        ("sudo apt-get install x", "system"),
        ("tox -e py38", "handover"),
        ("pip install x", "install"),
        ("make install", "runner"),
        ("python run.py deps", "runner"),
    ],
)
def test_other_commands_are_told_apart(line: str, kind: str) -> None:
    assert action_of(line.split()).kind == kind


def test_what_an_installation_asks_for() -> None:
    line = ["pip", "install", "-U", "-e", ".[a,b]", "-r", "r.txt", "-cc.txt", "six>=1", "--user"]
    asked = action_of(line).installation
    assert (asked.project, asked.extras) == ("editable", ("a", "b"))
    assert asked.deps == ("-r r.txt", "-c c.txt", "six>=1")
    assert action_of(["uv", "sync", "--all-extras"]).installation.extras == ("*",)
    assert action_of(["poetry", "install", "--with", "t"]).installation.groups == ("t", "dev")


def test_steps_become_a_recipe_with_its_script_where_there_is_no_other_way() -> None:
    steps = [
        Step(INSTALL, "pip install -r r.txt\npip install ."),
        Step(INSTALL, "curl x | sh"),
        Step(TEST, "while true; do python t.py; done"),
    ]
    recipe, handover = recipe_of("travis", steps, {"TOKEN": "x", "A": "1"}, tree({}, "setup.py"))
    assert handover is None
    assert (recipe.deps, recipe.project) == (("-r r.txt",), "install")
    assert recipe.script == "while true; do python t.py; done"
    assert dict(recipe.env) == {"A": "1"}
    assert recipe.left_out[0][0] == "curl x | sh"
