"""Configurations of any shape: readers return recipes or one reason, and never fail otherwise."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.project_trees import tree
from transforms.ci.expressions import filled, is_false
from transforms.ci.project_commands import actions_of
from transforms.ci.recipe import Recipe
from transforms.ci.recipes import Unreadable, find_recipes
from transforms.ci.shell import NotSimple, Shell


def words_of(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from(text.split())


WORDS = words_of(
    """pip install -e . .[a,b] -r r.txt -U --group dev uv sync --extra x run poetry --with pipenv
    pytest --cov -n auto -p -k python -m -c unittest setup.py test coverage run --source tox -e py38
    -- nosetests make bash -c sudo apt-get env A=1 travis_retry travis_wait 20 hatch pdm nox
    $A ${B:-c} `x` $(y) [[ ]] == != -f if then else fi && || ; ! ( ) { } > 2>&1 | for do done cd
    export echo exit ' " \\ [ ] -"""
)
LINES = st.lists(WORDS, max_size=8).map(" ".join)
KEYS = words_of(
    """python env global jobs matrix include exclude allow_failures install script os arch on
    before_install strategy steps run uses with python-version if runs-on name shell defaults
    working-directory services addons apt packages language secure TOXENV"""
)
VALUES = st.recursive(
    st.none() | LINES | st.sampled_from(["3.8", "${{ matrix.a[0] }}", "ubuntu-latest", "{}", ""]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


PROJECT = tree(
    {
        "pyproject.toml": "tool.hatch.envs.default.scripts.test = ['pytest {args}', 'hatch run test']\n"
        "tool.poe.tasks.test = {sequence = ['poe test', 'pytest']}\n"
        "tool.pdm.scripts.test = {cmd = ['pytest', '-q']}\ntool.poetry.group.dev.optional = true",
        "Pipfile": "packages.x = {path = '.'}\nscripts.test = 'pytest'",
    }
)


@settings(max_examples=500)
@given(st.lists(WORDS, max_size=8))
@example(["uv", "sync"])
@example(["poetry", "install", "-E"])
def test_any_words_are_for_something(words) -> None:
    for action in actions_of(words, PROJECT):
        assert action.kind in ("test", "install", "runner", "handover", "system", "left_out")


@given(st.lists(LINES, max_size=4).map("\n".join))
def test_any_script_is_simple_or_not(script) -> None:
    try:
        commands = Shell({"A": "1"}, lambda path: False).run(script)
    except NotSimple:
        return
    assert all(command.words for command in commands)


@given(st.text(alphabet="${}()[].,'!=&|ab1 \n", max_size=40), VALUES)
def test_any_expression_has_a_value(text, value) -> None:
    assert isinstance(filled(text, {"matrix": value}), str)
    assert is_false(text, {"matrix": value}) in (True, False)


@settings(max_examples=200)
@given(VALUES, st.dictionaries(st.sampled_from(["a", "b"]), VALUES, max_size=2), LINES)
def test_any_configuration_gives_recipes_or_a_reason(travis, jobs, lines) -> None:
    texts = {
        ".travis.yml": json.dumps(travis),
        ".github/workflows/a.yml": json.dumps({"jobs": jobs, "env": travis}),
        "pyproject.toml": f"[project]\nname = 'x'\noptional-dependencies = {json.dumps(lines)}",
        "setup.cfg": f"[options]\ntests_require = {lines}\n[tool:pytest]\naddopts = {lines}",
        "noxfile.py": f"import nox\n@nox.session\ndef t(session):\n    session.run(*{lines.split()})",
        "tox.ini": "[tox]",
    }
    recipes, unreadable = find_recipes(tree(texts, "tests/test_a.py"), lambda *_: lines)
    assert all(isinstance(each, Recipe) and each.runnable for each in recipes)
    assert all(isinstance(each, Unreadable) and "\n" not in each.reason for each in unreadable)
    assert "fallback" in {each.source for each in recipes}
