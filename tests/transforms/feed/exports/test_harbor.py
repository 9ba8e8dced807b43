"""Tasks in Harbor's format, run as Harbor runs them: the reference has 1, what cheats has 0."""

import os
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.feed.exports.harbor import harbor_task, has_task, task_name, toml_text
from transforms.feed.task_check import decoded, encoded

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.binary()
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.integers(), inner),
)


class Task:
    """A problem's folder, and its scripts with other places for /app and /logs."""

    def __init__(self, problem: dict[str, Any], folder: Path) -> None:
        self.folder = folder
        for path, content in harbor_task(problem, None).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)

    def run(self, script: str) -> None:
        places = {"APP_DIR": str(self.folder / "app"), "LOGS_DIR": str(self.folder / "logs")}
        subprocess.run(["bash", self.folder / script], env=os.environ | places, check=True)

    def reward(self, solution: str | None = None) -> str:
        """The reward of a solution, by default of the task's own."""
        self.run("solution/solve.sh")
        if solution is not None:
            (self.folder / "app/solution.py").write_text(solution)
        self.run("tests/test.sh")
        return (self.folder / "logs/verifier/reward.txt").read_text()


def test_the_reference_has_the_reward_and_an_empty_file_has_not(problems, tmp_path) -> None:
    for row in problems:
        task = Task(row, tmp_path / row["kind"])
        assert (task.reward(), task.reward("")) == ("1\n", "0\n"), row["kind"]


CHEATS = {
    "exits": "import os\nos._exit(0)\n",
    "leaves": "raise SystemExit\n",
    "equals everything": "class Any:\n    def __eq__(self, other):\n        return True\n\n"
    "def add(a, b):\n    return Any()\n",
    "int that equals": "class Any(int):\n    def __eq__(self, other):\n        return True\n\n"
    "def add(a, b):\n    return Any()\n",
    "prints": 'print(\'["int", "0x3"]\')\n\ndef add(a, b):\n    return 4\n',
    "almost": "def add(a, b):\n    return 3\n",
}


@pytest.mark.parametrize("name", CHEATS)
def test_what_cheats_has_no_reward(name: str, problems, tmp_path) -> None:
    assert Task(problems[0], tmp_path).reward(CHEATS[name]) == "0\n"


def test_no_solution_has_no_reward(problems, tmp_path) -> None:
    task = Task(problems[0], tmp_path)
    task.run("tests/test.sh")
    assert (tmp_path / "logs/verifier/reward.txt").read_text() == "0\n"


def test_a_hostile_title_stays_a_text(problems) -> None:
    row = problems[0]
    said = tomllib.loads(harbor_task(row, None)["task.toml"].decode())
    assert said["metadata"]["title"] == row["title"] and said["metadata"]["slug"] == row["slug"]
    assert said["task"]["name"] == f"quire/{task_name(row)}"
    assert task_name(row) == f"x-{row['problem_id']}"


def test_a_task_says_that_its_statement_needs_a_picture(problems) -> None:
    for needs in (True, False):
        task = harbor_task(problems[0] | {"needs_picture": needs}, None)
        said = tomllib.loads(task["task.toml"].decode())["metadata"]
        assert said.get("needs_picture", False) is needs


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_is_a_string_of_toml(text: str) -> None:
    assert tomllib.loads(f"a = {toml_text(text)}") == {"a": text}


@given(VALUES)
def test_values_cross_as_they_are(value: Any) -> None:
    assert repr(decoded(encoded(value))) == repr(value)


def test_modules_are_copied_and_distributions_installed(problems) -> None:
    row = problems[0] | {"requires": ["sortedcontainers", "numpy"]}
    task = harbor_task(row, b"PK")
    assert task["environment/modules.zip"] == b"PK"
    assert task["environment/Dockerfile"].decode().splitlines() == [
        "FROM python:3.12-slim",
        "WORKDIR /app",
        "RUN pip install --no-cache-dir numpy sortedcontainers",
        "COPY modules.zip /opt/modules.zip",
        "ENV PYTHONPATH=/opt/modules.zip",
    ]


def test_no_task_without_a_check_or_with_an_odd_name(problems) -> None:
    assert has_task(problems[0])
    assert not has_task(problems[0] | {"test": None})
    assert not has_task(problems[0] | {"requires": ["a && rm -rf /"]})
