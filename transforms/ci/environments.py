"""Environments of projects: which interpreter, which index, and the commands that make them."""

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from uv import find_uv_bin

from transforms.ci.commands import COVERAGE_VALUES, LINTERS, PYTEST_FLAGS, PYTEST_VALUE_OPTIONS
from transforms.ci.package_proxy import PORT
from transforms.ci.project_tree import ProjectTree
from transforms.ci.recipe import ROOT, TEMPORARY, Recipe
from transforms.ci.versions import PREFERRED, as_numbers

ENVIRONMENT, TREE, TOOLS = "/sandbox/environment", "/sandbox/tree", "/sandbox/tools"
BUILD_SECONDS, TEST_SECONDS = 300, 300
OLDEST = (3, 6)  # of the interpreters that are used
DAYS_AFTER = 30  # a project's own time ends so many days after its commit
# What virtual environments brought along when most projects were written.
BASE = ("pip", "setuptools<81", "wheel")
# Newer than what old projects pin: versions that run on the preferred interpreter.
HYGIENE = (
    "pytest>=8,<9",
    "pytest-cov>=5",
    "coverage>=7",
    "hypothesis>=6",
    "setuptools<81",
    "numpy>=1.26",
    "pyyaml>=6",
    "attrs>=22",
    "mock>=4",
    "lxml>=5",
    "cython>=3",
)
# Never what tests need, and often what cannot be built any more.
EXCLUDED = (
    *(
        "pytest-flake8",
        "pytest-pep8",
        "pytest-mypy",
        "pytest-black",
        "pytest-isort",
        "pytest-pylint",
    ),
    *(
        "mypy",
        "typed-ast",
        "flake8",
        "pylint",
        "black",
        "isort",
        "pre-commit",
        "coveralls",
        "codecov",
    ),
    *("python-coveralls", "tox-travis", "pytest-travis-fold", "codacy-coverage", "sphinx", "twine"),
)
BUILD_CONSTRAINTS = ("setuptools<81",)
OLD_BUILD_CONSTRAINTS = ("setuptools<58", "cython<3")
# Bound by date these would be too old for the interpreter, or for their own index.
UNBOUND = ("setuptools", "wheel", "pip")
NOTHING = sorted(
    LINTERS | {"apt-get", "apt", "codecov", "coveralls", "tox", "nox", "docker", "brew"}
)
SCM = re.compile(
    r"setuptools[_-]scm|hatch-vcs|setuptools-git-versioning|versioningit|pbr|dynamic-versioning"
)


@dataclass(frozen=True)
class Rung:
    """One way to make an environment: `before` bounds the index by a date."""

    name: str
    python: str
    hygiene: bool = False
    before: date | None = None


def interpreters(folders: Sequence[str] = ()) -> dict[str, str]:
    """The interpreters of this machine, by version: the path of each one's binary.

    They are found in the folders that are named, in pyenv's and uv's stores, and on PATH.
    """
    found: dict[str, str] = {}
    for binary in _binaries(folders):
        match = re.fullmatch(r"python(3\.\d+)", os.path.basename(binary))
        if match and as_numbers(match[1]) >= OLDEST and os.access(binary, os.X_OK):
            found.setdefault(match[1], os.path.realpath(binary))
    return dict(sorted(found.items(), key=lambda pair: as_numbers(pair[0])))


def _binaries(folders: Sequence[str]) -> Iterator[str]:
    home = Path.home()
    stores = [*map(Path, folders), home / ".pyenv/versions", home / ".local/share/uv/python"]
    for store in stores:
        yield from map(str, sorted(store.glob("*/bin/python3.*"), reverse=True))
        yield from map(str, sorted(store.glob("bin/python3.*")))
    for folder in os.environ.get("PATH", "").split(":"):
        yield from map(str, sorted(Path(folder or ".").glob("python3.*")))
    yield f"{sys.base_prefix}/bin/python{sys.version_info.major}.{sys.version_info.minor}"


