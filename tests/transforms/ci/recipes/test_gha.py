"""Recipes of GitHub workflows, and the expressions in them."""

import time

import pytest

from tests.support.project_trees import tree
from transforms.ci.expressions import filled, is_false, value_of
from transforms.ci.recipes import gha
from transforms.ci.yaml_texts import UnreadableConfiguration

PATH = ".github/workflows/ci.yml"


def recipes(text: str, *paths: str):
    return gha.read(tree({PATH: text}, *paths))


def test_the_cell_with_the_preferred_interpreter_is_tried() -> None:
    text = """
jobs:
  lint: {runs-on: ubuntu-latest, steps: [{run: pytest --flake8}]}
  tests:
    runs-on: ${{ matrix.os }}
    strategy:
      matrix:
        os: [windows-latest, ubuntu-latest]
        python: [3.9, 3.12, 3.13]
        exclude: [{os: ubuntu-latest, python: 3.12}]
        include: [{os: ubuntu-latest, python: 3.12, extra: fast}]
    steps:
      - uses: actions/setup-python@v5
        with: {python-version: "${{ matrix.python }}"}
      - run: pip install -e ".[${{ matrix.extra || 'test' }}]"
      - run: |
          pytest \\
            --cov pkg -v
        env: {LEVEL: 3}
"""
    recipe, handover = recipes(text, "pyproject.toml")[0]
    assert handover is None
    assert (recipe.python_named, recipe.extras) == ("3.12", ("fast",))
    assert recipe.commands == (("python", "-m", "pytest", "-v"),)
    assert recipe.jobs == 7


def test_steps_that_do_not_hold_and_foreign_shells_are_left_out() -> None:
    text = """
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - {if: "runner.os == 'Windows'", run: pytest windows}
      - {shell: pwsh, run: pytest power}
      - {uses: codecov/codecov-action@v4}
      - {run: pytest here, working-directory: sub}
"""
    recipe, _ = recipes(text, "sub/x.py")[0]
    assert recipe.commands == (("python", "-m", "pytest", "here"),)
    assert recipe.cwd == "sub"
    assert {why for _, why in recipe.left_out} == {"shell pwsh", "an action of another repository"}


def test_a_workflow_of_the_same_repository_is_followed() -> None:
    caller = "jobs: {all: {uses: ./.github/workflows/tests.yml, with: {v: 3.11}}}"
    called = """
jobs:
  unit:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/setup-python@v5
        with: {python-version: "${{ inputs.v }}"}
      - run: python -m unittest
"""
    files = {PATH: caller, ".github/workflows/tests.yml": called}
    found = [(r.python_named, r.commands) for r, _ in gha.read(tree(files))]
    assert ("3.11", (("python", "-m", "unittest"),)) in found


def test_secrets_are_in_no_variable() -> None:
    text = """
env: {KEY_ID: "${{ secrets.ID }}", PASSWORD: x, MODE: fast}
jobs: {test: {runs-on: ubuntu-latest, steps: [{run: pytest}]}}
"""
    env = recipes(text)[0][0].env
    assert env["MODE"] == "fast"
    assert not {"KEY_ID", "PASSWORD"} & env.keys()


@pytest.mark.parametrize(
    "text", ["jobs: {", "jobs: 3", "[]", "jobs: {a: {steps: 3}}", "jobs: {a: {strategy: [1]}}", ""]
)
def test_what_is_no_workflow_gives_a_reason_or_nothing(text: str) -> None:
    try:
        assert recipes(text) == []
    except UnreadableConfiguration as error:
        assert "\n" not in str(error)


def test_a_matrix_of_a_million_cells_is_cut() -> None:
    axis = ", ".join(map(str, range(100)))
    text = f"""
jobs:
  test:
    strategy: {{matrix: {{a: [{axis}], b: [{axis}], c: [{axis}]}}}}
    steps: [{{run: pytest}}]
"""
    begin = time.monotonic()
    assert 0 < len(recipes(text)) <= gha.MOST_CELLS
    assert time.monotonic() - begin < 10


CONTEXT = {"matrix": {"v": "3.10", "c": ["a", "b"], "o": {"k": "x"}}, "env": {"E": "1"}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${{ matrix.v }}", "3.10"),
        ("${{ matrix.c[1] }}-${{ matrix.o.k }}", "b-x"),
        ("${{ matrix.none || 'd' }}", "d"),
        ("${{ matrix.v == '3.10' && 'yes' || 'no' }}", "yes"),
        ("${{ contains(matrix.c, 'a') }}", "true"),
        ("${{ format('py{0}', matrix.v) }}", "py3.10"),
        ("${{ secrets.X }}${{ github.sha }}", ""),
        ("${{ fromJSON('[1.10]')[0] }}", "1.10"),
        ("${{", "${{"),
        ("${{ ((((( }}", ""),
        ("${{ " + "(" * 5000 + " }}", ""),
        ("${{ \x00 }}", ""),
    ],
)
def test_expressions(text: str, value: str) -> None:
    assert filled(text, CONTEXT) == value


def test_conditions_that_are_not_known_hold() -> None:
    assert is_false("matrix.v == '3.9'", CONTEXT)
    assert not is_false("github.ref == 'x' && steps.y.outputs.z", CONTEXT)
    assert value_of("unknown(1)", CONTEXT) is None
