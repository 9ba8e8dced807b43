"""Folders that tools leave in a project: histories, caches, environments full of other projects."""

import re
from collections.abc import Collection

# Nobody's source, and known by their names alone: left out without a row.
HISTORIES = {".git", ".hg", ".svn", ".bzr", "__pycache__"}
# Left out with a row each, whose value says what such a folder holds.
BY_NAME = {
    ".tox": "environments",
    ".nox": "environments",
    ".venv": "an environment",
    "site-packages": "installed packages",
    "dist-packages": "installed packages",
    "__pypackages__": "installed packages",
    "node_modules": "installed packages",
    ".eggs": "installed packages",
    ".ipynb_checkpoints": "copies",
    "__MACOSX": "resource forks",
}
# What setuptools builds at the top of a project, copies of its own files.
BUILD = re.compile(r"build/(lib|(lib|bdist|temp)\.[^/]+|scripts-[\d.]+)")
# A file in an environment of venv, virtualenv or conda, by which the environment is known; or one
# that is installed there, as source distributions may hold an environment's Python files alone.
MARKER = re.compile(
    r"(?P<environment>(.*/)?)"
    r"(pyvenv\.cfg|conda-meta/history|(bin|Scripts)/activate_this\.py"
    r"|(lib(64)?/(python|pypy)[\d.]+|Lib)/site-packages/.+)"
)
MARKER_ENDINGS = ("pyvenv.cfg", "conda-meta/history", "activate_this.py")
# Where the top folder of a project is itself an environment: what of it is the environment's.
OF_ENVIRONMENT = re.compile(
    r"(bin|Scripts|[Ii]nclude|Lib|lib64|conda-meta|share/jupyter|lib/(python|pypy)[\d.]+)(?=/)"
)
# Files that systems and tools add to a folder or archive; they are no part of the project.
CLUTTER = {".DS_Store", "Thumbs.db", "desktop.ini", "pax_global_header"}
APPLE_DOUBLE = b"\x00\x05\x16\x07"  # begins `._NAME`, where macOS keeps what other systems cannot


def environment_of(path: str) -> str | None:
    """The folder that a file marks as an environment, with a last `/`; None if it marks none.

    >>> environment_of("docs/env/pyvenv.cfg"), environment_of("pyvenv.cfg"), environment_of("a.py")
    ('docs/env/', '', None)
    """
    if not (path.endswith(MARKER_ENDINGS) or "site-packages/" in path):
        return None  # nearly always, and quickly
    marked = MARKER.fullmatch(path)
    return marked["environment"] if marked else None


def tool_folder(path: str, environments: Collection[str] = ()) -> tuple[str, str | None] | None:
    """The outermost tool's folder that a file is in, and what it holds (None for a history).

    `environments` are known folders, as of `environment_of`. None if a file is in no such folder.

    >>> tool_folder("a/.tox/py/b.py"), tool_folder(".git/c.py"), tool_folder("env/b.py", ["env/"])
    (('a/.tox', 'environments'), ('.git', None), ('env', 'an environment'))
    """
    if "" in environments and (inside := OF_ENVIRONMENT.match(path)):
        return inside[0], "an environment"
    names = path.split("/")[:-1]
    for depth, name in enumerate(names, 1):
        folder = "/".join(names[:depth])
        if name in HISTORIES:
            return folder, None
        if f"{folder}/" in environments:
            return folder, "an environment"
        if name in BY_NAME:
            return folder, BY_NAME[name]
        if BUILD.fullmatch(folder):
            return folder, "copies"
    return None


def is_clutter(path: str) -> bool:
    """Whether a file says nothing of a project's layout, by its path alone.

    >>> is_clutter("__MACOSX/demo/._a.py"), is_clutter("demo/.DS_Store"), is_clutter("demo/a.py")
    (True, True, False)
    """
    name = path.rpartition("/")[2]
    return name in CLUTTER or name.startswith("._") or path.startswith("__MACOSX/")


def is_apple_double(path: str, content: bytes | None) -> bool:
    """Whether a file holds what macOS keeps of another file, and no text."""
    begins = (content or b"").startswith(APPLE_DOUBLE)
    return begins and path.rpartition("/")[2].startswith("._")
