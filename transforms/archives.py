"""Archives read in memory, member by member: hostile until the last byte, never extracted.

A member is given with its content or with the reason why it is dropped. What is wrong with the
archive as a whole is raised as ArchiveError, at the latest when the last byte was read: callers
release the members of an archive only when it ended well.
"""

import bz2
import lzma
import re
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

MEMBER_BYTES = 1_000_000  # a wanted member must stay strictly below it (Codex section 3.1)
MAX_MEMBERS = 100_000
MAX_TOTAL = 512 << 20  # bytes after decompression
MAX_RATIO = 1000  # decompressed to compressed, once past RATIO_GRACE
RATIO_GRACE = 16 << 20
MAX_HEADER = 1 << 20  # an extended header of a tar member
MAX_NAME, MAX_COMPONENT = 1024, 255
MAX_SECONDS = 60.0
BLOCK = 1 << 16
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
# Control and bidirectional characters make a path read otherwise than it is.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
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


def members(stream: BinaryIO, wanted: Wanted) -> Iterator[Member]:
    """Wanted members of a tar (plain, gzip, bzip2, xz) or zip, told by its magic bytes."""
    deadline = time.monotonic() + MAX_SECONDS
    magic = stream.read(512)
    stream.seek(0)
    if not magic:
        raise ArchiveError("archive_empty")
    try:
        if magic.startswith(ZIP_MAGIC):
            yield from _zip_members(stream, wanted, deadline)
        else:
            yield from _tar_members(_Inflated(stream, magic, deadline), wanted)
    except (EOFError, zlib.error, lzma.LZMAError, tarfile.ReadError, zipfile.BadZipFile) as error:
        raise ArchiveError("archive_corrupt", str(error)[:200]) from error
    except (tarfile.TarError, NotImplementedError, RecursionError, ValueError, OverflowError,
            OSError) as error:  # fmt: skip
        raise ArchiveError("archive_corrupt", f"{type(error).__name__} {error}"[:200]) from error


class _Gzip:
    """Concatenated gzip members, checked by their CRC."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(31)
        self.eof, self.unused_data = False, b""

    def decompress(self, data: bytes, limit: int) -> bytes:
        out = self._inner.decompress(self._inner.unconsumed_tail + data, limit)
        self.eof, self.unused_data = self._inner.eof, self._inner.unused_data
        return out

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail


class _Plain:
    """No compression."""

    eof, unused_data, needs_input = False, b"", True

    def decompress(self, data: bytes, limit: int) -> bytes:
        return data


MAGIC: tuple[tuple[bytes, Callable[[], Any]], ...] = (
    (b"\x1f\x8b", _Gzip),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", lambda: lzma.LZMADecompressor(memlimit=256 << 20)),
)


class _Inflated:
    """The decompressed bytes of a stream, counted and capped; reads to the end and no further."""

    def __init__(self, stream: BinaryIO, magic: bytes, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline
        self._make = next((make for mark, make in MAGIC if magic.startswith(mark)), _Plain)
        self._inner = self._make()
        self._pending = b""
        self._taken = self._given = 0
        if self._make is _Plain and magic[257:262] != b"ustar" and not _is_old_tar(magic):
            raise ArchiveError("archive_not_archive", repr(magic[:8]))

    def read(self, size: int = BLOCK) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        parts, missing = [], size
        while missing > 0 and (part := self._some(missing)):
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _some(self, size: int) -> bytes:
        while True:
            if self._inner.eof and not self._next():
                return b""
            fed = b""
            if self._inner.needs_input:
                fed, self._pending = self._pending or self._stream.read(BLOCK), b""
                self._taken += len(fed)
                if not fed:
                    return self._ended()
            out: bytes = self._inner.decompress(fed, size)
            self._count(len(out))
            if out:
                return out

    def _ended(self) -> bytes:
        """Input ended: fine between compressed members, truncated inside one."""
        if self._make is not _Plain:
            raise ArchiveError("archive_truncated", f"after {self._taken} bytes")
        return b""

    def _next(self) -> bool:
        """Begin the next compressed member, if there is one; padding is none."""
        rest = (self._inner.unused_data or self._stream.read(BLOCK)).lstrip(b"\0")
        if not any(rest.startswith(mark) and make is self._make for mark, make in MAGIC):
            return False
        self._inner, self._pending = self._make(), rest
        return True

    def _count(self, size: int) -> None:
        self._given += size
        if self._given > MAX_TOTAL:
            raise ArchiveError("archive_too_large", f"over {MAX_TOTAL} bytes")
        if self._given > max(RATIO_GRACE, MAX_RATIO * self._taken):
            raise ArchiveError("archive_ratio", f"{self._given} from {self._taken} bytes")
        if time.monotonic() > self._deadline:
            raise ArchiveError("archive_timeout", f"{MAX_SECONDS:.0f} s")

    def drain(self) -> None:
        """Read to the end, so that the last checksum is checked."""
        while self.read(BLOCK):
            pass


def _is_old_tar(magic: bytes) -> bool:
    """A pre-POSIX tar header has no magic but a valid checksum."""
    try:
        tarfile.TarInfo.frombuf(magic, "utf-8", "surrogateescape")
    except tarfile.TarError:
        return False
    return True


class _Header(tarfile.TarInfo):
    """A tar header whose extended part is bounded: a 200 MiB pax record is a bomb."""

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        extended = self.type in (
            tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE,
            tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK,
        )  # fmt: skip
        if self.size < 0 or (extended and self.size > MAX_HEADER):
            raise ArchiveError("archive_header", f"extended header of {self.size} bytes")
        found: tarfile.TarInfo = super()._proc_member(tar)  # type: ignore[misc]
        return found


def _tar_members(source: _Inflated, wanted: Wanted) -> Iterator[Member]:
    seen = _Seen(wanted)
    with tarfile.open(fileobj=source, mode="r|", tarinfo=_Header) as tar:  # type: ignore[call-overload]
        for info in tar:
            tar.members = []  # it keeps every header otherwise
            seen.count()
            if (path := seen.wanted(info.name)) is None:
                continue
            reason, value = seen.fault(info.name, path) or _tar_fault(info)
            content = None
            if reason is None:
                file = tar.extractfile(info)
                content = file.read(MEMBER_BYTES) if file else b""
            yield Member(path, content, reason, value)
    source.drain()
    if not seen.members:
        raise ArchiveError("archive_empty")


def _tar_fault(info: tarfile.TarInfo) -> tuple[str | None, str | None]:
    if info.issym() or info.islnk():
        return "link", _printable(info.linkname)[:MAX_COMPONENT]
    if info.issparse():
        return "sparse", str(info.size)
    if not info.isreg():
        return "special", repr(info.type)
    return ("too_large", str(info.size)) if info.size >= MEMBER_BYTES else (None, None)


class _Seen:
    """Names seen so far: counts, the common top folder, duplicates."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted, self._paths = wanted, set[str]()
        self.members, self._top = 0, ""

    def count(self) -> None:
        self.members += 1
        if self.members > MAX_MEMBERS:
            raise ArchiveError("archive_too_many_members", f"over {MAX_MEMBERS}")

    def wanted(self, name: str) -> str | None:
        """The path below the archive's top folder, if anybody wants that file."""
        path = _printable(name).removeprefix("./")
        if not self._top and "/" in path:
            self._top = path.split("/", 1)[0] + "/"
        if self._top not in ("/", "../"):
            path = path.removeprefix(self._top)
        return path if path and self._wanted(path) else None

    def fault(self, name: str, path: str) -> tuple[str, str | None] | None:
        """Why the name is refused, or None."""
        if reason := name_fault(name):
            return reason, path[:MAX_NAME]
        if path in self._paths:
            return "duplicate_path", None
        self._paths.add(path)
        return None


