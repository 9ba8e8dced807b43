"""Input files of this machine or an object store: opened, gunzipped within bounds, and digested."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from io import BufferedReader
from typing import BinaryIO, cast

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import open_input

READ_BYTES = 1 << 20  # at a time
GZIP_MAGIC = b"\x1f\x8b"
# A gzip file that inflates to more than MAX_RATIO times the bytes that were read of it, and to more
# than RATIO_GRACE bytes, is a bomb.
MAX_RATIO, RATIO_GRACE = 250, 64_000_000


def digest(path: str) -> str:
    """The sha256 of a file, or of the names and digests of all files below a folder, as hex."""
    if not os.path.isdir(path):
        with open_input(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    total = hashlib.sha256()
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            full = os.path.join(folder, name)
            total.update(f"{os.path.relpath(full, path)}\0{digest(full)}\n".encode())
    return total.hexdigest()


def is_gzip(file: BinaryIO) -> bool:
    """Whether a buffered file is compressed by gzip; its position does not change."""
    return cast(BufferedReader, file).peek(len(GZIP_MAGIC)).startswith(GZIP_MAGIC)


class FileBytes:
    """The bytes of a file in blocks, from its position on: at most `size` of them."""

    fault: str | None = None  # as in GunzippedBytes; an uncompressed file has no faults

    def __init__(self, file: BinaryIO, size: int | None = None) -> None:
        self._file, self._left = file, size

    def read(self) -> bytes:
        """The next block; empty at the end."""
        if self._left is None:
            return self._file.read(READ_BYTES)
        block = self._file.read(min(READ_BYTES, self._left))
        self._left -= len(block)
        return block


class GunzippedBytes:
    """The inflated bytes of a gzip file in blocks; members that follow one another are one text.

    It ends early at a fault, which it keeps: `archive_corrupt` or `archive_ratio`.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._raw, self._inflated = file, 0
        self._file = gzip.GzipFile(fileobj=file)
        self.fault: str | None = None

    def read(self) -> bytes:
        """The next block; empty at the end."""
        try:
            block = self._file.read1(READ_BYTES)
        except (OSError, EOFError, zlib.error):
            self.fault = "archive_corrupt"
            return b""
        self._inflated += len(block)
        if self._inflated > max(RATIO_GRACE, MAX_RATIO * self._raw.tell()):
            self.fault = "archive_ratio"
            return b""
        return block


def file_bytes(file: BinaryIO) -> FileBytes | GunzippedBytes:
    """The bytes of a whole file, gunzipped if it is a gzip file by its first bytes."""
    return GunzippedBytes(file) if is_gzip(file) else FileBytes(file)


def read_text(path: str, content: BinaryIO | None = None) -> str:
    """The whole text of a file. Raises UsageError that names it if it is damaged or not UTF-8.

    `content` is the file, where the caller has opened it already.
    """
    with content or open_input(path) as file:
        source = file_bytes(file)
        data = b"".join(_blocks(source))
    if source.fault:
        raise UsageError(f"{path}: {fault_message(source.fault)}")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 at byte {error.start}") from error


def _blocks(source: FileBytes | GunzippedBytes) -> Iterator[bytes]:
    while block := source.read():
        yield block


def fault_message(fault: str) -> str:
    """What a person is told of a fault of a gzip file."""
    if fault == "archive_ratio":
        return f"inflates to more than {MAX_RATIO} times its size, which is taken for an attack"
    return "truncated or damaged"
