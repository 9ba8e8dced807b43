"""dir:PATH, a project tree on this machine; links are not followed."""

import os
from collections.abc import Iterator

from transforms.crawl.project import read_project, wanted
from transforms.crawl.sources.found import Found
from transforms.lib.archives.rules import (
    MAX_TOTAL,
    MEMBER_BYTES,
    Member,
    Wanted,
    name_fault,
    printable,
)
from transforms.lib.network.fetch import Fetcher, FetchError

# What tools leave in a tree: histories, caches, environments full of other projects.
SKIPPED = {".git", ".hg", ".svn", "__pycache__", ".tox", ".nox", ".venv"}


def read(place: str, fetcher: Fetcher) -> Found:
    """The project below the folder `place`."""
    root = os.path.abspath(place)
    if not os.path.isdir(root):
        raise FetchError("gone", f"{place}: no such folder")
    project = read_project(walk(root))
    repo = project.name or printable(os.path.basename(root))
    return Found(project, {"url": printable(root), "repo": repo, "commit": project.version})


def walk(root: str, wanted: Wanted = wanted) -> Iterator[Member]:
    """Wanted files below `root`, in the order of their paths; FetchError if there is no end."""
    held = 0
    for folder, folders, names in os.walk(root, onerror=_unreadable):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        for name in sorted(names):
            full = os.path.join(folder, name)
            path = os.path.relpath(full, root).replace(os.sep, "/")
            if not wanted(path):
                continue
            member = read_member(full, path)
            held += len(member.content or b"")
            if held > MAX_TOTAL:
                raise FetchError("too_big", f"{printable(root)}: over {MAX_TOTAL} bytes")
            yield member


def _unreadable(error: OSError) -> None:
    raise FetchError("unreadable", f"{printable(str(error.filename))}: {error.strerror}")


def read_member(full: str, path: str) -> Member:
    """The file at `full`, which rows call `path`, or why it is dropped; a link is not followed."""
    if fault := name_fault(path):
        return Member(printable(path), None, fault)
    if os.path.islink(full):
        return Member(path, None, "link", printable(os.readlink(full)))
    if not os.path.isfile(full):
        return Member(path, None, "special")
    try:
        with open(full, "rb") as file:
            content = file.read(MEMBER_BYTES)
    except OSError as error:
        return Member(path, None, "unreadable", error.strerror)
    if len(content) >= MEMBER_BYTES:
        return Member(path, None, "too_large", str(os.path.getsize(full)))
    return Member(path, content)
