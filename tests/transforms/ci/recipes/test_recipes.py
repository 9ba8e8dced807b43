"""Which recipes a project has, and which comes first."""

import time
from pathlib import Path

import pytest

from tests.support.ci_shapes import Shape, differences, shapes
from tests.support.printed_by_tox import run_tox
from tests.support.project_trees import tree
from transforms.ci.ladder import ladder
from transforms.ci.recipes import find_recipes
from transforms.ci.tox_inside import tox_inside


def test_the_order_of_recipes_and_the_sources_of_those_handed_over() -> None:
    files = {
        ".travis.yml": "python: 3.8\nscript: tox -e py38",
        "tox.ini": "[tox]",
        ".github/workflows/a.yml": "jobs: {",
    }
    recipes, unreadable = find_recipes(tree(files, "tests/test_a.py"), run_tox)
    assert [recipe.source for recipe in recipes] == ["travis>tox", "fallback", "fallback"]
    assert [each.source for each in unreadable] == ["gha"]


HERE = Path(__file__).parent
PYTHONS = ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13"]
BY_SYNTAX = [
    shape
    for name in ("travis", "workflows", "nox", "fallback")
    for shape in shapes(HERE / f"{name}_shapes.txt")
]


def no_tox(texts, arguments):
    raise AssertionError("tox is asked")


def judged(shape: Shape, run) -> list[str]:
    files = tree(shape.texts)
    recipe, *_ = find_recipes(files, run)[0]
    rung, *_ = ladder([recipe.python_named], PYTHONS, None, files.requires_python)
    return differences(recipe, rung.python, shape.expected)


@pytest.mark.parametrize("shape", BY_SYNTAX, ids=lambda shape: shape.name)
def test_recipes_of_small_configurations(shape) -> None:
    assert judged(shape, no_tox) == []


@pytest.mark.parametrize("shape", shapes(HERE / "tox_shapes.txt"), ids=lambda shape: shape.name)
def test_recipes_that_tox_itself_has_read(shape, sandbox) -> None:
    assert judged(shape, tox_inside(sandbox)) == []


def versions(count: int, name: str = "") -> str:
    return ", ".join(f'"{name}{number}"' for number in range(count))


WORKFLOW = "on: push\njobs:\n  t:\n    steps: [{run: pytest}]\n"
TRAVIS, GITHUB, NOX = ".travis.yml", ".github/workflows/a.yml", "noxfile.py"
DOUBLED = "".join(
    f"      A{n}: ${{{{ env.A{n - 1} }}}}${{{{ env.A{n - 1} }}}}\n" for n in range(1, 40)
)
CELLS = f"    strategy: {{matrix: {{a: [{versions(16)}], b: [{versions(16)}]}}}}\n"
SESSION = "import nox\n{}@nox.session\ndef t(s):\n{} s.run('pytest')\n"


@pytest.mark.parametrize(
    "texts",
    [
        {TRAVIS: f"python: [{versions(100, '3.')}]\nenv: [{versions(100, 'A=')}]\nscript: pytest"},
        {GITHUB: "on: push\njobs:\n" + "".join(
            f"  t{n}:\n{CELLS}    steps: [{{run: pytest}}]\n" for n in range(300))},
        {f".github/workflows/{n}.yml": f"jobs:\n  t:\n{CELLS}    steps: [{{run: pytest}}]\n"
         for n in range(100)},
        {GITHUB: "jobs: {t: {uses: ./.github/workflows/a.yml}}"},
        {TRAVIS: "script: |\n  A=xxxxxxxxxx\n" + "  A=$A$A\n" * 60 + "  pytest $A\n"},
        {TRAVIS: f"script: |\n  if [[ {'a' * 3000} == {'*a' * 40}b ]]; then pytest; fi\n"},
        {TRAVIS: f"script: 'if [[ {'! ' * 5000} a ]]; then pytest; fi'"},
        {GITHUB: WORKFLOW + f"    env:\n      A0: xxxxxxxxxx\n{DOUBLED}"},
        {GITHUB: WORKFLOW + "    env: {A: \"${{ " + "format('{0}{0}{0}{0}', " * 20 + "'x'"
         + ")" * 20 + ' }}"}'},
        {GITHUB: WORKFLOW + "    if: ${{ " + "!" * 20_000 + "true }}\n"},
        {NOX: SESSION.format("", "".join(" " * n + f"for v{n} in 'a', 'b', 'c':\n"
                                        for n in range(1, 21)) + " " * 20)},
        {NOX: SESSION.format("A = 'x'\n" + "A = A + A\n" * 60, "")},
        {NOX: SESSION.format("A = 'x'\n" + "A = f'{A}{A}'\n" * 60, "")},
        {NOX: "x = 1\n" * 1_000_000, "setup.py": "x = 1\n" * 1_000_000,
         "setup.cfg": "[a]\n" + "x = 1\n" * 1_000_000, "pyproject.toml": "# " + "x" * 5_000_000},
        {TRAVIS: "script: pytest\nx: [" + "a," * 60_000 + "]"},
        {TRAVIS: "[" * 100_000, GITHUB: "{a: " * 20_000, "pyproject.toml": "a = " + "[" * 50_000},
        {TRAVIS: "{{{ : - ]\n\t%@", GITHUB: "\0", "pyproject.toml": "[tool", "Pipfile": "="},
        {TRAVIS: "python: {a: b}\nenv: [[[a]], {b: [c]}]\nmatrix: [1]\ninstall: {a: b}\n"
         "script: [[a], [b, [c]], {d: e}]\naddons: [x]\nservices: {a: b}",
         GITHUB: "jobs: {a: {steps: {x: y}, strategy: [], env: [1]}, b: [], c: {steps: [1, [2], "
         "{run: [pytest]}], container: [1], runs-on: {a: b}, strategy: {matrix: {include: {a: b}, "
         "exclude: x}}}}"},
        {"pyproject.toml": "project = 1\ntool = {hatch = {envs = [1]}, poetry = {group = {a = 1}, "
         "extras = [1], dev-dependencies = {a = 1}}, pdm = {scripts = {a = 1}}, pytest = 1}\n"
         "dependency-groups = [1]\nbuild-system = 1\n", "Pipfile": "packages = 1",
         TRAVIS: "script: [hatch run a, pdm run a, poetry install, uv sync, pipenv install]"},
        {"pyproject.toml": "tool.hatch.envs.default.scripts = {a = ['a', 'hatch run a']}\n"
         "tool.poe.tasks = {a = ['poe a', 'poe a', 'poe a', 'poe a', 'poe a', 'poe a']}\n",
         TRAVIS: "script: [hatch run a, poe a]"},
    ],
)  # fmt: skip
def test_what_is_endless_or_of_another_form_is_bounded(texts) -> None:
    begin = time.process_time()
    recipes, unreadable = find_recipes(tree(texts), no_tox)
    assert time.process_time() - begin < 8
    assert all(len(each.reason) < 300 for each in unreadable)
    assert all(len(str(recipe)) < 1_000_000 for recipe in recipes)


def test_tox_without_an_end_is_ended(sandbox, monkeypatch) -> None:
    monkeypatch.setattr("transforms.ci.tox_inside.SECONDS", 3)
    names = "{" + ",".join(f"a{n}" for n in range(100)) + "}"
    texts = {"tox.ini": f"[tox]\nenvlist = {names}-{names}-{names}\n[testenv]\ncommands = pytest"}
    recipes, (unreadable,) = find_recipes(tree(texts), tox_inside(sandbox))
    assert recipes == []
    assert unreadable.reason == "tox took over 3 seconds"
