"""The files at the top that programs read: valid by their schemas, and in step with one another."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infra.test_versions import PROJECT, VERSIONS
from transforms.lib import VERSION

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
HOOKS = ROOT / ".pre-commit-config.yaml"


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def commands() -> list[str]:
    """The commands of .ci/run, behind the line from which on it prints them."""
    lines = (ROOT / ".ci" / "run").read_text().split("set -x\n")[1]
    return lines.splitlines()


def job() -> Any:
    [one] = load(WORKFLOW)["jobs"].values()
    return one


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.github-workflows", WORKFLOW),
        ("custom.github-workflows-require-timeout", WORKFLOW),
        ("vendor.citation-file-format", ROOT / "CITATION.cff"),
    ],
    ids=["workflow", "workflow-timeout", "citation"],
)
def test_files_are_what_their_programs_take(schema: str, path: Path) -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, path]
    answer = subprocess.run(check, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout


def test_the_workflow_is_ci_run() -> None:
    steps = [step["run"] for step in job()["steps"] if "run" in step]
    assert steps == commands()
    readme = (ROOT / "README.md").read_text()
    [tests] = re.findall(r"<!-- test command -->\n```sh\n(.*)\n```", readme)
    assert tests in commands()


def test_actions_cannot_be_moved() -> None:
    """A tag of an action could be; a commit, with its version behind it, cannot."""
    lines = re.findall(r"uses: (.*)", WORKFLOW.read_text())
    assert lines and all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", line) for line in lines)
    assert load(WORKFLOW)["permissions"] == {"contents": "read"}


def test_the_workflow_tries_every_python() -> None:
    pythons = [name.rpartition(" ")[2] for name in PROJECT["project"]["classifiers"]]
    assert job()["strategy"]["matrix"]["python"] == [name for name in pythons if name[:2] == "3."]


def test_a_hook_is_a_command_of_ci_run() -> None:
    """With files to name and without anything to download; `ruff format` writes what CI checks."""
    [repository] = load(HOOKS)["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        program = [word for word in shlex.split(hook["entry"]) if word != "--force-exclude"]
        assert any(shlex.split(command)[: len(program)] == program for command in commands())


def test_a_release_has_one_version() -> None:
    version = PROJECT["project"]["version"]
    assert version == VERSION == load(ROOT / "CITATION.cff")["version"]
    releases = re.findall(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert releases[:2] == ["Unreleased", version]


def test_a_newcomer_is_told_commands_that_exist() -> None:
    """Files that CONTRIBUTING names are there; what it runs of the environment CI runs too."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    scripts = re.findall(r"^ +bash (\S+)", text, re.MULTILINE)
    assert {"infra/install.sh", "infra/lock.sh", "tests/run.sh"} <= set(scripts)
    named = re.findall(r"`((?:schemas|transforms|pipelines|tests|infra)/[\w./]*\w/?)`", text)
    paths = [name for name in [*scripts, *named] if "/X" not in name]  # X is any stage
    assert named and all((ROOT / name).exists() for name in paths)
    linters = [each for each in commands() if each.startswith(".venv/bin/")]
    assert all(f"    {each}\n" in text for each in linters)
    ruff = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]
    assert f"{ruff['line-length']} characters" in text
    assert f"Python {VERSIONS['PYTHON_MIN']}" in text


def test_what_is_marked_for_flink_stands_where_run_sh_has_it_looked_for() -> None:
    tests = (ROOT / "tests").rglob("test_*.py")
    marked = [path for path in tests if "pytest.mark.flink" in path.read_text()]
    [flink] = [path for path in marked if path != Path(__file__)]
    assert f"only=({flink.relative_to(ROOT)})" in (ROOT / "tests" / "run.sh").read_text()


def test_a_module_runs_in_one_process(request: pytest.FixtureRequest) -> None:
    """Where tests run in several, as xdist names each of a group; else it sets up much of it twice."""
    several = "PYTEST_XDIST_WORKER" in os.environ
    assert request.node.nodeid.endswith(f"@{request.path}") == several
