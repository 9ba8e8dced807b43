"""README says what the code is: its picture, its table of datasets, its help, its rules."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from schemas import DATASETS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PACKAGES = ("schemas", "transforms", "pipelines")
MODULES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))


def block(mark: str) -> str:
    """The fenced block or table after `<!-- mark -->`."""
    after = README.split(f"<!-- {mark} -->\n")[1].lstrip("\n")
    if after.startswith("```"):
        return after.split("```")[1].split("\n", 1)[1]
    return after.split("\n\n")[0] + "\n"


def house() -> set[str]:
    """What a newcomer sees: the files and folders of the packages, and the open sets' files."""
    seen = set()
    for path in MODULES:
        place = path.relative_to(ROOT)
        if place.name != "__init__.py":
            seen.add(str(place) if len(place.parts) == 2 else f"{place.parent}/")
    seen |= {f"{path.relative_to(ROOT)}/" for path in ROOT.glob("tests/*") if has_files(path)}
    return seen | {
        f"{path.relative_to(ROOT)}{'/' * path.is_dir()}" for path in ROOT.glob("infra/*")
    }


def has_files(folder: Path) -> bool:
    return folder.is_dir() and any(folder.glob("*.py"))


def pictured() -> set[str]:
    """The paths of the picture: a line that is not indented names a folder, one below it a file."""
    paths, folder = set(), ""
    for line in filter(None, block("the house").split("\n")):
        name = line.split()[0]
        if not line.startswith(" "):
            folder = name
        else:
            paths.add(folder + name)
    return paths


def test_the_picture_is_the_house() -> None:
    assert pictured() == house()


def test_the_table_is_the_datasets() -> None:
    rows = [f"| `{d.name}` | {d.row} | {d.stage} |" for d in DATASETS]
    head = ["| dataset | a row is | written by |", "|---|---|---|"]
    assert block("datasets").splitlines() == head + rows


def test_the_help_is_the_programs() -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "100"},
    )
    assert block("help") == answer.stdout


def test_the_commands_are_scripts_that_exist() -> None:
    scripts = re.findall(r"^bash (\S+)", README, re.MULTILINE)
    assert scripts[:2] == ["infra/install.sh", "tests/run.sh"]
    assert all(os.access(ROOT / script, os.R_OK) for script in scripts)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_in_one_line_what_it_is(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text())) or ""
    assert docstring.split("\n")[0].endswith("."), "the first line is a sentence"


def test_the_wheel_holds_the_three_packages_alone() -> None:
    top = {path.name for path in ROOT.iterdir() if (path / "__init__.py").exists()}
    assert top == set(PACKAGES)
    assert all((ROOT / name / "py.typed").exists() for name in PACKAGES)
