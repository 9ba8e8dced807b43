"""Archives read in memory, member by member, and never extracted: any byte may be hostile."""

import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from transforms.lib.archives import zip as zip_archive
from transforms.lib.archives.inflated import Inflated
from transforms.lib.archives.rules import (
    MEMBER_BYTES,
    ArchiveError,
    Member,
    MemberNames,
    Meter,
    PathFilter,
)
from transforms.lib.archives.tar import tar_members

__all__ = ["MEMBER_BYTES", "ArchiveError", "Member", "members"]

HEAD_BYTES = 512  # of an archive, which hold the magic bytes of every format
MESSAGE_CHARACTERS = 200  # of an error of the standard library, in the value of a reject


def members(stream: BinaryIO, wanted: PathFilter) -> Iterator[Member]:
    """The wanted members of a tar (plain, gzip, bzip2 or xz) or zip.

    The format follows from the magic bytes. Each member has either its content or the reason why
    it is dropped; if all files of the archive share a top folder, paths are below it. Raises
    ArchiveError, before any member, if the archive as a whole is rejected.
    """
    remaining = _read(stream, wanted)
    remaining.reverse()
    while remaining:
        yield remaining.pop()  # popped, so that a content is freed once the caller has used it


def _read(stream: BinaryIO, wanted: PathFilter) -> list[Member]:
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    if not head:
        raise ArchiveError("archive_empty")
    names, meter = MemberNames(wanted), Meter()
    try:
        if head.startswith(zip_archive.ZIP_MAGIC):
            whole = list(zip_archive.zip_members(stream, names, meter))
        else:
            whole = list(tar_members(Inflated(stream, head, meter), names, meter))
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError) as error:
        raise ArchiveError("archive_corrupt", str(error)[:MESSAGE_CHARACTERS]) from error
    # Other errors that the standard library raises on damaged or hostile input.
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
        message = f"{type(error).__name__} {error}"[:MESSAGE_CHARACTERS]
        raise ArchiveError("archive_corrupt", message) from error
    return names.below_top(whole)