def _printable(name: str) -> str:
    """The name as text that Arrow can hold: lone surrogates escaped."""
    return name.encode("utf-8", "backslashreplace").decode()


def name_fault(name: str) -> str | None:
    """Why a member's name is refused, or None."""
    parts = re.split(r"[/\\]", name)
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return "path_absolute"
    if ".." in parts:
        return "path_traversal"
    if len(name) > MAX_NAME or any(len(part.encode("utf-8", "replace")) > MAX_COMPONENT
                                   for part in parts):  # fmt: skip
        return "path_too_long"
    if any(0xD800 <= ord(character) <= 0xDFFF for character in name):
        return "path_not_utf8"
    return "path_control" if UNSEEN.search(name) else None


def _zip_members(stream: BinaryIO, wanted: Wanted, deadline: float) -> Iterator[Member]:
    with zipfile.ZipFile(stream) as archive:
        infos = archive.infolist()
        if not infos:
            raise ArchiveError("archive_empty")
        tops = {info.filename.split("/", 1)[0] for info in infos}
        # A wheel has no top folder: only one that all members share is taken off.
        shared = len(tops) == 1 and all("/" in info.filename for info in infos)
        seen = _Seen(wanted)
        if not shared:
            seen._top = "/"
        total = 0
        for info in infos:
            seen.count()
            if info.is_dir() or (path := seen.wanted(info.filename)) is None:
                continue
            reason, value = seen.fault(info.filename, path) or _zip_fault(info)
            content = None
            if reason is None:
                content, reason, value = _zip_content(archive, info)
                total += len(content or b"")
            if total > MAX_TOTAL:
                raise ArchiveError("archive_too_large", f"over {MAX_TOTAL} bytes")
            if time.monotonic() > deadline:
                raise ArchiveError("archive_timeout", f"{MAX_SECONDS:.0f} s")
            yield Member(path, content, reason, value)


def _zip_fault(info: zipfile.ZipInfo) -> tuple[str | None, str | None]:
    kind = info.external_attr >> 28
    if kind == 0xA:
        return "link", None
    if kind not in (0, 0x8):
        return "special", oct(info.external_attr >> 16)
    if info.flag_bits & 1:
        return "encrypted", None
    return ("too_large", str(info.file_size)) if info.file_size >= MEMBER_BYTES else (None, None)


def _zip_content(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo
) -> tuple[bytes | None, str | None, str | None]:
    """Content, or reason and value; counts what is read, not what is declared."""
    try:
        with archive.open(info) as file:
            content = file.read(MEMBER_BYTES)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        return None, "member_corrupt", str(error)[:200]
    if len(content) >= MEMBER_BYTES:
        return None, "too_large", str(len(content))
    return content, None, None
