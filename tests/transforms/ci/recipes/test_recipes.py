"""Which recipes a project has, and which comes first."""

from tests.support.project_trees import tree
from transforms.ci.recipes import find_recipes

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


def test_the_order_of_recipes_and_the_sources_of_those_handed_over() -> None:
    files = {
        ".travis.yml": "python: 3.8\nscript: tox -e py38",
        "tox.ini": "[tox]",
        ".github/workflows/a.yml": "jobs: {",
    }
    recipes, unreadable = find_recipes(tree(files, "tests/test_a.py"), run_tox)
    assert [recipe.source for recipe in recipes] == ["travis>tox", "fallback"]
    assert [each.source for each in unreadable] == ["gha"]
