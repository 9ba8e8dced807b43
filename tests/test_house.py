"""The rules of the house: what README says of it, its names, its folders, what text names in it."""

import ast
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines import SAMPLED, STAGES
from schemas import DATASETS
from tests.support import named

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


DATA = {".parquet"}
WRONG_ON_PURPOSE = {"tests/support/test_named.py"}


def tracked() -> list[str]:
    """The files of the project, those that are new among them, by their paths."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    paths = set(filter(None, answer.stdout.split("\0"))) - WRONG_ON_PURPOSE
    return sorted(p for p in paths if (ROOT / p).is_file() and Path(p).suffix not in DATA)


@pytest.mark.parametrize("place", tracked())
def test_what_text_names_is_there_and_below(place: str) -> None:
    """Strings, comments, configuration and prose name modules and files that exist, and none above."""
    faults = named.faults((ROOT / place).read_text(), place)
    assert not faults, "\n".join(faults)


WORTHLESS = {"utils", "util", "base", "common", "config", "helpers", "misc"}


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert not [path for path in ROOT.glob("*/**/*.py") if path.stem in WORTHLESS]


def test_a_stage_has_one_name() -> None:
    """For its command, its transforms, its tests and what it writes."""
    for stage in (*STAGES, *SAMPLED):
        assert (ROOT / "pipelines" / f"{stage}.py").is_file()
        assert (ROOT / "transforms" / stage / "__init__.py").is_file()
        # It has no pipeline: a client of one endpoint asks it for one text after the other.
        if stage != "sample":
            assert (ROOT / "transforms" / stage / "stage.py").is_file()
            assert (ROOT / "tests" / "transforms" / stage / "test_stage.py").is_file()
    assert {*STAGES, *SAMPLED} == named.STAGES
    assert {dataset.stage for dataset in DATASETS} <= named.STAGES
    rejects = {d.name: d.stage for d in DATASETS if d.name.startswith("rejects/")}
    assert rejects == {f"rejects/{stage}": stage for stage in rejects.values()}


EVERYWHERE = {"__init__.py", "stage.py", "units.py"}
# What has two meanings today. These lists must shrink, and get no new name.
FILES_TWICE = {
    "landlock.py",
    "preflight.py",
    "results.py",
    "rules.py",
    "stoplist.py",
    "task.py",
}
CLASSES_TWICE = {
    "Answer",
    "Case",
    "ExtractUnit",
    "Found",
    "Harness",
    "NameComponents",
    "Names",
    "Needs",
    "Rule",
    "Sample",
    "Table",
    "Told",
    "Tree",
    "Trial",
}


def places(names: Iterator[tuple[str, Path]]) -> dict[str, set[str]]:
    """The names that stand in several files, and these."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, path in names:
        found[name].add(str(path.relative_to(ROOT)))
    return {name: files for name, files in found.items() if len(files) > 1}


def code() -> Iterator[Path]:
    """The modules in which a name is used for one thing; a schema has the name of its dataset."""
    return (path for path in MODULES if path.relative_to(ROOT).parts[0] != "schemas")


def test_a_file_name_is_used_once() -> None:
    """But for the files that every stage has, and a data set read in two ways."""
    twice = places((path.name, path) for path in code() if path.name not in EVERYWHERE)
    readers = {"transforms/contests/formats", "transforms/lib/eval_sets"}
    of_data_sets = {
        n for n, files in twice.items() if {str(Path(f).parent) for f in files} == readers
    }
    assert not {n: f for n, f in twice.items() if n not in of_data_sets | FILES_TWICE}


def test_a_class_name_is_used_once() -> None:
    twice = places(
        (node.name, path)
        for path in code()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    )
    assert not {name: files for name, files in twice.items() if name not in CLASSES_TWICE}


OPEN_SETS = (
    "detectors",
    "eval_sets",
    "exports",
    "filters",
    "formats",
    "recipes",
    "sources",
    "tiers",
)
SETS = sorted(p for name in OPEN_SETS for p in (ROOT / "transforms").glob(f"**/{name}/__init__.py"))


def members(init: Path) -> set[str]:
    """The modules of an open set that a tuple of its __init__ names."""
    package = ".".join(init.parent.relative_to(ROOT).parts)
    tree = ast.parse(init.read_text())
    modules = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module == package
        for alias in node.names
    }
    values = [n.value for n in tree.body if isinstance(n, ast.Assign | ast.AnnAssign)]
    names = [n for v in values if isinstance(v, ast.Tuple) for n in ast.walk(v)]
    return modules & {node.id for node in names if isinstance(node, ast.Name)}


def supporting(init: Path) -> set[str]:
    """The modules of an open set that others of it import names from."""
    package = ".".join(init.parent.relative_to(ROOT).parts)
    return {
        (node.module or "").removeprefix(f"{package}.")
        for path in init.parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{package}.")
    }


@pytest.mark.parametrize("init", SETS, ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_an_open_set_is_a_folder_with_a_tuple(init: Path) -> None:
    """A file that is neither named in the tuple nor imported by one that is would do nothing."""
    assert members(init)
    files = {path.stem for path in init.parent.glob("*.py")} - {"__init__"}
    assert files <= members(init) | supporting(init)


def test_there_are_open_sets() -> None:
    assert {path.parent.name for path in SETS} >= {
        "sources",
        "filters",
        "formats",
        "eval_sets",
        "tiers",
    }


TESTS = sorted(path for name in PACKAGES for path in (ROOT / "tests" / name).rglob("test_*.py"))
# What is tested from several sides has tests by these, not by its modules.
SIDES = {
    "tests/transforms/contests/formats": {"hostile"},
    "tests/transforms/lib/sandbox": {"attacks", "calls", "check", "programs", "survivors"},
    "tests/transforms/verify": {"hostile"},
}


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_tests_stand_where_the_code_does(path: Path) -> None:
    """test_X.py tests X.py or X/ of the same folder, or a whole folder X."""
    folder = ROOT / path.parent.relative_to(ROOT / "tests")
    assert folder.is_dir()
    name = path.stem.removeprefix("test_")
    sides = SIDES.get(str(path.parent.relative_to(ROOT)), set())
    is_there = (folder / f"{name}.py").exists() or (folder / name).is_dir()
    assert is_there or name == folder.name or name in sides
