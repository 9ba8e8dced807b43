"""A folder on this machine, read like the members of an archive; links are not followed."""

import os
from collections.abc import Iterator

from transforms.lib.archives.rules import (
    MAX_TOTAL_BYTES,
    MEMBER_BYTES,
    ArchiveError,
    Member,
    PathFilter,
    name_fault,
    printable,
)

# Folders that tools leave in a project: histories, caches, environments full of other projects.
SKIPPED_FOLDERS = {".git", ".hg", ".svn", "__pycache__", ".tox", ".nox", ".venv"}


def walk(root: str, wanted: PathFilter) -> Iterator[Member]:
    """The wanted files below `root`, folder by folder, sorted by name.

    Raises ArchiveError if they have too many bytes, or a folder cannot be read.
    """
    total = 0
    for folder, folders, names in os.walk(root, onerror=_unreadable):
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
        for name in sorted(names):
            full = os.path.join(folder, name)
            path = os.path.relpath(full, root).replace(os.sep, "/")
            if not wanted(path):
                continue
            member = read_member(full, path)
            total += len(member.content or b"")
            if total > MAX_TOTAL_BYTES:
                raise ArchiveError("too_big", f"{printable(root)}: over {MAX_TOTAL_BYTES} bytes")
            yield member


def _unreadable(error: OSError) -> None:
    raise ArchiveError("unreadable", f"{printable(str(error.filename))}: {error.strerror}")


def read_member(full: str, path: str) -> Member:
    """The file at `full` as a member named `path`, with its content or why it is dropped."""
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
