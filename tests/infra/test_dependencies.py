"""Every imported module is declared in pyproject.toml, and requirements.lock names its version."""

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
PACKAGES = ("schemas", "transforms", "pipelines")
# Modules beside the programs of tests/bench, which are run by their paths.
OWN = {*PACKAGES, "tests", *(path.stem for path in (ROOT / "tests" / "bench").iterdir())}
# What is sent into a project's sandbox imports what that project has installed, and itself.
SENT = ROOT / "transforms/ci/inside"
PYTHONS = ("3.11", "3.12", "3.13")
LOCK = [
    Requirement(line)
    for line in (ROOT / "requirements.lock").read_text().splitlines()
    if line and not line.lstrip().startswith("#")
]


def requirements(*extras: str) -> list[Requirement]:
    """The direct dependencies of quire, and those of some extras."""
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in EXTRAS[extra])]
    return [Requirement(line) for line in lines]


def applies(requirement: Requirement, python: str) -> bool:
    """Whether a requirement is one of a Python on Linux, without extras."""
    environment = {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    return requirement.marker is None or requirement.marker.evaluate(environment)


def locked(python: str) -> dict[str, Version]:
    """The version of every package that the lock names for a Python."""
    pins: dict[str, Version] = {}
    for pin in LOCK:
        if applies(pin, python):
            name = canonicalize_name(pin.name)
            assert name not in pins, f"{name} is locked twice for Python {python}"
            pins[name] = Version(str(pin.specifier).removeprefix("=="))
    return pins


def fits(requirement: Requirement, version: Version | None) -> bool:
    return version is not None and requirement.specifier.contains(version, prereleases=True)


def imports(folders: tuple[str, ...]) -> dict[str, str]:
    """Top-level modules of others that are imported, each with a file that does."""
    found: dict[str, str] = {}
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    for path in sorted(path for path in paths if path.parent != SENT):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                # Parts of `google` belong to different distributions.
                top = name if name.startswith("google.") else name.split(".")[0]
                if top not in sys.stdlib_module_names and top not in OWN:
                    found.setdefault(top, str(path.relative_to(ROOT)))
    return found


def distributions(module: str) -> set[str]:
    """Names of the distributions that a module comes from."""
    if module.startswith("google."):
        folder = module.replace(".", "/") + "/"
        return {
            canonicalize_name(each.name)
            for each in metadata.distributions()
            if any(str(file).startswith(folder) for file in each.files or ())
        }
    names = metadata.packages_distributions().get(module, [module.replace("_", "-")])
    return {canonicalize_name(name) for name in names}


# What a user installs for a part of quire, and what tests of that part need beside it; a module of
# these need not be installed here, and then has the name of its distribution.
OPTIONAL = ("attestations", "ruff", "tokenizers", "torch")
TESTS = (*OPTIONAL, "test", "test-training")


@pytest.mark.parametrize(
    ("folders", "extras"),
    [(PACKAGES, OPTIONAL), (("tests", "infra"), TESTS)],
    ids=["code", "tests"],
)
def test_every_import_is_declared(folders: tuple[str, ...], extras: tuple[str, ...]) -> None:
    declared = {canonicalize_name(each.name) for each in requirements(*extras)}
    for module, path in imports(folders).items():
        assert distributions(module) & declared, f"{path} imports {module}: declare what has it"


def test_direct_dependencies_have_bounds() -> None:
    for requirement in requirements(*EXTRAS):
        operators = {part.operator for part in requirement.specifier}
        assert operators & {"<", "=="}, f"{requirement} has no upper bound"


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_satisfies_the_project(python: str) -> None:
    pins = locked(python)
    for requirement in requirements(*EXTRAS):
        if applies(requirement, python):
            version = pins.get(canonicalize_name(requirement.name))
            assert fits(requirement, version), f"{requirement}, but locked: {version}"


def test_the_lock_is_whole() -> None:
    """What a locked package needs is locked too, for the Python that runs this."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    pins = locked(python)
    for name in pins:
        try:
            needed = metadata.distribution(name).requires or []
        except metadata.PackageNotFoundError:  # of an extra that is not installed
            continue
        for requirement in map(Requirement, needed):
            if applies(requirement, python):
                version = pins.get(canonicalize_name(requirement.name))
                assert fits(requirement, version), f"{name} needs {requirement}, locked: {version}"


def test_what_is_installed_is_what_is_locked() -> None:
    """Else the bytes of datasets may be others; `bash infra/install.sh '[test]'` puts it right."""
    pins = locked(f"{sys.version_info.major}.{sys.version_info.minor}")
    installed = {
        canonicalize_name(each.name): Version(each.version) for each in metadata.distributions()
    }
    for name in ("pip", "setuptools"):  # what installs, and what Python 3.11 brings along
        pins.pop(name)
    others = {
        name: version for name, version in installed.items() if pins.get(name, version) != version
    }
    assert not others


def test_the_lock_is_a_file_of_constraints() -> None:
    """pip takes no extras there; and no index's address belongs into it."""
    text = (ROOT / "requirements.lock").read_text()
    assert all(not pin.extras and str(pin.specifier).startswith("==") for pin in LOCK)
    assert "://" not in text and not re.search(r"^-", text, re.MULTILINE)
    assert "-c requirements.lock" in (ROOT / "infra" / "install.sh").read_text()
    assert "-c /requirements.lock" in (ROOT / "infra" / "Dockerfile").read_text()
