"""Recipes of .travis.yml: how a matrix expands, which job is tried, what it becomes."""

import time

import pytest

from tests.support.project_trees import tree
from transforms.ci.recipes import travis
from transforms.ci.recipes.travis import expand
from transforms.ci.yaml_texts import UnreadableConfiguration, load_texts


def recipes(text: str, *paths: str):
    return travis.read(tree({".travis.yml": text}, *paths))


def test_versions_are_texts() -> None:
    (first, _), *_ = recipes("python: [3.9, 3.10]\ninstall: skip\nscript: pytest")
    assert first.python_named == "3.10"
    assert first.jobs == 2


def test_axes_multiply_and_exclude_takes_away() -> None:
    jobs = expand(
        load_texts(
            """
python: [3.6, 3.7]
env: [A=1, A=2]
jobs:
  exclude: [{python: 3.6, env: A=2}]
  include: [{python: 3.8, env: A=3}]
"""
        )
    )
    assert [(job.python, job.env["A"]) for job in jobs] == [
        ("3.6", "1"),
        ("3.7", "1"),
        ("3.7", "2"),
        ("3.8", "3"),
    ]


def test_the_newest_plain_job_that_must_pass_is_tried() -> None:
    text = """
python: [2.7, 3.6, 3.7, pypy3.9, nightly]
jobs: {allow_failures: [{python: 3.7}]}
script: pytest
"""
    assert recipes(text)[0][0].python_named == "3.6"


def test_global_variables_are_for_every_job_but_secrets_for_none() -> None:
    text = """
env:
  global: [LEVEL=2, {secure: abc}, API_TOKEN=x]
  jobs: [MODE=a]
python: 3.8
script: pytest
"""
    env = recipes(text)[0][0].env
    assert (env["LEVEL"], env["MODE"]) == ("2", "a")
    assert "API_TOKEN" not in env


def test_without_install_the_requirements_file_is_installed() -> None:
    recipe = recipes("python: 3.8\nscript: pytest", "requirements.txt")[0][0]
    assert recipe.deps == ("-r requirements.txt",)


def test_anchors_and_overrides_of_a_job() -> None:
    text = """
x: &tests {install: "pip install -e .[dev]", script: [coverage run -m pytest -q, coverage xml]}
jobs:
  include:
    - {<<: *tests, python: 3.8}
"""
    recipe = recipes(text, "setup.py")[0][0]
    assert (recipe.project, recipe.extras) == ("editable", ("dev",))
    assert recipe.commands == (("python", "-m", "pytest", "-q"),)


def test_tox_is_a_handover() -> None:
    _, handover = recipes("python: 3.8\nenv: TOXENV=py38\ninstall: pip install tox\nscript: tox")[0]
    assert handover is not None
    assert (handover.words, handover.env["TOXENV"]) == (("tox",), "py38")


def test_what_is_left_out_has_a_reason() -> None:
    text = """
python: 3.8
services: redis-server
before_install: sudo apt-get install -y libxml2-dev
script: [flake8 src, pytest]
"""
    recipe = recipes(text)[0][0]
    assert recipe.commands == (("python", "-m", "pytest"),)
    assert recipe.system == ("libxml2-dev",)
    reasons = dict(recipe.left_out)
    assert reasons["flake8 src"] == "lint"
    assert reasons["services redis-server"] == "services"


@pytest.mark.parametrize(
    "text",
    [
        "python: [3.8",
        "a: *nowhere",
        "\t- x: : y",
        "[" * 5000,
        "x" * 300_000,
        "!!python/object/apply:os.system ['true']",
        "&a [*a, *a]",
        "x: &x {y: *x}\nscript: *x",
        "env: &e [*e]\nscript: pytest",
    ],
)
def test_a_file_that_is_no_yaml_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UnreadableConfiguration) as error:
        recipes(text)
    assert str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing",
        "- a\n- b",
        "script: {a: b}",
        "python: {a: [1]}\nenv: [[[]]]\nscript: pytest",
        "jobs: [1, 2]\nscript: 7",
    ],
)
def test_odd_values_are_no_fault(text: str) -> None:
    assert isinstance(recipes(text), list)


def test_a_matrix_of_ten_thousand_jobs_is_cut() -> None:
    axis = ", ".join(map(str, range(100)))
    begin = time.monotonic()
    found = expand(load_texts(f"python: [{axis}]\nenv: [{axis}]\nos: [{axis}]"))
    assert len(found) <= travis.MOST_JOBS
    assert time.monotonic() - begin < 5


def test_a_billion_laughs_are_not_laughed() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    begin = time.monotonic()
    with pytest.raises(UnreadableConfiguration, match="anchors"):
        recipes("\n".join([*lines, "script: *a11", "python: *a11", "env: *a11"]))
    assert time.monotonic() - begin < 10
