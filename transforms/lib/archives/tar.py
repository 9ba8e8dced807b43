"""The members of a tar, one after the other, read by `tarfile` with bounds.

By itself `tarfile` takes quadratic time for some extended headers (a long run of digits) and
unbounded memory for others (a sparse map), and takes a damaged header for the end of the archive.
"""

import tarfile
from collections.abc import Iterator
from typing import Self

from transforms.lib.archives.inflated import Inflated
from transforms.lib.archives.rules import (
    MAX_COMPONENT_BYTES,
    ArchiveError,
    Member,
    MemberNames,
    Meter,
    printable,
)

MAX_HEADER_BYTES = 1 << 20  # of an extended header; the names that it holds are far shorter
MAX_DIGITS = 20  # of a number in an extended header; 2**64 has as many
EXTENDED_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


def tar_members(source: Inflated, names: MemberNames, meter: Meter) -> Iterator[Member]:
    """The wanted members, with their full paths; reads `source` to its end."""
    count = 0
    with tarfile.TarFile(
        fileobj=source,  # type: ignore[arg-type]
        tarinfo=_Header,
        encoding="utf-8",
        errors="surrogateescape",
    ) as tar:
        while info := tar.next():
            tar.members = []  # type: ignore[attr-defined]  # where it would keep every header
            count += 1
            meter.count_members()
            names.newest = max(names.newest, int(info.mtime))
            if not info.isdir() and (checked := names.check(info.name)):
                yield _member(source, info, names.member_bytes, *checked)
        names.comment = tar.pax_headers.get("comment", "")
    source.drain()
    if not count:
        raise ArchiveError("archive_empty")


def _member(
    source: Inflated, info: tarfile.TarInfo, limit: int, path: str, fault: str | None
) -> Member:
    if fault:
        return Member(path, None, fault)
    if info.issym() or info.islnk():
        return Member(path, None, "link", printable(info.linkname)[:MAX_COMPONENT_BYTES])
    if info.issparse():
        return Member(path, None, "sparse", str(info.size))
    if not info.isreg():
        return Member(path, None, "special", repr(info.type))
    if info.size >= limit:
        return Member(path, None, "too_large", str(info.size))
    content = source.read(info.size)
    if len(content) < info.size:
        raise ArchiveError("archive_truncated", f"inside {path}")
    return Member(path, content)


class _Header(tarfile.TarInfo):
    """A header that raises if it is damaged, and whose extended part is bounded in size and time.

    The methods that begin with `_proc_` replace those of `tarfile.TarInfo`.
    """

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
        if self.size < 0 or (self.type in EXTENDED_HEADERS and self.size > MAX_HEADER_BYTES):
            raise ArchiveError("archive_header", f"header of {self.size} bytes")
        member: tarfile.TarInfo = super()._proc_member(tar)  # type: ignore[misc]
        return member

    def _proc_sparse(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        """A sparse file of GNU tar: skips its map, of any length, without keeping it."""
        source: Inflated = tar.fileobj  # type: ignore[assignment]
        _, extended, size = self._sparse_structs  # type: ignore[attr-defined]
        while extended:
            extended = source.read(tarfile.BLOCKSIZE)[504:505] not in (b"", b"\0")
        self.sparse = b""  # no map; but not None, so that `issparse` holds
        self.offset_data = source.tell()
        tar.offset = self.offset_data + self._block(self.size)  # type: ignore[attr-defined]
        self.size = size
        return self

    def _proc_pax(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        """The header after this pax header, with the name, link, size and sparseness it gives."""
        source: Inflated = tar.fileobj  # type: ignore[assignment]
        records = dict(_pax_records(source.read(self._block(self.size))[: self.size]))  # type: ignore[attr-defined]
        member = self.fromtarfile(tar)
        if self.type == tarfile.XGLTYPE:  # a global header: holds comments in practice
            tar.pax_headers = records
            return member
        member.name = records.get("GNU.sparse.name", records.get("path", member.name)).rstrip("/")
        member.linkname = records.get("linkpath", member.linkname)
        if any(name.startswith("GNU.sparse.") for name in records):
            member.sparse = b""
        if "size" in records:
            member.size = _number(records["size"])
            data = member._block(member.size) if member.isreg() else 0  # type: ignore[attr-defined]
            tar.offset = member.offset_data + data
        return member


def _pax_records(block: bytes) -> Iterator[tuple[str, str]]:
    """Names and values of the records "LENGTH NAME=VALUE\\n" of a pax header, in one pass."""
    at = 0
    while at < len(block):
        length, _, _ = block[at : at + MAX_DIGITS].partition(b" ")
        end = at + _number(length.decode("latin-1"))
        if not at + len(length) < end <= len(block):
            raise ArchiveError("archive_header", f"pax record of {end - at} bytes")
        name, _, value = block[at + len(length) + 1 : end - 1].partition(b"=")
        yield name.decode("utf-8", "replace"), value.decode("utf-8", "surrogateescape")
        at = end


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise ArchiveError("archive_header", f"{printable(text)[:MAX_DIGITS]!r} is no number")
    return int(text)
