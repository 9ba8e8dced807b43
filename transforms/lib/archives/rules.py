"""Rules for archives: what they may cost, how members may be called, why they are rejected."""

import posixpath
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

MEMBER_BYTES = 1_000_000  # a wanted member must stay strictly below it (Codex section 3.1)
MAX_MEMBERS = 100_000
MAX_TOTAL = 512 << 20  # bytes after decompression
MAX_RATIO = 1000  # decompressed to compressed, once past RATIO_GRACE
RATIO_GRACE = 16 << 20
MAX_NAME, MAX_COMPONENT = 1024, 255
MAX_SECONDS = 60.0
# Control and bidirectional characters make a path read otherwise than it is.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
Wanted = Callable[[str], bool]


class ArchiveError(Exception):
    """The whole archive is rejected: `reason` from a closed list, and a `value`."""

    def __init__(self, reason: str, value: str = "") -> None:
        super().__init__(f"{reason}: {value}")
        self.reason = reason
        self.value = value


@dataclass(frozen=True)
class Member:
    """A wanted member: its content, or the reason (and value) why it is dropped."""

    path: str
    content: bytes | None
    reason: str | None = None
    value: str | None = None


class Meter:
    """What an archive has cost so far; ArchiveError as soon as it is too much."""

    def __init__(self) -> None:
        self._deadline = time.monotonic() + MAX_SECONDS
        self._members = self._given = self._taken = 0

    def member(self, count: int = 1) -> None:
        """Some more members."""
        self._members += count
        if self._members > MAX_MEMBERS:
            raise ArchiveError("archive_too_many_members", f"over {MAX_MEMBERS}")

    def read(self, given: int, taken: int) -> None:
        """`given` decompressed bytes that were made of `taken`: counted, not as declared."""
        self._given += given
        self._taken += taken
        if self._given > MAX_TOTAL:
            raise ArchiveError("archive_too_large", f"over {MAX_TOTAL} bytes")
        if self._given > max(RATIO_GRACE, MAX_RATIO * self._taken):
            raise ArchiveError("archive_ratio", f"{self._given} from {self._taken} bytes")
        if time.monotonic() > self._deadline:
            raise ArchiveError("archive_timeout", f"{MAX_SECONDS:.0f} s")


class Names:
    """The names of an archive's files: which are wanted, and the folder that all are in."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._seen, self._tops = set[str](), set[str]()

    def judge(self, name: str) -> tuple[str, str | None] | None:
        """The path that rows have, and why the name is refused if it is; None if unwanted."""
        fault = name_fault(name)
        if fault:
            path = printable(name)[-MAX_NAME:]
        else:
            path = posixpath.normpath(name)
            self._tops.add(path.partition("/")[0] if "/" in path else "")
        # Whether all share a top folder is known at the end: until then it may be either.
        if not (self._wanted(path) or self._wanted(path.partition("/")[2])):
            return None
        if path in self._seen:
            return path, fault or "duplicate_path"
        self._seen.add(path)
        return path, fault

    def below_top(self, found: list[Member]) -> list[Member]:
        """The wanted ones of `found`, their paths without the folder that all files share."""
        top = self._tops.pop() + "/" if len(self._tops) == 1 and "" not in self._tops else ""
        moved = (replace(member, path=member.path.removeprefix(top)) for member in found)
        return [member for member in moved if self._wanted(member.path)]


def name_fault(name: str) -> str | None:
    """Why a member's name is refused, or None."""
    parts = re.split(r"[/\\]", name)
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return "path_absolute"
    if ".." in parts:
        return "path_traversal"
    longest = max(len(part.encode("utf-8", "replace")) for part in parts)
    if len(name) > MAX_NAME or longest > MAX_COMPONENT:
        return "path_too_long"
    if any(0xD800 <= ord(character) <= 0xDFFF for character in name):
        return "path_not_utf8"
    return "path_control" if UNSEEN.search(name) else None


def printable(name: str) -> str:
    """A refused name as text that Arrow can hold and a terminal can show."""
    text = name.encode("utf-8", "backslashreplace").decode()
    return UNSEEN.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


ENDING = re.compile(r"(\.tar)?(\.(gz|bz2|xz|tgz|tbz2|txz|tar|zip|whl))?$")