def ladder(recipe: Recipe, available: Sequence[str], committed: date | None) -> list[Rung]:
    """The attempts for a recipe, in order: what went green most often comes first."""
    usable = [version for version in available if as_numbers(version) <= as_numbers(PREFERRED)]
    newest = max(usable or list(available), key=as_numbers)
    rungs = [Rung("today", newest), Rung("hygiene", newest, hygiene=True)]
    bound = committed + timedelta(days=DAYS_AFTER) if committed else None
    named = recipe.python_named
    if named and as_numbers(named) < as_numbers(newest):
        older = [version for version in usable if as_numbers(version) <= as_numbers(named)]
        if older := older or [usable[0]] if named.startswith("3") else older:
            rungs.append(Rung("named", max(older, key=as_numbers), before=bound))
    if bound:
        rungs.append(Rung("dated", newest, before=bound))
    return rungs


@cache
def uv_binary() -> str:
    """The path of uv, which comes with quire."""
    return os.path.realpath(find_uv_bin())


def build_order(
    recipe: Recipe, rung: Rung, tree: ProjectTree, python: str, socket: str, version: str | None
) -> dict[str, Any]:
    """The order to the driver that makes the environment of a recipe."""
    uv = uv_binary()
    install = [uv, "pip", "install", "--python", f"{ENVIRONMENT}/bin/python"]
    requirements = _requirements(recipe, tree)
    project = _project(recipe, tree)
    steps: list[dict[str, Any]] = [
        {"name": "venv", "argv": [uv, "venv", "-q", "--python", python, ENVIRONMENT]},
        {"name": "install", "argv": [*install, *BASE, *requirements, *project]},
    ]
    script = f"import site; open(site.getsitepackages()[0] + '/quire.pth', 'w').write({PTH!r})"
    steps.append({"name": "tools", "argv": [f"{ENVIRONMENT}/bin/python", "-c", script]})
    for words in recipe.install_commands:
        steps.append({"name": "own", "argv": placed(words), "may_fail": True})
    files = {
        "override.txt": "\n".join(HYGIENE if rung.hygiene else ()),
        "exclude.txt": "\n".join(EXCLUDED if rung.hygiene else ()),
        "build.txt": "\n".join(
            OLD_BUILD_CONSTRAINTS if as_numbers(rung.python) < (3, 10) else BUILD_CONSTRAINTS
        ),
    }
    return {
        "do": "build",
        "steps": steps,
        "index": socket,
        "port": PORT,
        "seconds": BUILD_SECONDS,
        "tools": files | shims(),
        "freeze": [uv, "pip", "freeze", "--python", f"{ENVIRONMENT}/bin/python"],
        "keep_tree": recipe.project == "editable" or bool(recipe.install_commands),
        "env": _build_variables(recipe, rung, tree, version),
    }


PTH = f"import sys; sys.path.append('{TOOLS}'); import quire_tracer\n"


def _build_variables(
    recipe: Recipe, rung: Rung, tree: ProjectTree, version: str | None
) -> dict[str, str]:
    env = {
        "UV_DEFAULT_INDEX": f"http://127.0.0.1:{PORT}/simple",
        "UV_NO_CONFIG": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_CACHE_DIR": "/sandbox/uv-cache",
        "UV_LINK_MODE": "hardlink",
        "UV_HTTP_TIMEOUT": "120",
        "UV_NO_PROGRESS": "1",
        "UV_BUILD_CONSTRAINT": f"{TOOLS}/build.txt",
        "PIP_INDEX_URL": f"http://127.0.0.1:{PORT}/simple",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "QUIRE_SHIM": shim_settings(tree, "build"),
    }
    if rung.hygiene:
        env |= {"UV_OVERRIDE": f"{TOOLS}/override.txt", "UV_EXCLUDE": f"{TOOLS}/exclude.txt"}
    if rung.before:
        env["UV_EXCLUDE_NEWER"] = rung.before.isoformat()
        far = "2100-01-01"
        env["UV_EXCLUDE_NEWER_PACKAGE"] = " ".join(f"{name}={far}" for name in UNBOUND)
    return (
        env
        | _version_variables(tree, version)
        | {name: placed([value])[0] for name, value in recipe.env.items() if name != "PYTHONPATH"}
    )


def _version_variables(tree: ProjectTree, version: str | None) -> dict[str, str]:
    """What a build takes as the version where it would ask git, which is not there."""
    texts = " ".join(
        tree.texts.get(name, "") for name in ("pyproject.toml", "setup.cfg", "setup.py")
    )
    if not SCM.search(texts):
        return {}
    named = version if version and re.fullmatch(r"\d[\w.]*", version) else "1.0"
    project = tree.name
    suffix = f"_FOR_{re.sub(r'[-_.]+', '_', project).upper()}" if project else ""
    return {f"SETUPTOOLS_SCM_PRETEND_VERSION{suffix}": named, "PBR_VERSION": named}


