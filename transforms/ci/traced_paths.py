"""Where traced code stands: paths of the sandbox as those of the project's tree or a library."""

import posixpath
import re
import sys
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

TREE = "/sandbox/tree/"
INSTALLED = re.compile(r"^/.*?/(?:site|dist)-packages/(.+)$")
STANDARD = re.compile(r"^/.*?/lib/python3\.\d+/(.+)$")
OF_TESTS = re.compile(r"(^|/)tests?/")
# Folders that hold a project's packages and are no packages themselves.
SOURCE_FOLDERS = ("src", "lib", "python")


@dataclass(frozen=True)
class Place:
    """The path of a file in the project's tree, or in a library's folder of packages."""

    path: str
    is_library: bool


@dataclass(frozen=True)
class TracedPaths:
    """Finds files of a project's tree by where they stood when the tests ran."""

    paths: Collection[str]

    def place(self, file: str) -> Place | None:
        """The place of a file; None if it is no module of the project or of a library.

        >>> paths = TracedPaths(["src/a/b.py", "test/test_b.py"])
        >>> paths.place("/sandbox/environment/lib/python3.12/site-packages/a/b.py")
        Place(path='src/a/b.py', is_library=False)
        >>> paths.place("/usr/lib/python3.12/json/decoder.py")
        Place(path='json/decoder.py', is_library=True)
        """
        path = posixpath.normpath(file)
        if path.startswith(TREE):
            path = path.removeprefix(TREE)
            return Place(path, is_library=False) if path in self._all else None
        match = INSTALLED.match(path) or STANDARD.match(path)
        if match is None or not path.endswith(".py"):
            return None
        return self._of_project(match[1]) or Place(match[1], is_library=True)

    def module(self, place: Place) -> str:
        """The dotted name by which a file is imported."""
        parts = place.path.removesuffix(".py").split("/")
        if not place.is_library:
            parts = parts[self._root(parts) :]
        if len(parts) > 1 and parts[-1] == "__init__":
            parts = parts[:-1]
        return ".".join(parts)

    def file_of(self, module: str) -> str | None:
        """The path of the module of that dotted name, or None if the project has none.

        Tests import one another without their folder's name, since test runners add that to the
        path: what is no full name is looked up as the end of just one.
        """
        return self._modules.get(module) or self._ends.get(module)

    def has_module(self, module: str) -> bool:
        """Whether a dotted name is that of a module of the project, or begins with a package."""
        return module.partition(".")[0] in self._tops or module in self._ends

    @cached_property
    def _tops(self) -> frozenset[str]:
        return frozenset(name.partition(".")[0] for name in self._modules)

    @cached_property
    def _ends(self) -> dict[str, str]:
        found: dict[str, list[str]] = {}
        for name, path in self._modules.items():
            while OF_TESTS.search(path) and (name := name.partition(".")[2]):
                found.setdefault(name, []).append(path)
        return {
            name: paths[0]
            for name, paths in found.items()
            if len(paths) == 1 and name not in sys.stdlib_module_names
        }

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset(self.paths)

    @cached_property
    def _modules(self) -> dict[str, str]:
        places = (Place(path, False) for path in sorted(self._all) if path.endswith(".py"))
        found: dict[str, str] = {}
        for place in places:
            found.setdefault(self.module(place), place.path)
        return found

    def _root(self, parts: list[str]) -> int:
        """How many leading folders of a path are no packages."""
        first = len(parts) - 1
        while first and f"{'/'.join(parts[:first])}/__init__.py" in self._all:
            first -= 1
        if first == len(parts) - 1 and first:  # no package, or one without __init__.py
            return int(parts[0] in SOURCE_FOLDERS)
        return first

    def _of_project(self, path: str) -> Place | None:
        """The file of the tree from which one was installed as `path`."""
        for candidate in (path, *(f"{folder}/{path}" for folder in SOURCE_FOLDERS)):
            if candidate in self._all:
                return Place(candidate, is_library=False)
        return None
