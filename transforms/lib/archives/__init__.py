"""Archives read in memory, member by member, and never extracted: any byte may be hostile."""

import contextlib
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
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

__all__ = [
    "MEMBER_BYTES",
    "ArchiveContents",
    "ArchiveError",
    "Member",
    "beginning",
    "contents",
    "members",
    "with_full_paths",
]

HEAD_BYTES = 512  # of an archive, which hold the magic bytes of every format
MESSAGE_CHARACTERS = 200  # of an error of the standard library, in the value of a reject


@dataclass(frozen=True)
class ArchiveContents:
    """What an archive says of itself, and its wanted members.

    top: the folder that all files share, or None; commit: the id that `git archive` writes; newest:
    when the newest file was changed, in seconds since 1970, 0 if the archive does not say.
    """

    top: str | None
    commit: str | None
    newest: int
    members: Iterator[Member]


def members(stream: BinaryIO, wanted: PathFilter) -> Iterator[Member]:
    """The wanted members of an archive, as in `contents`."""
    return contents(stream, wanted).members


def contents(
    stream: BinaryIO, wanted: PathFilter, member_bytes: int = MEMBER_BYTES
) -> ArchiveContents:
    """What is in a tar (plain, gzip, bzip2 or xz) or zip.

    The format follows from the magic bytes. Each member has either its content or the reason why
    it is dropped, such as having `member_bytes` or more; if all files of the archive share a top
    folder, paths are below it. Raises ArchiveError, before any member, if the archive as a whole is
    rejected.
    """
    names = MemberNames(wanted, member_bytes)
    whole = list(_read(stream, names, Meter()))
    return ArchiveContents(names.top, names.commit, names.newest, _freed(names.below_top(whole)))


def beginning(stream: BinaryIO, wanted: PathFilter, max_bytes: int) -> ArchiveContents:
    """As `contents`, by the first `max_bytes` of an archive; damage is taken for its end."""
    names, found = MemberNames(wanted), list[Member]()
    with contextlib.suppress(ArchiveError):
        found.extend(_read(stream, names, Meter(max_bytes)))
    return ArchiveContents(names.top, names.commit, names.newest, _freed(names.below_top(found)))


def with_full_paths(stream: BinaryIO, wanted: PathFilter, max_bytes: int) -> Iterator[Member]:
    """The wanted members of an archive that quire made, with paths as they stand in it.

    Raises ArchiveError, also between members.
    """
    return _read(stream, MemberNames(wanted), Meter(max_bytes))


def _freed(whole: list[Member]) -> Iterator[Member]:
    """The members; each is freed once the caller has used it."""
    whole.reverse()
    while whole:
        yield whole.pop()


def _read(stream: BinaryIO, names: MemberNames, meter: Meter) -> Iterator[Member]:
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    if not head:
        raise ArchiveError("archive_empty")
    try:
        if head.startswith(zip_archive.ZIP_MAGIC):
            yield from zip_archive.zip_members(stream, names, meter)
        else:
            yield from tar_members(Inflated(stream, head, meter), names, meter)
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
