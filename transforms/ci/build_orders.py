"""Environments of projects: the order to the driver that makes one."""

import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transforms.ci import hygiene
from transforms.ci.ci_environment import settable
from transforms.ci.ladder import Rung
from transforms.ci.package_proxy import PORT
from transforms.ci.project_sandbox import inside
from transforms.ci.project_tree import ProjectTree, is_requirement
from transforms.ci.python_versions import as_numbers
from transforms.ci.recipe import ENVIRONMENT, TOOLS, TREE, Recipe, placed
from transforms.ci.stand_ins import parts_of_tests, stand_in_settings, stand_ins
from transforms.ci.uv import uv_binary

BUILD_SECONDS = 300
MOST_FILES = 5  # requirement files inside one another
# Loads quire's tracer and its reports in every interpreter; outside of a test run they do nothing.
PTH = f"import sys; sys.path.append('{TOOLS}'); import quire_tracer, quire_reports\n"
SCM = re.compile(
    r"setuptools[_-]scm|hatch-vcs|setuptools-git-versioning|versioningit|pbr|dynamic-versioning"
    r"|versioneer|setupmeta|flit[_-]scm|pdm-backend|vcs-versioning"
)
NO_VERSION = "1.0"  # of a project that tells none
NAMELESS = re.compile(r"hatch[-_]vcs|dynamic-versioning")
# How a project was installed: as asked, or where that failed, in one of the other ways.
AS_ASKED, NOT_EDITABLE, FROM_TREE = "as asked", "not editable", "from its tree"


@dataclass(frozen=True)
class Build:
    """What an environment is made of: a recipe on a rung of the ladder.

    `more` are requirements that an earlier run was found to lack, `all_extras` is whether it may
    lack one of the project's extras. `interpreter` is a path, `index`
    the socket of the package index, and `version` what the project is taken for where git is asked.
    """

    recipe: Recipe
    rung: Rung
    tree: ProjectTree
    interpreter: str
    index: str
    version: str | None = None
    more: tuple[str, ...] = ()
    all_extras: bool = False


def build_order(build: Build, seconds: float = BUILD_SECONDS) -> dict[str, Any]:
    """The order to the driver that makes an environment."""
    uv, python = uv_binary(), f"{ENVIRONMENT}/bin/python"
    write = f"import site; open(site.getsitepackages()[0] + '/quire.pth', 'w').write({PTH!r})"
    steps: list[dict[str, Any]] = [
        {"name": "venv", "ways": [[uv, "venv", "-q", "--python", build.interpreter, ENVIRONMENT]]},
        {"name": "install", "ways": list(_ways(build).values())},
        {"name": "tools", "ways": [[python, "-c", write]]},
    ]
    steps += [
        {"name": "own", "ways": [placed(words)], "may_fail": True}
        for words in build.recipe.install_commands
    ]
    return {
        "do": "build",
        "steps": steps,
        "index": build.index,
        "port": PORT,
        "seconds": seconds,
        "tools": _lists(build) | _stub(build) | stand_ins(build.tree),
        "freeze": [uv, "pip", "freeze", "--python", python],
        # What an installation writes into the tree is part of it (a module with the version), but
        # for the copy of its modules that it was made from.
        "discard": [name for name in ("build", "dist") if not build.tree.exists(name)],
        "env": _variables(build),
    }


def way_of(build: Build, number: int) -> str:
    """How a project was installed, by the number of the way that succeeded."""
    return dict(enumerate(_ways(build))).get(number, AS_ASKED)


def _ways(build: Build) -> dict[str, list[str]]:
    """The ways to install everything, by their names; the later ones where the first ones fail."""
    install = [uv_binary(), "pip", "install", "--python", f"{ENVIRONMENT}/bin/python"]
    common = [*install, *hygiene.BASE, *_requirements(build)]
    recipe, tree = build.recipe, build.tree
    if recipe.project == "none" or not tree.is_installable:
        return {AS_ASKED: common}
    place, groups = _place(build), _groups(recipe, tree)
    ways = {NOT_EDITABLE: [*common, place, *groups]}
    if recipe.project == "editable":
        ways = {AS_ASKED: [*common, "-e", place, *groups]} | ways
    else:
        ways = {AS_ASKED: ways[NOT_EDITABLE]}
    asked = tree.extras if build.all_extras else [name for name in recipe.extras if name != "*"]
    stub = [f"{TOOLS}/stub"] if _stub(build) else []
    return ways | {FROM_TREE: [*common, *stub, *tree.requirements(asked), *groups]}


def _stub(build: Build) -> dict[str, str]:
    """The files of a project that has the name and version of this one, and no modules."""
    name = re.sub(r"[-_.]+", "_", build.tree.name)
    if not re.fullmatch(r"\w+", name):
        return {}
    known = next(filter(is_version, (build.tree.version, build.version or "")), NO_VERSION)
    back_end = "requires = []\nbuild-backend = 'stub_backend'\nbackend-path = ['.']\n"
    return {
        "stub/pyproject.toml": f"[build-system]\n{back_end}",
        "stub/stub.json": json.dumps({"name": name, "version": known}),
        "stub/stub_backend.py": inside("stub_backend.py"),
    }


