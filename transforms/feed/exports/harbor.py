"""`harbor`: a folder for each problem, in Harbor's task format (harborframework.com/docs/tasks).

An agent reads instruction.md in a container of environment/Dockerfile and writes /app/solution.py.
Then tests/test.sh writes the reward, 1 or 0, to /logs/verifier/reward.txt.
"""

import json
import re
from pathlib import Path
from typing import Any

import pyarrow as pa

from schemas.exports import EXPORTS_HARBOR
from transforms.feed.exports.conversation import fenced

# The image of Docker's own; its minor release decides which syntax solutions may have.
IMAGE = "python:3.12-slim"
LENT_PLACE = "/opt/modules.zip"
CHECK_FILE = Path(__file__).parents[1] / "task_check.py"
CHECKED = ("kind", "entry_point", "harness", "test")  # columns that the check reads
DISTRIBUTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
SAID = ("problem_id", "source", "repo", "licence_spdx")  # columns of `exports/harbor`
MAX_SLUG = 40  # characters of a folder's name before the problem_id
SOLVE = """#!/bin/bash
# Writes the reference solution.
set -euo pipefail
mkdir -p "${APP_DIR:-/app}"
cp "$(dirname "${BASH_SOURCE[0]}")/solution.py" "${APP_DIR:-/app}/solution.py"
"""
TEST = """#!/bin/bash
# Writes the reward: 1 if the solution passes the problem's check, else 0.
tests="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
logs="${LOGS_DIR:-/logs}/verifier"
mkdir -p "$logs"
if python3 "$tests/check.py" "${APP_DIR:-/app}/solution.py"; then
  echo 1 > "$logs/reward.txt"
else
  echo 0 > "$logs/reward.txt"
fi
"""


def harbor_rows(problems: pa.Table, splits: pa.StringArray) -> pa.Table:
    """The rows of `exports/harbor` for those problems of which a task can be made."""
    rows = [
        {name: problem[name] for name in SAID} | {"task": task_name(problem), "split": split}
        for problem, split in zip(problems.to_pylist(), splits.to_pylist(), strict=True)
        if has_task(problem)
    ]
    return pa.Table.from_pylist(rows, EXPORTS_HARBOR.schema)


def has_task(problem: dict[str, Any]) -> bool:
    """Whether a task can be made of a row of `problems`.

    It needs a check, and what the problem requires must be names of distributions.
    """
    names = problem["requires"] or []
    return problem["test"] is not None and all(map(DISTRIBUTION.fullmatch, names))


def task_name(problem: dict[str, Any]) -> str:
    """The name of a problem's folder: what is plain of its slug or title, and its problem_id."""
    text = (problem["slug"] or problem["title"] or problem["source"] or "").rpartition("/")[2]
    return f"{_plain(text)[:MAX_SLUG].strip('-') or 'problem'}-{_plain(problem['problem_id'])}"


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower())


def task_files(problem: dict[str, Any], lent_zip: bytes | None) -> dict[str, bytes]:
    """The files of a problem's folder by their paths, the folder first; none if it has no task.

    Arguments are those of `harbor_task`.
    """
    if not has_task(problem):
        return {}
    name, files = task_name(problem), harbor_task(problem, lent_zip)
    return {f"{name}/{path}": content for path, content in files.items()}


def harbor_task(problem: dict[str, Any], lent_zip: bytes | None) -> dict[str, bytes]:
    """The files of a problem's folder, by their paths in it; the problem is a row of `problems`.

    `lent_zip` is the zip of modules that it imports from, if its row names an `environment`.
    """
    checked = {name: problem[name] for name in CHECKED}
    texts = {
        "instruction.md": _instruction(problem),
        "task.toml": _task_toml(problem),
        "environment/Dockerfile": _dockerfile(problem["requires"] or [], lent_zip is not None),
        "tests/test.sh": TEST,
        "tests/check.py": CHECK_FILE.read_text(),
        "tests/problem.json": json.dumps(checked, ensure_ascii=False, indent=1) + "\n",
        "solution/solve.sh": SOLVE,
        "solution/solution.py": _reference(problem),
    }
    files = {path: text.encode() for path, text in texts.items()}
    return files | ({"environment/modules.zip": lent_zip} if lent_zip is not None else {})


def _reference(problem: dict[str, Any]) -> str:
    """The reference solution as a whole program."""
    return str(problem["prompt"] + problem["canonical_solution"])


def _instruction(problem: dict[str, Any]) -> str:
    task = (
        "reads standard input and writes standard output, as this text says:"
        if problem["kind"] == "stdio"
        else f"defines `{problem['entry_point']}`, as its docstring says:"
    )
    return (
        f"Write the file `/app/solution.py`: a Python program that {task}\n\n"
        f"{fenced(problem['prompt'])}\n\n"
        "The file is to be complete, with all imports and definitions that it needs.\n"
    )


def _task_toml(problem: dict[str, Any]) -> str:
    """Schema 1.1. The agent decides about its own network; the tests have none."""
    said = ("problem_id", "source", "title", "slug", "url", "repo", "commit", "path", "kind")
    metadata = {name: problem[name] for name in (*said, "difficulty", "licence_spdx")}
    lines = [f"{name} = {toml_text(value)}" for name, value in metadata.items() if value]
    if problem["needs_picture"]:
        lines.append("needs_picture = true")
    return "\n".join(
        [
            'schema_version = "1.1"',
            f"\n[task]\nname = {toml_text('quire/' + task_name(problem))}",
            'keywords = ["python", "programming"]',
            '\n[metadata]\ncategory = "programming"',
            *lines,
            '\n[verifier]\ntimeout_sec = 120.0\nnetwork_mode = "no-network"',
            "\n[agent]\ntimeout_sec = 900.0",
            "\n[environment]\nbuild_timeout_sec = 600.0\ncpus = 1\nmemory_mb = 2048",
            "storage_mb = 10240\n",
        ]
    )


def toml_text(text: str) -> str:
    r"""A text as a basic string of TOML, in one line.

    >>> print(toml_text('a "b"\n'))
    "a \"b\"\n"
    """
    # JSON's escapes are TOML's; what TOML forbids beyond them is U+007F.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _dockerfile(requires: list[str], lends: bool) -> str:
    lines = [f"FROM {IMAGE}", "WORKDIR /app"]
    if requires:
        lines.append(f"RUN pip install --no-cache-dir {' '.join(sorted(requires))}")
    if lends:
        lines += [f"COPY modules.zip {LENT_PLACE}", f"ENV PYTHONPATH={LENT_PLACE}"]
    return "\n".join(lines) + "\n"