def _requirements(recipe: Recipe, tree: ProjectTree) -> list[str]:
    words: list[str] = []
    for dep in recipe.deps:
        option, _, value = dep.partition(" ")
        if option in ("-r", "-c") and value:
            if tree.exists(placed([value])[0].removeprefix(f"{TREE}/")):
                words += [option, *placed([value])]
        else:
            words.append(dep)
    uses_pytest = any("pytest" in words_ for words_ in recipe.commands) or not recipe.commands
    if uses_pytest and not any(re.match(r"pytest\b", dep) for dep in recipe.deps):
        words.append("pytest")
    return words


def _project(recipe: Recipe, tree: ProjectTree) -> list[str]:
    if recipe.project == "none" or not tree.is_installable:
        return []
    extras = sorted(
        {each for extra in recipe.extras for each in ([extra] if extra != "*" else tree.extras)}
    )
    groups = sorted(
        {g for group in recipe.groups for g in ([group] if group != "*" else tree.groups)}
    )
    place = f".[{','.join(extras)}]" if extras else "."
    words = ["-e", place] if recipe.project == "editable" else [place]
    return [
        *words,
        *(word for group in groups if group in tree.groups for word in ("--group", group)),
    ]


def shims() -> dict[str, str]:
    """The programs that stand on PATH before the environment's own, by their path in the tools."""
    text = (Path(__file__).parent / "inside/shim.py").read_text()
    names = ("pytest", "py.test", "coverage", "pip", "pip3", "python", "python3", "nosetests")
    runners = ("sudo", "travis_retry", "xvfb-run", "poetry", "pipenv", "pdm", "hatch", "uv")
    return {f"bin/{name}": text for name in (*names, *runners, *NOTHING)}


def shim_settings(tree: ProjectTree, phase: str) -> str:
    """What the programs on PATH need to know, as JSON."""
    return json.dumps(
        {
            "phase": phase,
            "uv": uv_binary(),
            "pytest_values": sorted(PYTEST_VALUE_OPTIONS),
            "pytest_flags": sorted(PYTEST_FLAGS),
            "pytest_options": pytest_options(tree),
            "coverage_values": sorted(COVERAGE_VALUES),
            "nothing": NOTHING,
            "setup_test": placed(tree.setup_test().words),
        }
    )


def pytest_options(tree: ProjectTree) -> list[str]:
    """Options that undo what the configuration of pytest adds to every run, and is no test."""
    added = tree.pytest_added_options()
    kept = tree.without_measuring(added)
    options = ["-o", f"cache_dir=/sandbox/tmp/pytest"]
    return [*options, "-o", f"addopts={' '.join(kept)}"] if kept != added else options


def test_order(
    recipe: Recipe, tree: ProjectTree, runs: Sequence[str], tracer: Mapping[str, Any]
) -> dict[str, Any]:
    """The order to the driver that runs the tests: `plain` runs, and `trace` for a recorded one."""
    options = pytest_options(tree)
    commands = []
    for words in recipe.commands:
        argv = placed(words)
        if argv[:3] == ["python", "-m", "pytest"]:
            argv = [*argv[:3], *options, *argv[3:]]
        if argv[0] == "python":
            argv[0] = f"{ENVIRONMENT}/bin/python"
        commands.append(argv)
    if recipe.script:
        commands.append(["bash", "-e", "-c", recipe.script])
    env = {name: placed([value])[0] for name, value in recipe.env.items()}
    return {
        "do": "test",
        "runs": list(runs),
        "commands": commands,
        "cwd": recipe.cwd,
        "seconds": TEST_SECONDS,
        "tracer": dict(tracer),
        "tools": shims(),
        "env": env | {"QUIRE_SHIM": shim_settings(tree, "test")},
    }


def placed(words: Sequence[str]) -> list[str]:
    """Words with the placeholders of a recipe replaced by the folders of the sandbox."""
    return [word.replace(ROOT, TREE).replace(TEMPORARY, "/sandbox/tmp") for word in words]
