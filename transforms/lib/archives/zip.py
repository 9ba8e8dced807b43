"""The members of a zip (a wheel is one); declared sizes are checked against actual ones."""

import calendar
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from transforms.lib.archives.rules import ArchiveError, Member, MemberNames, Meter

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
ENTRY_MAGIC = b"PK\x01\x02"  # begins every entry of the central directory
COUNT_BYTES = 1 << 20  # read at a time to count the entries
UTF8_FLAG = 0x800  # of an entry whose name is UTF-8; others are code page 437
EPOCH = 1980  # the first year of dates in zips, which stands for no date
# File types in Unix modes; on other systems zips are written without one.
SYMLINK, REGULAR = 0xA, (0, 0x8)


def zip_members(stream: BinaryIO, names: MemberNames, meter: Meter) -> Iterator[Member]:
    """The wanted members, with their full paths."""
    # Counted before `zipfile` reads the directory, as it makes an object of every entry.
    meter.count_members(_count_entries(stream))
    size = stream.tell()
    with zipfile.ZipFile(stream) as archive:
        names.comment = archive.comment.decode("latin-1").strip()
        infos = archive.infolist()
        if not infos:
            raise ArchiveError("archive_empty")
        # If members share their bytes, a small archive can inflate to any size.
        if (declared := sum(info.compress_size for info in infos)) > size:
            raise ArchiveError("archive_overlap", f"{declared} bytes of members in {size}")
        for info in infos:
            names.newest = max(names.newest, _changed(info))
            if not info.is_dir() and (checked := names.check(_name(info))):
                member = _member(archive, info, names.member_bytes, *checked)
                meter.count_bytes(len(member.content or b""), info.compress_size)
                yield member


def _changed(info: zipfile.ZipInfo) -> int:
    """When a member was changed, in seconds since 1970; 0 where the zip says nothing of it."""
    try:
        return calendar.timegm((*info.date_time, 0, 0, 0)) if info.date_time[0] > EPOCH else 0
    except ValueError:  # a month of 0 or of 15
        return 0


def _name(info: zipfile.ZipInfo) -> str:
    """The name of a member. Some tools, macOS's among them, write UTF-8 and do not say so."""
    if info.flag_bits & UTF8_FLAG:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


def _count_entries(stream: BinaryIO) -> int:
    """How many entries the directory can have at most; reads `stream` to its end."""
    count, tail = 0, b""
    while block := stream.read(COUNT_BYTES):
        count += (tail + block).count(ENTRY_MAGIC)
        tail = block[1 - len(ENTRY_MAGIC) :]
    return count


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int, path: str, fault: str | None
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
    if info.file_size >= limit:
        return Member(path, None, "too_large", str(info.file_size))
    try:
        with archive.open(info) as file:
            return Member(path, file.read(limit))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        return Member(path, None, "member_corrupt", str(error)[:200])
