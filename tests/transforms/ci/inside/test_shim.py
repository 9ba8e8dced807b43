"""The programs that stand on PATH: what each of them runs, told by a Python that prints its words."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.project_trees import tree
from transforms.ci.stand_ins import stand_in_settings, stand_ins


def said(folder: Path, line: str, phase: str = "test", texts: dict[str, str] | None = None) -> str:
    """What a command runs in the end; nothing if it does nothing."""
    project, tools, inside = tree(texts or {}), folder / "tools", folder / "environment" / "bin"
    for path, text in stand_ins(project).items():
        place = tools / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"#!{sys.executable}\n" + text.partition("\n")[2])
        place.chmod(0o755)
    inside.mkdir(parents=True, exist_ok=True)
    for name in ("python", "uv", "own-tool"):
        (inside / name).write_text(f'#!/bin/sh\necho {name} "$@"\n')
        (inside / name).chmod(0o755)
    settings = json.loads(stand_in_settings(project, phase))
    settings |= {"python": str(inside / "python"), "uv": str(inside / "uv"), "pytest_options": []}
    env = {"PATH": f"{tools / 'bin'}:{inside}:/usr/bin:/bin", "QUIRE_SHIM": json.dumps(settings)}
    done = subprocess.run(
        ["sh", "-c", line], env=env, cwd=folder, capture_output=True, text=True, timeout=20
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("line", "run"),
    [
        ("pytest -n 4 --cov x --cov-report=xml -k a --flake8 -nauto t", "python -m pytest -k a t"),
        ("py.test --junitxml=x.xml", "python -m pytest"),
        ("nosetests -v --with-coverage t", "python -m pytest t"),
        ("coverage run --source x -m pytest -q", "python -m pytest -q"),
        ("coverage run -p t.py", "python t.py"),
        ("python -m coverage run -m unittest", "python -m unittest"),
        ("python3 -W error -m pytest --cov", "python -m pytest"),
        ("python -sBm build", ""),
        ("python -m flake8", ""),
        ("python -W error -m own.module -m x", "python -W error -m own.module -m x"),
        ("python -c 'import x'", "python -c import x"),
        ("python t.py -m pytest", "python t.py -m pytest"),
        ("python setup.py test", "python -m unittest suite"),
        ("python setup.py develop", ""),
        ("sudo -E own-tool a", "own-tool a"),
        ("travis_wait 30 travis_retry pytest t", "python -m pytest t"),
        ("poetry run pytest", "python -m pytest"),
        ("pipenv run python -m pytest", "python -m pytest"),
        ("uv run --with x -m pytest a", "python -m pytest a"),
        ("uvx --with x ruff check", ""),
        ("uv tool run --from y pytest", "python -m pytest"),
        ("hatch test -v t", "python -m pytest t"),
        ("pdm install", ""),
        ("tox", ""),
        ("apt-get install -y x && flake8 . && codecov && sphinx-build a b && pyrefly check", ""),
        ("pip install x", ""),
        ("poetry run gone-tool", ""),
    ],
)
def test_programs_run_the_tests_alone(line, run, tmp_path) -> None:
    texts = {"setup.py": "setup(name='x', test_suite='suite')"}
    assert said(tmp_path, line, texts=texts) == run


def test_pip_installs_by_uv_while_the_environment_is_made(tmp_path) -> None:
    assert said(tmp_path, "pip install --user -y a", "build") == "uv pip install a"
    assert said(tmp_path, "python -m pip install -r r.txt", "build") == "uv pip install -r r.txt"
    assert said(tmp_path, "pip freeze", "build") == ""


def test_the_project_itself_is_never_replaced(tmp_path) -> None:
    texts = {"setup.py": "setup(name='build')"}
    assert said(tmp_path, "python -m build x", texts=texts) == "python -m build x"


def test_a_virtual_environment_leads_to_the_one_that_is_there(tmp_path) -> None:
    said(tmp_path, "virtualenv -p python3 env && python -m venv other")
    for name in ("env", "other"):
        assert os.path.realpath(tmp_path / name) == os.path.realpath(tmp_path / "environment")
