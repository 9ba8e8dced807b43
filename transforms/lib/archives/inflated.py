"""A compressed stream as a file that is read forwards, with its cost counted."""

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO

from transforms.lib.archives.rules import ArchiveError, Meter

INFLATE_BYTES = 1 << 16  # read and decompressed at a time
XZ_MEMORY = 128 << 20  # bytes; an archive made by `xz -9` needs 65 MiB


class _Gzip:
    """One gzip member, its CRC checked, with the interface of bz2's and lzma's decompressors."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(31)

    def decompress(self, data: bytes, limit: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, limit)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail


class _Uncompressed:
    """The same interface for a stream that is not compressed."""

    eof, unused_data, needs_input = False, b"", True

    def decompress(self, data: bytes, limit: int) -> bytes:
        return data


# Magic bytes and the decompressor of what begins with them.
DECOMPRESSORS: tuple[tuple[bytes, Callable[[], Any]], ...] = (
    (b"\x1f\x8b", _Gzip),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", lambda: lzma.LZMADecompressor(memlimit=XZ_MEMORY)),
    (b"", _Uncompressed),
)
LONGEST_MAGIC = max(len(magic) for magic, _ in DECOMPRESSORS)


def _decompressor(head: bytes) -> Callable[[], Any]:
    return next(make for magic, make in DECOMPRESSORS if head.startswith(magic))


class Inflated:
    """The decompressed bytes of a stream that begins with `head`; a damaged stream raises."""

    def __init__(self, stream: BinaryIO, head: bytes, meter: Meter) -> None:
        self._stream, self._meter = stream, meter
        self._make = _decompressor(head)
        self._inner = self._make()
        self._pending, self._buffer = b"", bytearray()
        self._position = 0

    @property
    def checked(self) -> bool:
        """Whether the stream has a checksum, so that its end is certain."""
        return self._make is not _Uncompressed

    def read(self, size: int) -> bytes:
        """The next `size` bytes; fewer only at the end."""
        while len(self._buffer) < size and (part := self._inflate()):
            self._buffer += part
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        self._position += len(taken)
        return taken

    def tell(self) -> int:
        """How many bytes were read."""
        return self._position

    def seek(self, position: int) -> None:
        """Skip to `position`, or to the end before it; ArchiveError if it is behind."""
        if position < self._position:
            raise ArchiveError("archive_corrupt", "an offset that points backwards")
        while self._position < position:
            if not self.read(min(INFLATE_BYTES, position - self._position)):
                break

    def drain(self) -> None:
        """Read to the end, so that the last checksum is checked."""
        while self.read(INFLATE_BYTES):
            pass

    def _inflate(self) -> bytes:
        """Some more bytes; none at the end."""
        while not self._inner.eof or self._begin_next():
            compressed = b""
            if self._inner.needs_input:
                compressed = self._pending or self._stream.read(INFLATE_BYTES)
                self._pending = b""
                if not compressed:
                    return self._end()
            inflated: bytes = self._inner.decompress(compressed, INFLATE_BYTES)
            self._meter.count_bytes(len(inflated), len(compressed))
            if inflated:
                return inflated
        return b""

    def _end(self) -> bytes:
        """No bytes at the end of the input; ArchiveError if it is inside a compressed part."""
        if self.checked:
            raise ArchiveError("archive_truncated", f"after {self._position} bytes")
        return b""

    def _begin_next(self) -> bool:
        """Begin the next compressed part; False if only padding or garbage follows."""
        rest = self._inner.unused_data.lstrip(b"\0")
        while len(rest) < LONGEST_MAGIC and (more := self._stream.read(INFLATE_BYTES)):
            rest = (rest + more).lstrip(b"\0")
        if _decompressor(rest) is not self._make:
            return False
        self._inner, self._pending = self._make(), rest
        return True
