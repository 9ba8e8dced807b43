"""Members of a zip, a wheel among them; what is declared is checked against what is there."""

import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from transforms.lib.archives.rules import MEMBER_BYTES, ArchiveError, Member, Meter, Names

MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
ENTRY = b"PK\x01\x02"  # begins every entry of the directory
BLOCK = 1 << 20
# The types of Unix modes; writers elsewhere leave none.
SYMLINK, REGULAR = 0xA, (0, 0x8)


def zip_members(stream: BinaryIO, names: Names, meter: Meter) -> Iterator[Member]:
    """Wanted members with their full paths."""
    meter.member(_entries(stream))  # before the directory is read: each entry becomes an object
    size = stream.tell()
    with zipfile.ZipFile(stream) as archive:
        infos = archive.infolist()
        if not infos:
            raise ArchiveError("archive_empty")
        # Members that share their bytes make a bomb of any size from a small archive.
        if (declared := sum(info.compress_size for info in infos)) > size:
            raise ArchiveError("archive_overlap", f"{declared} bytes of members in {size}")
        for info in infos:
            if not info.is_dir() and (judged := names.judge(info.filename)):
                member = _member(archive, info, *judged)
                meter.read(len(member.content or b""), info.compress_size)
                yield member


def _entries(stream: BinaryIO) -> int:
    """At least how many entries the directory has; reads `stream` to its end."""
    count, tail = 0, b""
    while block := stream.read(BLOCK):
        count += (tail + block).count(ENTRY)
        tail = block[1 - len(ENTRY) :]
    return count


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str, fault: str | None
) -> Member:
    kind = info.external_attr >> 28
    if fault:
        return Member(path, None, fault)
    if kind == SYMLINK:
        return Member(path, None, "link")
    if kind not in REGULAR:
        return Member(path, None, "special", oct(info.external_attr >> 16))
    if info.flag_bits & 1:
        return Member(path, None, "encrypted")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return Member(path, None, "compression", str(info.compress_type))
    if info.file_size >= MEMBER_BYTES:
        return Member(path, None, "too_large", str(info.file_size))
    try:
        with archive.open(info) as file:
            return Member(path, file.read(MEMBER_BYTES))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        return Member(path, None, "member_corrupt", str(error)[:200])
