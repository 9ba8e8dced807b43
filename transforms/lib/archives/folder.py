"""A folder on this machine, read like the members of an archive; links are not followed."""

import os
import stat
from collections.abc import Iterator

from transforms.lib.archives.rules import (
    MAX_TOTAL_BYTES,
    MEMBER_BYTES,
    ArchiveError,
    Member,
    PathFilter,
    left_out,
    name_fault,
    printable,
    without_apple_double,
)
from transforms.lib.archives.tool_folders import environment_of, tool_folder

# What an environment has, of which one file is enough to know it.
MARKERS = ("pyvenv.cfg", "conda-meta/history", "bin/activate_this.py", "Scripts/activate_this.py")


def walk(root: str, wanted: PathFilter, member_bytes: int = MEMBER_BYTES) -> Iterator[Member]:
    """The wanted files below `root`, folder by folder, sorted by name.

    A folder that cannot be read, or that a tool left, is a member without content. Raises
    ArchiveError if the files have too many bytes, or `root` itself cannot be read.
    """
    total = 0
    closed = list[OSError]()
    environments = set[str]()
    for folder, folders, names in os.walk(root, onerror=closed.append):
        yield from _unreadable(root, closed)
        place = "" if folder == root else _path(root, folder) + "/"
        if _is_environment(folder, folders):
            environments.add(place)
            if place:
                yield left_out(printable(place[:-1]), "an environment")
                folders.clear()
                continue
        yield from _without_tools(place, folders, environments)
        for name in sorted(names):
            path = place + name
            if not wanted(path):
                continue
            member = read_member(os.path.join(folder, name), path, member_bytes)
            total += len(member.content or b"")
            if total > MAX_TOTAL_BYTES:
                raise ArchiveError("too_big", f"{printable(root)}: over {MAX_TOTAL_BYTES} bytes")
            yield without_apple_double(member)
    yield from _unreadable(root, closed)


def _path(root: str, full: str) -> str:
    return os.path.relpath(full, root).replace(os.sep, "/")


def _unreadable(root: str, closed: list[OSError]) -> Iterator[Member]:
    """A member for each folder that could not be read; ArchiveError if `root` is one."""
    while closed:
        error = closed.pop(0)
        if error.filename == root:
            raise ArchiveError("unreadable", f"{printable(root)}: {error.strerror}")
        path = printable(_path(root, str(error.filename)))
        yield Member(path, None, "unreadable", error.strerror)


def _is_environment(folder: str, folders: list[str]) -> bool:
    if any(os.path.lexists(os.path.join(folder, marker)) for marker in MARKERS):
        return True
    places = [
        (lib, name) for lib in ("lib", "lib64") if lib in folders for name in _names(folder, lib)
    ]
    installed = [f"{lib}/{name}/site-packages" for lib, name in places] + ["Lib/site-packages"]
    return any(
        environment_of(f"{each}/-") == "" and os.path.isdir(os.path.join(folder, each))
        for each in installed
    )


def _names(folder: str, below: str) -> list[str]:
    try:
        return os.listdir(os.path.join(folder, below))
    except OSError:  # told when the walk comes to it
        return []


def _without_tools(place: str, folders: list[str], environments: set[str]) -> Iterator[Member]:
    """Sorts `folders` and removes those that tools left, each of which is told by a member."""
    found = {name: tool_folder(f"{place}{name}/-", environments) for name in sorted(folders)}
    folders[:] = [name for name, tool in found.items() if tool is None]
    for tool in found.values():
        if tool and tool[1]:
            yield left_out(printable(tool[0]), tool[1])


def read_member(full: str, path: str, limit: int = MEMBER_BYTES) -> Member:
    """The file at `full` as a member named `path`, with its content or why it is dropped."""
    if fault := name_fault(path):
        return Member(printable(path), None, fault)
    try:
        kind = os.lstat(full).st_mode
        if stat.S_ISLNK(kind):
            return Member(path, None, "link", printable(os.readlink(full)))
        if not stat.S_ISREG(kind):
            return Member(path, None, "special")
        with open(full, "rb", opener=_opened) as file:
            content = file.read(limit)
            size = os.fstat(file.fileno()).st_size
    except OSError as error:  # it may have vanished meanwhile, too
        return Member(path, None, "unreadable", error.strerror)
    if len(content) >= limit:
        return Member(path, None, "too_large", str(size))
    return Member(path, content)


def _opened(full: str, flags: int) -> int:
    """A file opened so that a link or pipe in its place is neither followed nor waited for."""
    return os.open(full, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
