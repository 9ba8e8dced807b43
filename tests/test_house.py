"""The rules of the house: what README says of it, its names, its folders, what text names in it."""

import ast
import os
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines import COMMANDS
from schemas import DATASETS
from schemas.runs import EVERY_STAGE
from tests.support import named

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PACKAGES = ("schemas", "transforms", "pipelines")
MODULES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))


def fenced(heading: str) -> str:
    """The fenced block of README below a heading."""
    return README.split(f"\n## {heading}\n")[1].split("```")[1].partition("\n")[2]


def pictured() -> set[str]:
    """The folders of the picture of the house.

    A line begins with a folder, or with several beside one another; indentation is depth. What its
    text names (`sources/:`) stands in the folder. Files are not in it.
    """
    folders: set[str] = set()
    above: list[str] = []
    for line in filter(str.strip, fenced("Layout").split("\n")):
        depth = (len(line) - len(line.lstrip())) // 2
        names = re.match(r"(?:[a-z_]+/ ?)+", line.lstrip())
        assert names, line
        beside = names[0].split()
        path = "".join(above[:depth])
        above[depth:] = [beside[-1]]
        folders |= {path + name for name in beside}
        within = re.findall(r"\b[a-z_]+/", line.lstrip()[names.end() :])
        assert len(beside) == 1 or not within, line
        folders |= {path + beside[0] + name for name in within}
    return folders


def house() -> set[str]:
    """The folders that the picture may not lack."""
    top = {path.split("/")[0] for path in tracked() if "/" in path and path[0] != "."}
    packages = [p for place in ("transforms", "transforms/lib") for p in (ROOT / place).iterdir()]
    below = {str(path.relative_to(ROOT)) for path in packages if (path / "__init__.py").is_file()}
    return {f"{folder}/" for folder in top | below | {"pipelines/running"}}


def test_the_picture_is_of_folders_that_exist() -> None:
    assert not {folder for folder in pictured() if not (ROOT / folder).is_dir()}


def test_the_picture_lacks_no_folder_that_matters() -> None:
    assert house() <= pictured()


# They have a folder in transforms each: what works on DATA, and what works on samples.
STAGES = [command.name for command in COMMANDS if command.is_stage or command.kind == "samples"]


def test_the_pictures_are_of_all_stages() -> None:
    stages = {folder for folder in pictured() if re.fullmatch("transforms/[a-z]+/", folder)}
    beside = {f"transforms/{name}/" for name in {"lib", *named.BESIDE_STAGES}}
    assert stages - beside == {f"transforms/{stage}/" for stage in STAGES}
    # `sample` reads and writes files of its user's.
    arrows = re.findall("─([a-z]+)─", fenced("Data flow"))
    assert sorted(arrows) == sorted(set(STAGES) - {"sample"})


LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("place", ["README.md", "CONTRIBUTING.md"])
def test_links_lead_to_files(place: str) -> None:
    links = [link for link in LINK.findall((ROOT / place).read_text()) if "://" not in link]
    assert links
    assert not [link for link in links if not (ROOT / link.partition("#")[0]).exists()]


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


DATA = {".parquet", ".xz"}
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
    assert not [path for path in tracked() if Path(path).stem in WORTHLESS]


def test_a_stage_has_one_name() -> None:
    """For its command, its transforms, its tests and what it writes."""
    for stage in STAGES:
        assert (ROOT / "pipelines" / f"{stage}.py").is_file()
        assert (ROOT / "transforms" / stage / "__init__.py").is_file()
        # It has no pipeline: a client of one endpoint asks it for one text after the other.
        if stage != "sample":
            assert (ROOT / "transforms" / stage / "stage.py").is_file()
            assert (ROOT / "tests" / "transforms" / stage / "test_stage.py").is_file()
    assert set(STAGES) == named.STAGES
    assert {c.name for c in COMMANDS if c.kind == "tool"} >= named.BESIDE_STAGES
    assert {command.name for command in COMMANDS} == named.COMMANDS
    assert {dataset.stage for dataset in DATASETS} - {EVERY_STAGE} <= named.STAGES
    rejects = {d.name: d.stage for d in DATASETS if d.name.startswith("rejects/")}
    assert rejects == {f"rejects/{stage}": stage for stage in rejects.values()}


EVERYWHERE = {"__init__.py", "stage.py", "units.py"}
# Files with two meanings today. The list must shrink, and get no new name.
FILES_TWICE = {"stoplist.py"}


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
    found = {name: files for name, files in twice.items() if name not in of_data_sets}
    assert found.keys() == FILES_TWICE, found


def test_a_class_name_is_used_once() -> None:
    twice = places(
        (node.name, path)
        for path in code()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
    )
    assert not twice


ROW = re.compile(r"^\| [^|]+ \| `(\S+/)` \| its `([A-Z_]+)` \|$", re.MULTILINE)
# The folders of README's table of open sets, each with the tuple in its __init__.
OPEN_SETS = dict(ROW.findall(README.split("\n## Sixteen ways to extend it\n")[1].split("\n## ")[0]))
SETS = [ROOT / folder / "__init__.py" for folder in OPEN_SETS]


def members(init: Path) -> set[str]:
    """The modules of an open set that a tuple of its __init__ names, or names a member of."""
    package = ".".join(init.parent.relative_to(ROOT).parts)
    tree = ast.parse(init.read_text())
    modules = {
        alias.asname or alias.name: (node.module or "").removeprefix(f"{package}.")
        if node.module != package
        else alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(package)
        for alias in node.names
    }
    values = [n.value for n in tree.body if isinstance(n, ast.Assign | ast.AnnAssign)]
    names = [n for value in values for n in ast.walk(value)]
    return {modules[n.id] for n in names if isinstance(n, ast.Name) and n.id in modules}


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


def test_the_table_has_the_open_sets() -> None:
    sets = (
        "DETECTORS EVAL_SETS EXPORTS FILTERS FORMATS JUDGES LAYOUTS OPERATORS OUTPUTS RECIPES "
        "SECTIONS SHAPES SOURCES TIERS"
    )
    assert sorted(OPEN_SETS.values()) == sets.split()
    for init, name in zip(SETS, OPEN_SETS.values(), strict=True):
        node = named.names_in(init)[name]
        assert isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Tuple)
    assert list((ROOT / "pipelines" / "queries").glob("*.sql"))
    assert "COMMANDS" in named.names_in(ROOT / "pipelines")


TESTS = sorted(path for name in PACKAGES for path in (ROOT / "tests" / name).rglob("test_*.py"))
# What is tested from several sides has tests by these, not by its modules.
SIDES = {
    "tests/transforms/ci": {"hostile_suites"},
    "tests/transforms/ci/recipes": {"odd_configurations"},
    "tests/transforms/contests/formats": {"hostile"},
    "tests/transforms/feed": {"reference_training", "token_readers"},
    "tests/transforms/lib/python": {"hashed_tokens"},
    "tests/transforms/lib/records": {"endless_lines"},
    "tests/transforms/lib/sandbox": {"attacks", "calls", "check", "programs", "survivors"},
    "tests/transforms/verify": {"ci_problems", "hostile"},
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
