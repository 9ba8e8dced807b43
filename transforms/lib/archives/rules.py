"""The rules for archives: what one may cost, how members may be named, and why they are dropped."""

import posixpath
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from transforms.lib.archives.tool_folders import (
    environment_of,
    is_apple_double,
    is_clutter,
    tool_folder,
)

MEMBER_BYTES = 1_000_000  # a wanted member must have strictly fewer (Codex section 3.1)
MAX_MEMBERS = 100_000
MAX_TOTAL_BYTES = 512 << 20  # of an archive after decompression
MAX_RATIO = 1000  # decompressed to compressed bytes, once RATIO_GRACE bytes are decompressed
RATIO_GRACE = 16 << 20
MAX_PATH_CHARACTERS = 1024
MAX_COMPONENT_BYTES = 255  # of a file or folder name, as in common file systems
MAX_SECONDS = 60.0  # of CPU time: a machine that sleeps, or a disk that is slow, loses no archive
# Control and bidirectional characters, which make a path look like another one.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# The endings of archive names, to get at a project's name.
ARCHIVE_ENDING = re.compile(r"(\.tar)?(\.(gz|bz2|xz|tgz|tbz2|txz|tar|zip|whl))?$")
COMMIT_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")  # the comment of `git archive`
PathFilter = Callable[[str], bool]  # whether a member with this path is wanted


class ArchiveError(Exception):
    """The whole archive is rejected: a `reason` from a closed list, and a `value` that explains."""

    def __init__(self, reason: str, value: str = "") -> None:
        super().__init__(f"{reason}: {value}")
        self.reason = reason
        self.value = value


@dataclass(frozen=True)
class Member:
    """A wanted member: its content, or else the reason (and a value) why it is dropped."""

    path: str
    content: bytes | None
    reason: str | None = None
    value: str | None = None


class Meter:
    """What reading an archive has cost so far; raises ArchiveError once it is over a limit."""

    def __init__(self, max_bytes: int | None = None) -> None:
        self._max_bytes = MAX_TOTAL_BYTES if max_bytes is None else max_bytes
        self._deadline = time.thread_time() + MAX_SECONDS
        self._members = self._inflated = self._compressed = 0

    def count_members(self, count: int = 1) -> None:
        """Count `count` more members; raises ArchiveError if the archive has too many."""
        self._members += count
        if self._members > MAX_MEMBERS:
            raise ArchiveError("archive_too_many_members", f"over {MAX_MEMBERS}")

    def count_bytes(self, inflated: int, compressed: int) -> None:
        """Count bytes that were decompressed from so many compressed ones, not declared sizes."""
        self._inflated += inflated
        self._compressed += compressed
        if self._inflated > self._max_bytes:
            raise ArchiveError("archive_too_large", f"over {self._max_bytes} bytes")
        if self._inflated > max(RATIO_GRACE, MAX_RATIO * self._compressed):
            value = f"{self._inflated} from {self._compressed} bytes"
            raise ArchiveError("archive_ratio", value)
        if time.thread_time() > self._deadline:
            raise ArchiveError("archive_timeout", f"{MAX_SECONDS:.0f} s of CPU time")


class MemberNames:
    """The names of an archive's files: which are wanted, and which top folder they share.

    `comment` is what the archive as a whole says of itself, if it does, and `newest` when the
    newest member was changed, in seconds since 1970; 0 where the archive does not say. A member
    must have fewer than `member_bytes`. With `whole_paths` no folder is taken for a top folder.
    """

    def __init__(
        self, wanted: PathFilter, member_bytes: int = MEMBER_BYTES, *, whole_paths: bool = False
    ) -> None:
        self.comment = ""
        self.member_bytes = member_bytes
        self.newest = 0
        self._wanted = wanted
        self._paths, self._environments = set[str](), set[str]()
        self._tops = {""} if whole_paths else set[str]()

    @property
    def top(self) -> str | None:
        """The folder that all files share; None if there is no such folder."""
        return next(iter(self._tops)) if len(self._tops) == 1 and "" not in self._tops else None

    @property
    def commit(self) -> str | None:
        """The commit that `git archive`, which forges use, says that the files are of."""
        return self.comment if COMMIT_ID.fullmatch(self.comment) else None

    def check(self, name: str) -> tuple[str, str | None] | None:
        """The path of a member for its row, and the reason if it is refused; None if unwanted."""
        fault = name_fault(name)
        if fault:
            path = printable(name)[-MAX_PATH_CHARACTERS:]
        else:
            name = name.replace("\\", "/")  # Windows' separator, in archives that are made there
            if name.endswith("/"):
                return None  # a folder, which such an archive does not mark as one
            path = posixpath.normpath(name)
            self._note(path)
        # Only at the end is it known whether all share a top folder: until then, wanted either way.
        if not (self._wanted(path) or self._wanted(path.partition("/")[2])):
            return None
        if path in self._paths:
            return path, fault or "duplicate_path"
        self._paths.add(path)
        return path, fault

    def _note(self, path: str) -> None:
        """Note what a path says of the layout: its top folder, an environment."""
        if not is_clutter(path):
            self._tops.add(path.partition("/")[0] if "/" in path else "")
        if (environment := environment_of(path)) is not None:
            self._environments.add(environment)

    def below_top(self, members: list[Member]) -> list[Member]:
        """The wanted ones of `members`, with paths below the top folder if all files share one.

        Those in folders that tools leave are left out: a last member for each says so.
        """
        top = f"{self.top}/" if self.top else ""
        environments = {folder.removeprefix(top) for folder in self._environments}
        kept, left = list[Member](), dict[str, str]()
        tools: dict[str, tuple[str, str | None] | None] = {}  # of folders that were asked for
        for member in members:
            moved = replace(member, path=member.path.removeprefix(top))
            if not self._wanted(moved.path):
                continue
            above = moved.path.rpartition("/")[0]
            if above not in tools:
                tools[above] = tool_folder(moved.path, environments)
            folder, holds = tools[above] or (None, None)
            if folder and holds:
                left[folder] = holds
            if not folder:
                kept.append(without_apple_double(moved))
        return kept + [left_out(*each) for each in sorted(left.items())]


def left_out(folder: str, holds: str) -> Member:
    """What stands for a folder that a tool made, and that is not read."""
    return Member(folder, None, "tool_folder", holds)


def without_apple_double(member: Member) -> Member:
    """The member; without its content if macOS keeps something else in it."""
    if not is_apple_double(member.path, member.content):
        return member
    return Member(member.path, None, "apple_double")


def name_fault(name: str) -> str | None:
    """The reason why a member's name is refused, or None if it is not.

    >>> name_fault("pkg/module.py"), name_fault("../module.py"), name_fault("C:/module.py")
    (None, 'path_traversal', 'path_absolute')
    """
    parts = re.split(r"[/\\]", name)
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return "path_absolute"
    if ".." in parts:
        return "path_traversal"
    longest = max(len(part.encode("utf-8", "replace")) for part in parts)
    if len(name) > MAX_PATH_CHARACTERS or longest > MAX_COMPONENT_BYTES:
        return "path_too_long"
    if any(0xD800 <= ord(character) <= 0xDFFF for character in name):
        return "path_not_utf8"
    return "path_control" if UNPRINTABLE.search(name) else None


def printable(name: str) -> str:
    """A refused name as text that Arrow can hold and a terminal can show, with escapes.

    >>> print(printable("a" + chr(27) + "[2J.py"), printable(chr(0xDC80) + ".py"))
    a\\x1b[2J.py \\udc80.py
    """
    text = name.encode("utf-8", "backslashreplace").decode()
    return UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
