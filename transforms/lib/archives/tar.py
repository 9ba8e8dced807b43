"""Members of a tar, one after the other; the standard library's headers with bounds.

Its own reading of extended headers takes quadratic time (a long run of digits) and unbounded
memory (a sparse map), and ends silently at a header that is damaged.
"""

import tarfile
from collections.abc import Iterator
from typing import Self

from transforms.lib.archives.inflated import Inflated
from transforms.lib.archives.rules import (
    MAX_COMPONENT,
    MEMBER_BYTES,
    ArchiveError,
    Member,
    Meter,
    Names,
    printable,
)

MAX_HEADER = 1 << 20  # an extended header: a name of a file is not longer
LENGTH_DIGITS = 20  # of a number in an extended header
EXTENDED = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


def tar_members(source: Inflated, names: Names, meter: Meter) -> Iterator[Member]:
    """Wanted members with their full paths; reads `source` to its end."""
    count = 0
    with tarfile.TarFile(
        fileobj=source,  # type: ignore[arg-type]
        tarinfo=_Header,
        encoding="utf-8",
        errors="surrogateescape",
    ) as tar:
        while info := tar.next():
            tar.members = []  # type: ignore[attr-defined]  # it keeps every header otherwise
            count += 1
            meter.member()
            if not info.isdir() and (judged := names.judge(info.name)):
                yield _member(source, info, *judged)
    source.drain()
    if not count:
        raise ArchiveError("archive_empty")


def _member(source: Inflated, info: tarfile.TarInfo, path: str, fault: str | None) -> Member:
    if fault:
        return Member(path, None, fault)
    if info.issym() or info.islnk():
        return Member(path, None, "link", printable(info.linkname)[:MAX_COMPONENT])
    if info.issparse():
        return Member(path, None, "sparse", str(info.size))
    if not info.isreg():
        return Member(path, None, "special", repr(info.type))
    if info.size >= MEMBER_BYTES:
        return Member(path, None, "too_large", str(info.size))
    content = source.read(info.size)
    if len(content) < info.size:
        raise ArchiveError("archive_truncated", f"inside {path}")
    return Member(path, content)


class _Header(tarfile.TarInfo):
    """A header whose damage is seen, and whose extended part is bounded in size and time."""

    @classmethod
    def fromtarfile(cls, tar: tarfile.TarFile) -> Self:
        source: Inflated = tar.fileobj  # type: ignore[assignment]
        begin = source.tell()
        try:
            return super().fromtarfile(tar)
        except tarfile.EmptyHeaderError:  # type: ignore[attr-defined]
            if not begin:
                raise ArchiveError("archive_empty") from None
            if not source.checked:
                raise ArchiveError("archive_truncated", "no end marker") from None
            raise
        except (tarfile.TruncatedHeaderError, tarfile.InvalidHeaderError) as error:  # type: ignore[attr-defined]
            reason = "archive_corrupt" if begin else "archive_not_archive"
            raise ArchiveError(reason, f"{error} at byte {begin}") from error

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        if self.size < 0 or (self.type in EXTENDED and self.size > MAX_HEADER):
            raise ArchiveError("archive_header", f"header of {self.size} bytes")
        found: tarfile.TarInfo = super()._proc_member(tar)  # type: ignore[misc]
        return found

    def _proc_sparse(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        """GNU's sparse file: past its map to its data."""
        source: Inflated = tar.fileobj  # type: ignore[assignment]
        _, extended, size = self._sparse_structs  # type: ignore[attr-defined]
        while extended:
            extended = source.read(tarfile.BLOCKSIZE)[504:505] not in (b"", b"\0")
        self.sparse = b""  # no map, but not None: it is sparse
        self.offset_data = source.tell()
        tar.offset = self.offset_data + self._block(self.size)  # type: ignore[attr-defined]
        self.size = size
        return self

    def _proc_pax(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        """The next header, with what this one says of its name, link, size and sparseness."""
        source: Inflated = tar.fileobj  # type: ignore[assignment]
        records = dict(_records(source.read(self._block(self.size))[: self.size]))  # type: ignore[attr-defined]
        found = self.fromtarfile(tar)
        if self.type == tarfile.XGLTYPE:  # comments: nothing that is read here
            return found
        found.name = records.get("GNU.sparse.name", records.get("path", found.name)).rstrip("/")
        found.linkname = records.get("linkpath", found.linkname)
        if any(name.startswith("GNU.sparse.") for name in records):
            found.sparse = b""
        if "size" in records:
            found.size = _number(records["size"])
            data = found._block(found.size) if found.isreg() else 0  # type: ignore[attr-defined]
            tar.offset = found.offset_data + data
        return found


def _records(block: bytes) -> Iterator[tuple[str, str]]:
    """Records "LENGTH NAME=VALUE\\n" of a pax header, in one pass."""
    at = 0
    while at < len(block):
        length, _, _ = block[at : at + LENGTH_DIGITS].partition(b" ")
        end = at + _number(length.decode("latin-1"))
        if not at + len(length) < end <= len(block):
            raise ArchiveError("archive_header", f"pax record of {end - at} bytes")
        name, _, value = block[at + len(length) + 1 : end - 1].partition(b"=")
        yield name.decode("utf-8", "replace"), value.decode("utf-8", "surrogateescape")
        at = end


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= LENGTH_DIGITS):
        raise ArchiveError("archive_header", f"{printable(text)[:LENGTH_DIGITS]!r} is no number")
    return int(text)
