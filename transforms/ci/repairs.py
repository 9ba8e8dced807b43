"""What a failed run of tests lacked, and what can be given to it without guessing."""

import re
from dataclasses import dataclass, replace

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from transforms.ci.causes import Cause, missing_modules
from transforms.ci.hygiene import NEVER, PREINSTALLED
from transforms.ci.known_programs import TOOLS
from transforms.ci.project_tree import ProjectTree

MOST = 3  # repairs of one attempt
MOST_REQUIREMENTS = 50  # of a project that are installed where it was not
MOST_EXTRAS = 12  # of a project that are all installed
SOURCES = ("src", "lib", "python", "tests", "test")  # folders that stand in for the top one
# Modules that newer interpreters lack: another one is needed, and no package.
REMOVED = (
    "imp",
    "distutils",
    "asyncore",
    "asynchat",
    "smtpd",
    "cgi",
    "pipes",
    "crypt",
    "telnetlib",
)
WANTS_PLUGIN = re.compile(r"fixture '\w+' not found|error: unrecognized arguments: --")
WANTS_INPUT = re.compile(r"reading from stdin while output is captured")
REQUIREMENT_FILE = re.compile(r"(.*/)?[\w.-]*require[\w.-]*\.(txt|in|pip)|requirements/.*\.txt")


@dataclass(frozen=True)
class Repairs:
    """What was found to lack: requirements, all extras, folders to import from, a terminal, input.

    With `uncaptured` pytest leaves standard input to the tests.
    """

    more: tuple[str, ...] = ()
    all_extras: bool = False
    folders: tuple[str, ...] = ()
    terminal: bool = False
    uncaptured: bool = False

    @property
    def names(self) -> list[str]:
        """Each in a word or two."""
        flags = ("all_extras", "terminal", "uncaptured")
        return [
            *(f"requirement {each}" for each in self.more),
            *(f"folder {each}" for each in self.folders),
            *(name.replace("_", " ") for name in flags if getattr(self, name)),
        ]


def repaired(
    done: Repairs,
    cause: Cause,
    log: str,
    tree: ProjectTree,
    python: str,
    is_installed: bool = True,
) -> Repairs | None:
    """The repairs with a further one for what a log shows; None if nothing is known to help.

    A module that cannot be imported is looked for in the tree, among what every machine of Travis
    had installed, and among the requirements and extras that the project itself writes anywhere;
    all that it needs is given to a project that was not installed. A package is never taken for
    having the name of a module.
    """
    if cause.name == "wants_terminal" and not done.terminal:
        return replace(done, terminal=True)
    if WANTS_INPUT.search(log) and not done.uncaptured:
        return replace(done, uncaptured=True)
    plugins = _plugins(tree, python) if WANTS_PLUGIN.search(log) else []
    if new := [each for each in plugins if each not in done.more]:
        return replace(done, more=(*done.more, *new))
    missing = [name for name in missing_modules(log) if name.partition(".")[0] not in REMOVED]
    for module in missing:
        folder = folder_of(module, tree)
        if folder is not None and folder not in done.folders:
            return replace(done, folders=(*done.folders, folder))
        found = requirement_of(module, tree, python)
        if found is not None and found not in done.more:
            return replace(done, more=(*done.more, found))
    own = tuple(each for each in tree.requirements() if each not in done.more)
    if missing and not is_installed and 0 < len(own) <= MOST_REQUIREMENTS:
        return replace(done, more=(*done.more, *own))
    if missing and not done.all_extras and 0 < len(tree.extras) <= MOST_EXTRAS:
        return replace(done, all_extras=True)
    return None


def _plugins(tree: ProjectTree, python: str) -> list[str]:
    """The plug-ins of pytest that a project writes among its requirements."""
    found = declared(tree, python)
    names = [name for name in found if name.startswith("pytest-") and name not in TOOLS]
    return [found[name] for name in names if name not in NEVER]


def folder_of(module: str, tree: ProjectTree) -> str | None:
    """The folder of the tree that a module can be imported from; None if it is in none.

    A module inside a package is missing where another package of that name was found: the tree's
    own one is taken only if it is at the top.

    >>> folder_of("tests.helpers", ProjectTree({}, ["tests/helpers.py", "a/x.py"]))
    '.'
    """
    parts = module.replace(".", "/")
    found = {
        path.removesuffix(ending).removesuffix(parts).rstrip("/") or "."
        for ending in (".py", "/__init__.py")
        for path in tree.paths
        if path == f"{parts}{ending}" or path.endswith(f"/{parts}{ending}")
    }
    tops = {".", *SOURCES}
    folders = sorted(
        (each for each in found if each in tops or ("." not in module and each.count("/") < 2)),
        key=lambda each: (each not in tops, each.count("/"), each),
    )
    return folders[0] if folders else None


def requirement_of(module: str, tree: ProjectTree, python: str) -> str | None:
    """The requirement of a module, if it was installed everywhere, or if the project writes it."""
    top = module.partition(".")[0]
    name = canonicalize_name(top)
    written = declared(tree, python)
    if name in written or name in PREINSTALLED:
        return written.get(name, name)
    # PyYAML has yaml, agate-excel has agateexcel: the project names them, no index is asked.
    joined = {each.replace("-", ""): line for each, line in written.items()}
    spellings = (form.format(name.replace("-", "")) for form in ("{}", "py{}", "python{}", "{}py"))
    return next((joined[each] for each in spellings if each in joined), None)


def declared(tree: ProjectTree, python: str) -> dict[str, str]:
    """All requirements of an interpreter that a project writes, by the names of the packages."""
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
        marker = requirement.marker
        holds = marker is None or marker.evaluate({"python_version": python, "extra": ""})
        if requirement.url is None and holds:
            requirement.marker = None
            found.setdefault(canonicalize_name(requirement.name), str(requirement))
    return found
