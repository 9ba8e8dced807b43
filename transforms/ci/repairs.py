"""What a failed run of tests lacked, and what can be given to it without guessing."""

import posixpath
import re
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from transforms.ci.causes import Cause, missing_modules
from transforms.ci.hygiene import PREINSTALLED
from transforms.ci.project_tree import ProjectTree

MOST = 3  # repairs of one attempt
REQUIREMENT_FILE = re.compile(r"(.*/)?[\w.-]*require[\w.-]*\.(txt|in|pip)|requirements/.*\.txt")


@dataclass(frozen=True)
class Repairs:
    """What was found to lack: requirements, folders to import from, a terminal."""

    more: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    terminal: bool = False

    @property
    def names(self) -> list[str]:
        """Each in a word or two."""
        return [
            *(f"requirement {each}" for each in self.more),
            *(f"folder {each}" for each in self.folders),
            *(["terminal"] if self.terminal else []),
        ]


def repaired(done: Repairs, cause: Cause, log: str, tree: ProjectTree) -> Repairs | None:
    """The repairs with a further one for what a log shows; None if nothing is known to help.

    A module that cannot be imported is looked for in the tree, among what every machine of Travis
    had installed, and among the requirements that the project itself writes anywhere. A package is
    never taken for having the name of a module.
    """
    if cause.name == "wants_terminal" and not done.terminal:
        return Repairs(done.more, done.folders, True)
    for module in missing_modules(log):
        folder = folder_of(module, tree)
        if folder is not None and folder not in done.folders:
            return Repairs(done.more, (*done.folders, folder), done.terminal)
        found = requirement_of(module, tree)
        if found is not None and found not in done.more:
            return Repairs((*done.more, found), done.folders, done.terminal)
    return None


def folder_of(module: str, tree: ProjectTree) -> str | None:
    """The folder of the tree that a module can be imported from; None if it is in none.

    >>> folder_of("tests.helpers", ProjectTree({}, ["tests/helpers.py", "a/x.py"]))
    '.'
    """
    parts = module.replace(".", "/")
    found = [
        path.removesuffix(ending).removesuffix(parts)
        for ending in (".py", "/__init__.py")
        for path in tree.paths
        if path == f"{parts}{ending}" or path.endswith(f"/{parts}{ending}")
    ]
    folders = sorted({posixpath.normpath(each or ".") for each in found}, key=_depth)
    return folders[0] if folders else None


def _depth(folder: str) -> tuple[int, str]:
    return (0 if folder == "." else folder.count("/") + 1), folder


def requirement_of(module: str, tree: ProjectTree) -> str | None:
    """The requirement of a module, if it was installed everywhere, or if the project writes it."""
    name = canonicalize_name(module.partition(".")[0])
    return declared(tree).get(name) or (name if name in PREINSTALLED else None)


def declared(tree: ProjectTree) -> dict[str, str]:
    """All requirements that a project writes in its files, by the names of the packages."""
    lines = [*tree.requirements(tree.extras), *tree.setup_test().installation.deps]
    groups = tree.pyproject.get("dependency-groups")
    for group in groups.values() if isinstance(groups, dict) else ():
        lines += [each for each in group if isinstance(each, str)]
    for path, text in sorted(tree.texts.items()):
        if REQUIREMENT_FILE.fullmatch(path):
            lines += text.splitlines()
        elif path == "tox.ini":
            lines += [line.rpartition(": ")[2] for line in text.splitlines()]
    found: dict[str, str] = {}
    for line in lines:
        try:
            requirement = Requirement(line.partition("#")[0].strip())
        except InvalidRequirement:
            continue
        if requirement.url is None:
            found.setdefault(canonicalize_name(requirement.name), str(requirement))
    return found
