"""dir:PATH, a project tree on this machine; links are not followed."""

import os
from collections.abc import Iterator

from transforms.archives import MEMBER_BYTES, Member
from transforms.fetch import Fetcher, FetchError
from transforms.project import read_project, wanted
from transforms.sources.found import Found

SKIPPED = {".git", ".hg", ".svn", "__pycache__"}


def read(place: str, fetcher: Fetcher) -> Found:
    """The project below the folder `place`."""
    root = os.path.abspath(place)
    if not os.path.isdir(root):
        raise FetchError("gone", f"{place}: no such folder")
    project = read_project(walk(root))
    row = {"url": root, "repo": project.name or os.path.basename(root), "commit": project.version}
    return Found(project, row)


def walk(root: str) -> Iterator[Member]:
    """Wanted files below `root`, in the order of their paths."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for name in sorted(names):
            full = os.path.join(folder, name)
            path = os.path.relpath(full, root).replace(os.sep, "/")
            path = path.encode("utf-8", "backslashreplace").decode()
            if wanted(path):
                yield _member(full, path)


def _member(full: str, path: str) -> Member:
    if os.path.islink(full):
        return Member(path, None, "link", None)
    if not os.path.isfile(full):
        return Member(path, None, "special", None)
    try:
        with open(full, "rb") as file:
            content = file.read(MEMBER_BYTES)
            if len(content) >= MEMBER_BYTES:
                return Member(path, None, "too_large", str(os.path.getsize(full)))
    except OSError as error:
        return Member(path, None, "unreadable", str(error.strerror))
    return Member(path, content)