def _place(build: Build) -> str:
    recipe, tree = build.recipe, build.tree
    if build.all_extras:
        return f".[{','.join(tree.extras)}]"
    extras = {each for name in recipe.extras for each in ([name] if name != "*" else tree.extras)}
    return f".[{','.join(sorted(extras))}]" if extras else "."


def _groups(recipe: Recipe, tree: ProjectTree) -> list[str]:
    names = {each for name in recipe.groups for each in ([name] if name != "*" else tree.groups)}
    known = sorted(names & set(tree.groups))
    of_poetry = [
        each for name in sorted(names - set(known)) for each in tree.poetry_groups.get(name, [])
    ]
    return [*(word for name in known for word in ("--group", name)), *of_poetry]


def _requirements(build: Build) -> list[str]:
    recipe, tree = build.recipe, build.tree
    words: list[str] = []
    for dep in (*recipe.deps, *build.more):
        option, _, value = dep.partition(" ")
        if option not in ("-r", "-c"):
            words += [dep] if "://" not in dep else []
        elif value and tree.exists(path := placed([value])[0].removeprefix(f"{TREE}/")):
            words += _file(option, posixpath.normpath(path), tree)
    uses_pytest = any("pytest" in command for command in recipe.commands) or not recipe.commands
    if uses_pytest and not any(re.match(r"pytest\b(?!-)", dep) for dep in words):
        words.append("pytest")
    return words


def _file(option: str, path: str, tree: ProjectTree, depth: int = 0) -> list[str]:
    """A requirement file as it is; line by line where a line leads to elsewhere than the index."""
    text = tree.texts.get(path, "")
    if option == "-c" or depth > MOST_FILES or not re.search(r"://|^-r", text, re.MULTILINE):
        return [option, path]
    words: list[str] = []
    for line in re.sub(r"\\\n", " ", text).splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        if named := re.fullmatch(r"-r\s*(\S+)", line):
            inner = posixpath.normpath(posixpath.join(posixpath.dirname(path), named[1]))
            words += _file("-r", inner, tree, depth + 1) if tree.exists(inner) else []
        elif is_requirement(line):
            words.append(line)
    return words


def _lists(build: Build) -> dict[str, str]:
    """The files of uv's settings, by their names among the tools."""
    old = as_numbers(build.rung.python) < (3, 10)
    own = {re.split(r"[^\w-]", each)[0].lower() for each in build.tree.requirements()}
    own |= {re.split(r"[^\w-]", each)[0].lower() for each in build.more}
    own |= parts_of_tests(build.tree)
    named = (*hygiene.NEVER, *(hygiene.EXCLUDED if build.rung.hygiene else ()))
    excluded = [name for name in named if name not in own]
    overrides = hygiene.DATED_OVERRIDES if build.rung.before else hygiene.OVERRIDES
    return {
        "override.txt": "\n".join(overrides),
        "exclude.txt": "\n".join(excluded),
        "build.txt": "\n".join(hygiene.OLD_BUILD_CONSTRAINTS if old else hygiene.BUILD_CONSTRAINTS),
    }


def _variables(build: Build) -> dict[str, str]:
    index = f"http://127.0.0.1:{PORT}/simple"
    env = {
        "UV_DEFAULT_INDEX": index,
        "UV_NO_CONFIG": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_CACHE_DIR": "/sandbox/uv-cache",
        "UV_LINK_MODE": "hardlink",
        "UV_HTTP_TIMEOUT": "120",
        "UV_NO_PROGRESS": "1",
        "UV_EXCLUDE": f"{TOOLS}/exclude.txt",
        "UV_BUILD_CONSTRAINT": f"{TOOLS}/build.txt",
        "PIP_INDEX_URL": index,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "QUIRE_SHIM": stand_in_settings(build.tree, "build"),
    }
    if build.rung.hygiene:
        env["UV_OVERRIDE"] = f"{TOOLS}/override.txt"
    return variables(build.recipe.env) | version_variables(build.tree, build.version) | env


def variables(env: Mapping[str, str]) -> dict[str, str]:
    """A recipe's variables as they are set inside."""
    return {name: placed([value])[0] for name, value in settable(env).items()}


def is_version(text: str) -> bool:
    """Whether a text is the version of a release."""
    return re.fullmatch(r"\d[\w.]*", text) is not None


def version_variables(tree: ProjectTree, version: str | None) -> dict[str, str]:
    """What a build takes as the version where it would ask git, which has nothing to say."""
    files: Sequence[str] = ("pyproject.toml", "setup.cfg", "setup.py")
    texts = " ".join(tree.texts.get(name, "") for name in files)
    if not SCM.search(texts):
        return {}
    named = version if version and is_version(version) else NO_VERSION
    suffix = f"_FOR_{re.sub(r'[-_.]+', '_', tree.name).upper()}" if tree.name else ""
    # hatch-vcs tells setuptools-scm no name. Elsewhere a version for all would be that of every
    # dependency that is built, too.
    nameless = {"SETUPTOOLS_SCM_PRETEND_VERSION": named} if NAMELESS.search(texts) else {}
    return nameless | {
        f"SETUPTOOLS_SCM_PRETEND_VERSION{suffix}": named,
        "PBR_VERSION": named,
        "PDM_BUILD_SCM_VERSION": named,
    }
