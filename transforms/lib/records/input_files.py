"""Input files of this machine or an object store: opened, inflated within bounds, and digested."""

import bz2
import gzip
import hashlib
import lzma
import os
import re
import zlib
from collections.abc import Callable, Iterator
from io import BufferedReader
from typing import Any, BinaryIO, cast

import pyarrow as pa

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import open_input

READ_BYTES = 1 << 20  # at a time
MAGIC_BYTES = 10  # of a file, that tell how it is compressed
# A compressed file that inflates to more than MAX_RATIO times the bytes that were read of it, and
# to more than RATIO_GRACE bytes, is a bomb.
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


def _zstd(file: BinaryIO) -> pa.CompressedInputStream:
    return pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")


# The first bytes of compressed files, and what inflates them, with the method that reads a block.
COMPRESSIONS: tuple[tuple[re.Pattern[bytes], str, Callable[[BinaryIO], Any], str], ...] = (
    (re.compile(rb"\x1f\x8b"), "gzip", lambda file: gzip.GzipFile(fileobj=file), "read1"),
    (re.compile(rb"\x28\xb5\x2f\xfd"), "zstd", _zstd, "read"),
    (re.compile(rb"BZh[1-9]1AY&SY"), "bzip2", bz2.BZ2File, "read1"),
    (re.compile(rb"\xfd7zXZ\x00"), "xz", lzma.LZMAFile, "read1"),
)
COMPRESSED_ENDINGS = (".gz", ".zst", ".bz2", ".xz")
DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError, pa.ArrowException)  # what they raise


def compression(head: bytes) -> str | None:
    """What a file with these first bytes is compressed by, or None.

    >>> compression(gzip.compress(b"a")), compression(b"BZh, he said")
    ('gzip', None)
    """
    return next((name for magic, name, *_ in COMPRESSIONS if magic.match(head)), None)


def head_of(file: BinaryIO) -> bytes:
    """The first bytes of a buffered file; its position does not change."""
    return cast(BufferedReader, file).peek(MAGIC_BYTES)[:MAGIC_BYTES]


def without_compression(name: str) -> str:
    """The name of a file without an ending such as `.gz`.

    >>> without_compression("a.jsonl.zst")
    'a.jsonl'
    """
    stem, ending = os.path.splitext(name)
    return stem if ending.lower() in COMPRESSED_ENDINGS else name


class FileBytes:
    """The bytes of a file in blocks, from its position on: at most `size` of them."""

    fault: str | None = None  # as in InflatedBytes; an uncompressed file has no faults

    def __init__(self, file: BinaryIO, size: int | None = None) -> None:
        self._file, self._left = file, size

    def read(self) -> bytes:
        """The next block; empty at the end."""
        if self._left is None:
            return self._file.read(READ_BYTES)
        block = self._file.read(min(READ_BYTES, self._left))
        self._left -= len(block)
        return block


class InflatedBytes:
    """The inflated bytes of a compressed file in blocks; members that follow one another are one
    text.

    It ends early at a fault, which it keeps: `archive_corrupt` or `archive_ratio`.
    """

    def __init__(self, file: BinaryIO) -> None:
        head = head_of(file)
        self._raw, self._inflated = file, 0
        open_inflated, method = next((c[2], c[3]) for c in COMPRESSIONS if c[0].match(head))
        self._read: Callable[[int], bytes] = getattr(open_inflated(file), method)
        self.fault: str | None = None

    def read(self) -> bytes:
        """The next block; empty at the end."""
        try:
            block = self._read(READ_BYTES)
        except DAMAGE:
            self.fault = "archive_corrupt"
            return b""
        self._inflated += len(block)
        if self._inflated > max(RATIO_GRACE, MAX_RATIO * self._raw.tell()):
            self.fault = "archive_ratio"
            return b""
        return block


def file_bytes(file: BinaryIO) -> FileBytes | InflatedBytes:
    """The bytes of a whole file, inflated if its first bytes are those of a compressed file."""
    return InflatedBytes(file) if compression(head_of(file)) else FileBytes(file)


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


def _blocks(source: FileBytes | InflatedBytes) -> Iterator[bytes]:
    while block := source.read():
        yield block


def fault_message(fault: str) -> str:
    """What a person is told of a fault of a compressed file."""
    if fault == "archive_ratio":
        return f"inflates to more than {MAX_RATIO} times its size, which is taken for an attack"
    return "truncated or damaged"
