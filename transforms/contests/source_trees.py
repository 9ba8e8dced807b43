"""A SOURCE that is a tree of files, in a folder or an archive: its folders, commit and licence."""

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from transforms.lib import licences
from transforms.lib.archives import ArchiveError, members
from transforms.lib.archives.folder import read_member, walk
from transforms.lib.archives.rules import ARCHIVE_ENDING, Member, PathFilter, printable
from transforms.lib.errors import UsageError
from transforms.lib.records.entry import Entry
from transforms.lib.skeleton.storage import open_input

# What `.git/HEAD` holds: the name of a branch, or a commit.
GIT_HEAD = re.compile(r"(?:ref: (?P<ref>refs/[\w./-]{1,200})|(?P<commit>[0-9a-f]{40,64}))\s*")
# The line of `.git/config` with the address of a remote.
GIT_REMOTE = re.compile(r"^\s*url = [^\n]*?([\w.-]+)/([\w.-]+?)(?:\.git)?/?$", re.MULTILINE)
GIT_COMMIT = re.compile(r"[0-9a-f]{40,64}")


@dataclass(frozen=True)
class SourceTree:
    """A tree of files as a plan sees it.

    root: the folder or archive; repo: OWNER/NAME, or the name of the root; commit, licence: None
    where the tree does not say; digest: of the paths and contents of all files in `folders`;
    folders: the paths of the files of each folder that a format wants.
    """

    root: str
    repo: str
    commit: str | None
    licence: str | None
    digest: str
    folders: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Folders:
    """Some folders of one tree, or of several that are united: what a worker reads at a time.

    Each folder is its name and, for each tree that has it, the tree's root and paths of files.
    """

    folders: tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...]

    def entries(self) -> Iterator[Entry]:
        """The folders with the texts of their files, or with what is wrong with them."""
        wanted: dict[str, set[str]] = {}
        for _, parts in self.folders:
            for root, paths in parts:
                wanted.setdefault(root, set()).update(paths)
        read = {root: dict(_read(root, paths)) for root, paths in wanted.items()}
        for name, parts in self.folders:
            yield _entry(name, [read[root][path] for root, paths in parts for path in paths])


def _entry(name: str, files_read: Iterable[Member]) -> Entry:
    files: dict[str, str] = {}
    faults = list[tuple[str, str | None]]()
    for member in files_read:
        try:
            if member.content is not None:
                files.setdefault(member.path, member.content.decode())
            else:
                faults.append((str(member.reason), f"{member.path}: {member.value or ''}"))
        except UnicodeDecodeError as error:
            faults.append(("undecodable", f"{member.path}: at byte {error.start}"))
    return Entry(name, files=files, faults=tuple(faults))


def plan_tree(root: str, folder_of: Callable[[str], str | None]) -> SourceTree:
    """The folders that a format wants of a tree: `folder_of` names the one that a path belongs to.

    Raises UsageError that names the tree if it cannot be read.
    """
    folders: dict[str, list[str]] = {}
    texts = list[str]()
    digest = hashlib.sha256()
    for member in _members(root, lambda path: bool(folder_of(path)) or _states_licence(path)):
        content = member.content or b""
        if folder := folder_of(member.path):
            folders.setdefault(folder, []).append(member.path)
            digest.update(f"{member.path}\0{hashlib.sha256(content).hexdigest()}\0".encode())
        elif _states_licence(member.path):
            texts.append(content.decode("utf-8", "replace"))
    wanted = {name: tuple(sorted(paths)) for name, paths in sorted(folders.items())}
    licence = licences.normalised(None, licences.detected(texts)) if texts else None
    return SourceTree(root, _repo(root), _commit(root), licence, digest.hexdigest(), wanted)


def _states_licence(path: str) -> bool:
    return licences.is_licence_file(path)


def _members(root: str, wanted: PathFilter) -> Iterator[Member]:
    """The wanted files of a folder or an archive, in the order of their paths.

    Raises UsageError that names it if it cannot be read.
    """
    try:
        if os.path.isdir(root):
            for member in walk(root, wanted):
                if member.reason == "unreadable" and not wanted(member.path):  # a folder
                    raise UsageError(f"{root}: {member.path}: {member.value}")
                yield member
            return
        with open_input(root) as stream:
            yield from sorted(members(stream, wanted), key=lambda member: member.path)
    except ArchiveError as error:
        raise UsageError(f"{root}: {error}") from error
    except OSError as error:
        raise UsageError(f"{root}: cannot be read ({error.strerror})") from error


def _read(root: str, paths: set[str]) -> Iterator[tuple[str, Member]]:
    """The files of a folder or an archive that have these paths, by path."""
    if os.path.isdir(root):
        for path in sorted(paths):
            yield path, read_member(os.path.join(root, path), path)
        return
    for member in _members(root, paths.__contains__):
        yield member.path, member


def _repo(root: str) -> str:
    """OWNER/NAME of a clone with a remote, else the name of the folder or archive."""
    remote = GIT_REMOTE.search(_git_file(root, "config") or "")
    stem = ARCHIVE_ENDING.sub("", os.path.basename(root.rstrip("/")))
    return f"{remote[1]}/{remote[2]}" if remote else printable(stem)


def _commit(root: str) -> str | None:
    """The commit that a folder's git directory names as its head; git itself is not run."""
    head = GIT_HEAD.fullmatch(_git_file(root, "HEAD") or "")
    if head is None:
        return None
    if head["commit"]:
        return head["commit"]
    loose = GIT_COMMIT.match(_git_file(root, head["ref"]) or "")
    if loose:
        return loose[0]
    packed = re.search(
        rf"^([0-9a-f]{{40,64}}) {re.escape(head['ref'])}$",
        _git_file(root, "packed-refs") or "",
        re.MULTILINE,
    )
    return packed[1] if packed else None


def _git_file(root: str, name: str) -> str | None:
    """The text of a small file of a tree's git directory; None if there is none."""
    path = os.path.join(root, ".git", name)
    if ".." in name or os.path.islink(path) or not os.path.isfile(path):
        return None
    content = read_member(path, name).content
    return content.decode("utf-8", "replace") if content else None
