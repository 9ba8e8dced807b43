"""Archives read in memory, member by member: hostile until the last byte, never extracted."""

import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from transforms.lib.archives import zip as zip_members
from transforms.lib.archives.inflated import Inflated
from transforms.lib.archives.rules import MEMBER_BYTES, ArchiveError, Member, Meter, Names, Wanted
from transforms.lib.archives.tar import tar_members

__all__ = ["MEMBER_BYTES", "ArchiveError", "Member", "members"]


def members(stream: BinaryIO, wanted: Wanted) -> Iterator[Member]:
    """Wanted members of a tar (plain, gzip, bzip2, xz) or zip, told by its magic bytes.

    A member has its content or the reason why it is dropped; its path is below the folder that
    all files of the archive share. What is wrong with the archive as a whole is raised as
    ArchiveError, and then no member is given.
    """
    found = _read(stream, wanted)
    found.reverse()
    while found:
        yield found.pop()  # its content can go as soon as it was used


def _read(stream: BinaryIO, wanted: Wanted) -> list[Member]:
    magic = stream.read(512)
    stream.seek(0)
    if not magic:
        raise ArchiveError("archive_empty")
    names, meter = Names(wanted), Meter()
    try:
        if magic.startswith(zip_members.MAGIC):
            found = list(zip_members.zip_members(stream, names, meter))
        else:
            found = list(tar_members(Inflated(stream, magic, meter), names, meter))
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError) as error:
        raise ArchiveError("archive_corrupt", str(error)[:200]) from error
    # What the standard library lets through on damaged or hostile input.
    except (
        OSError,
        EOFError,
        ValueError,
        IndexError,
        OverflowError,
        NotImplementedError,
        RecursionError,
        struct.error,
    ) as error:
        raise ArchiveError("archive_corrupt", f"{type(error).__name__} {error}"[:200]) from error
    return names.below_top(found)
