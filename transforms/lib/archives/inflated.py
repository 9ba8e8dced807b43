"""A compressed stream as a file that is read forwards: told by its magic bytes, and metered."""

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO

from transforms.lib.archives.rules import ArchiveError, Meter

BLOCK = 1 << 16
XZ_MEMORY = 128 << 20  # `xz -9` needs 65 MiB


class _Gzip:
    """One gzip member, checked by its CRC; the interface of bz2's and lzma's decompressors."""

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


class _Plain:
    """No compression."""

    eof, unused_data, needs_input = False, b"", True

    def decompress(self, data: bytes, limit: int) -> bytes:
        return data


MAGIC: tuple[tuple[bytes, Callable[[], Any]], ...] = (
    (b"\x1f\x8b", _Gzip),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", lambda: lzma.LZMADecompressor(memlimit=XZ_MEMORY)),
    (b"", _Plain),
)
LONGEST_MAGIC = 6


def _codec(data: bytes) -> Callable[[], Any]:
    return next(make for mark, make in MAGIC if data.startswith(mark))


class Inflated:
    """The decompressed bytes of a stream; a truncated or corrupt one raises."""

    def __init__(self, stream: BinaryIO, magic: bytes, meter: Meter) -> None:
        self._stream, self._meter = stream, meter
        self._make = _codec(magic)
        self._inner = self._make()
        self._pending, self._buffer = b"", bytearray()
        self._position = 0

    @property
    def checked(self) -> bool:
        """Whether the end of the stream is certain, by a checksum."""
        return self._make is not _Plain

    def read(self, size: int) -> bytes:
        """`size` bytes; fewer only at the end."""
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
        """Skip to `position`, or to the end if that comes first; there is no way back."""
        if position < self._position:
            raise ArchiveError("archive_corrupt", "an offset that points backwards")
        while self._position < position and self.read(min(BLOCK, position - self._position)):
            pass

    def drain(self) -> None:
        """Read to the end, so that the last checksum is checked."""
        while self.read(BLOCK):
            pass

    def _inflate(self) -> bytes:
        """Some bytes more; none at the end."""
        while not self._inner.eof or self._next():
            fed = b""
            if self._inner.needs_input:
                fed, self._pending = self._pending or self._stream.read(BLOCK), b""
                if not fed:
                    return self._ended()
            out: bytes = self._inner.decompress(fed, BLOCK)
            self._meter.read(len(out), len(fed))
            if out:
                return out
        return b""

    def _ended(self) -> bytes:
        """Input ended: fine between compressed members, truncated inside one."""
        if self.checked:
            raise ArchiveError("archive_truncated", f"after {self._position} bytes")
        return b""

    def _next(self) -> bool:
        """Begin the next compressed member, if there is one; padding and garbage are none."""
        rest = self._inner.unused_data.lstrip(b"\0")
        while len(rest) < LONGEST_MAGIC and (more := self._stream.read(BLOCK)):
            rest = (rest + more).lstrip(b"\0")
        if _codec(rest) is not self._make:
            return False
        self._inner, self._pending = self._make(), rest
        return True
