"""The files of a project that say how it is tested, as texts; no code of it is run."""

import ast
import configparser
import posixpath
import shlex
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from transforms.ci.commands import action_of
from transforms.ci.installations import Action, Installation
from transforms.ci.poetry import poetry_groups, poetry_requirements, poetry_table

# What stands beside the modules of a project, and is none of them.
NO_MODULES = {
    *("setup.py", "conftest.py", "noxfile.py", "tasks.py", "fabfile.py", "versioneer.py"),
    *(
        "test",
        "tests",
        "testing",
        "docs",
        "doc",
        "examples",
        "example",
        "benchmarks",
        "tools",
        "bin",
    ),
    *("scripts", "ci", ".github", "build", "dist"),
}
# Where pytest looks for its settings, in this order; pyproject.toml comes last here.
PYTEST_FILES = (
    ("pytest.ini", "pytest"),
    (".pytest.ini", "pytest"),
    ("tox.ini", "pytest"),
    ("setup.cfg", "tool:pytest"),
)


MAX_CHARACTERS = 512 * 1024  # of a file that is read; real ones have some thousands


@dataclass(frozen=True)
class ProjectTree:
    """A checkout: the paths of all its files, and the texts of the small ones by path."""

    texts: Mapping[str, str]
    paths: Collection[str]

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there."""
        path = posixpath.normpath(path)
        return path == "." or path in self.paths or path in self._folders

    def text(self, path: str) -> str:
        """The text of a file; empty if there is none, or if it is larger than any real one."""
        text = self.texts.get(path, "")
        return text if len(text) <= MAX_CHARACTERS else ""

    @cached_property
    def _folders(self) -> frozenset[str]:
        folders = set()
        for path in self.paths:
            while path := posixpath.dirname(path):
                if path in folders:
                    break
                folders.add(path)
        return frozenset(folders)

    @cached_property
    def pyproject(self) -> dict[str, Any]:
        """pyproject.toml; empty if there is none that can be read."""
        try:
            return tomllib.loads(self.text("pyproject.toml"))
        except (tomllib.TOMLDecodeError, RecursionError):
            return {}

    @cached_property
    def pipfile(self) -> dict[str, Any]:
        """The Pipfile of pipenv; empty if there is none that can be read."""
        try:
            return tomllib.loads(self.text("Pipfile"))
        except (tomllib.TOMLDecodeError, RecursionError):
            return {}

    @cached_property
    def setup_cfg(self) -> configparser.ConfigParser:
        """setup.cfg; empty if there is none that can be read."""
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(self.text("setup.cfg"))
        except configparser.Error:
            return configparser.ConfigParser()
        return parser

    @cached_property
    def setup_keywords(self) -> dict[str, ast.expr]:
        """The arguments of the call of `setup` in setup.py, by name."""
        try:
            module = ast.parse(self.text("setup.py"))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return {}
        names = {
            target.id: node.value
            for node in module.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        found: dict[str, ast.expr] = {}
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and _name(node.func) == "setup":
                for keyword in node.keywords:
                    value = keyword.value
                    if isinstance(value, ast.Name) and value.id in names:
                        value = names[value.id]
                    if keyword.arg:
                        found[keyword.arg] = value
        return found

    @property
    def setup_extras(self) -> dict[str, list[str]]:
        """The extras in setup.py, by name."""
        node = self.setup_keywords.get("extras_require")
        if not isinstance(node, ast.Dict):
            return {}
        pairs = zip(node.keys, node.values, strict=True)
        return {name: strings(value) for key, value in pairs for name in strings(key)}

    @property
    def is_installable(self) -> bool:
        """Whether there is anything that an installer can build."""
        builds = "build-system" in self.pyproject or "project" in self.pyproject
        return "setup.py" in self.paths or builds or self.setup_cfg.has_section("metadata")

    @property
    def name(self) -> str:
        """The name of the distribution; empty if it is not written down."""
        project = self.pyproject.get("project")
        named = project.get("name") if isinstance(project, dict) else None
        in_setup = next(iter(strings(self.setup_keywords.get("name"))), "")
        return str(named or self.setup_cfg.get("metadata", "name", fallback="") or in_setup)

    @property
    def version(self) -> str:
        """The version of the distribution, if it is written as data; else empty."""
        project = self.pyproject.get("project")
        named = project.get("version") if isinstance(project, dict) else None
        in_setup = next(iter(strings(self.setup_keywords.get("version"))), "")
        in_cfg = self.setup_cfg.get("metadata", "version", fallback="")
        return str(named or in_setup or (in_cfg if in_cfg[:1].isdigit() else ""))

    @property
    def modules(self) -> list[str]:
        """The top-level modules and packages of the project, as paths below where it is installed.

        >>> tree = ProjectTree({}, ["src/a/__init__.py", "b.py", "setup.py", "tests/test_a.py"])
        >>> tree.modules
        ['a/', 'b.py']
        """
        found = set()
        for path in self.paths:
            parts = path.split("/")
            parts = parts[1:] if parts[0] in ("src", "lib", "python") and len(parts) > 1 else parts
            if not path.endswith(".py") or parts[0] in NO_MODULES:
                continue
            found.add(f"{parts[0]}/" if len(parts) > 1 else parts[0])
        return sorted(found)

    @property
    def extras(self) -> list[str]:
        """The names of all extras."""
        project = self.pyproject.get("project")
        named = project.get("optional-dependencies") if isinstance(project, dict) else None
        section = "options.extras_require"
        in_cfg = self.setup_cfg.options(section) if self.setup_cfg.has_section(section) else []
        in_poetry = poetry_table(self.pyproject).get("extras")
        tables = [each for each in (named, in_poetry) if isinstance(each, dict)]
        return sorted({*(name for each in tables for name in each), *in_cfg, *self.setup_extras})

    @property
    def groups(self) -> list[str]:
        """The names of all dependency groups."""
        groups = self.pyproject.get("dependency-groups")
        return sorted(groups) if isinstance(groups, dict) else []

    @cached_property
    def poetry_groups(self) -> dict[str, list[str]]:
        """The requirements of poetry's own groups, by their names."""
        return poetry_groups(self.pyproject)

    def requirements(self, extras: Sequence[str] = ()) -> list[str]:
        """What the project says it needs to run, with extras; only what is written as data."""
        project = self.pyproject.get("project")
        project = project if isinstance(project, dict) else {}
        found = [each for each in _list(project.get("dependencies")) if isinstance(each, str)]
        found += self.setup_cfg.get("options", "install_requires", fallback="").splitlines()
        found += strings(self.setup_keywords.get("install_requires"))
        found += poetry_requirements(self.pyproject)
        optional = project.get("optional-dependencies")
        for extra in extras:
            named = optional.get(extra) if isinstance(optional, dict) else None
            found += [each for each in _list(named) if isinstance(each, str)]
            section = "options.extras_require"
            found += self.setup_cfg.get(section, extra, fallback="").splitlines()
            found += self.setup_extras.get(extra, [])
        return [each.strip() for each in found if is_requirement(each)]

    @property
    def requires_python(self) -> str:
        """What the project says of the interpreter, `>=3.8` for one; empty if it says nothing."""
        project = self.pyproject.get("project")
        named = project.get("requires-python") if isinstance(project, dict) else None
        in_setup = next(iter(strings(self.setup_keywords.get("python_requires"))), "")
        return str(
            named or self.setup_cfg.get("options", "python_requires", fallback="") or in_setup
        )

    @property
    def configures_pytest(self) -> bool:
        """Whether there are settings of pytest."""
        return bool(self._pytest_settings())

    def pytest_setting(self, name: str) -> object:
        """A setting of pytest; None if there is none of that name."""
        return self._pytest_settings().get(name)

    def pytest_added_options(self) -> list[str]:
        """The options that the configuration of pytest adds to every run."""
        value = self._pytest_settings().get("addopts", "")
        texts = value if isinstance(value, list) else [str(value)]
        try:
            return [word for text in texts for word in shlex.split(str(text))]
        except ValueError:
            return []

    def _pytest_settings(self) -> Mapping[str, Any]:
        """The settings of the first file that pytest would take."""
        for path, section in PYTEST_FILES:
            if path in self.texts:
                parser = configparser.ConfigParser(interpolation=None, strict=False)
                try:
                    parser.read_string(self.text(path))
                except configparser.Error:
                    continue
                if parser.has_section(section):
                    return dict(parser.items(section))
        tool = self.pyproject.get("tool")
        settings = tool.get("pytest") if isinstance(tool, dict) else None
        options = settings.get("ini_options", settings) if isinstance(settings, dict) else {}
        return options if isinstance(options, dict) else {}

    @staticmethod
    def without_measuring(options: list[str]) -> list[str]:
        """Options of pytest without those that measure, lint or spread the tests."""
        return list(action_of(["pytest", *options]).words[3:])

    def setup_test(self) -> Action:
        """What `setup.py test` runs, and what it needs; setuptools itself no longer has it."""
        needed = strings(self.setup_keywords.get("tests_require"))
        needed += self.setup_cfg.get("options", "tests_require", fallback="").split("\n")
        installation = Installation(tuple(each.strip() for each in needed if each.strip()))
        text = self.texts.get("setup.py", "")
        alias = self.setup_cfg.get("aliases", "test", fallback="")
        suite = next(iter(strings(self.setup_keywords.get("test_suite"))), "")
        suite = suite or self.setup_cfg.get("options", "test_suite", fallback="")
        if "pytest" in alias or "pytest" in text or suite == "pytest":
            return Action("test", ("python", "-m", "pytest"), installation=installation)
        if suite in ("nose.collector", "tests.runtests", "") or not suite:
            words = action_of(["nosetests"]).words if suite else ("python", "-m", "unittest")
            return Action("test", words, installation=installation)
        return Action("test", self._unittest(suite), installation=installation)

    def _unittest(self, suite: str) -> tuple[str, ...]:
        """setuptools loads every module of a package that is named as the suite.

        A suite in setup.py itself, which cannot be imported, is nearly always a folder of tests.
        """
        if suite.startswith("setup."):
            found = next((name for name in ("tests", "test") if self.exists(name)), ".")
            return ("python", "-m", "unittest", "discover", "-s", found, "-t", ".")
        folder = suite.replace(".", "/")
        if f"{folder}/__init__.py" in self.paths:
            return ("python", "-m", "unittest", "discover", "-s", folder, "-t", ".", "-p", "*.py")
        return ("python", "-m", "unittest", suite)


def is_requirement(text: str) -> bool:
    """Whether a text is a requirement of a package by its name."""
    try:
        return Requirement(text.strip()).url is None
    except InvalidRequirement:
        return False


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def strings(node: ast.expr | None) -> list[str]:
    """The strings of a literal: of a string itself, or of a list or tuple of strings."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.List | ast.Tuple):
        return [text for element in node.elts for text in strings(element)]
    return []
