"""JSON Lines, plain or compressed by gzip, in pieces of bounded size."""

import gzip
import hashlib
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from transforms.lib.errors import UsageError
from transforms.lib.python.parsing import Rejected
from transforms.lib.records.entry import Entry
from transforms.lib.records.fields import from_json
from transforms.lib.skeleton.storage import Storage

PIECE_BYTES = 32_000_000  # of a file without compression
MAX_LINE = 64_000_000  # bytes
BLOCK = 1 << 20
GZIP = b"\x1f\x8b"
MAX_RATIO, RATIO_GRACE = 250, 64_000_000  # a gzip file that grows more is a bomb


@dataclass(frozen=True)
class Lines:
    """The lines that begin in bytes `begin` to `end` of a file; `first` is the number of the first.
    A compressed file is one piece. `name` is what entries call the file, if not by its own."""

    file: str
    begin: int
    end: int
    first: int
    compressed: bool = False
    name: str = ""

    def entries(self) -> Iterator[Entry]:
        """The records of the lines; an empty line is none."""
        name = self.name or os.path.basename(self.file)
        with open_file(self.file) as file:
            file.seek(self.begin)
            source = _Inflated(file) if self.compressed else _Bounded(file, self.end - self.begin)
            for number, line in enumerate(_lines(source), self.first):
                if line is None or line.strip():
                    yield _entry(f"{name}:{number}", line)
        if isinstance(source, _Inflated) and source.fault:
            yield Entry(name, faults=((source.fault, None),))


def _entry(place: str, line: bytes | None) -> Entry:
    if line is None:
        return Entry(place, faults=(("too_large", f"over {MAX_LINE} bytes"),))
    try:
        record = from_json(line.decode())
    except UnicodeDecodeError as error:
        return Entry(place, faults=(("undecodable", f"at byte {error.start}"),))
    except Rejected as error:
        return Entry(place, faults=((error.reason, error.value),))
    if not isinstance(record, dict):
        return Entry(place, faults=(("bad_json", f"{type(record).__name__}, not an object"),))
    return Entry(place, record=record)


def open_file(path: str) -> BinaryIO:
    """A file here or at a storage URL; UsageError that names it."""
    folder, _, name = path.rpartition("/")
    try:
        stream: BinaryIO = Storage(folder or "/").open(name)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror or error})") from error
    return stream


def plan_lines(path: str) -> tuple[list[Lines], str]:
    """The pieces of a file, and a digest of its content."""
    digest, pieces = hashlib.sha256(), list[Lines]()
    begin = position = newlines = first = 0
    with open_file(path) as file:
        if file.read(2) == GZIP:
            file.seek(0)
            return [Lines(path, 0, 0, 1, compressed=True)], _digest(file)
        file.seek(0)
        while block := file.read(BLOCK):
            digest.update(block)
            full = position + len(block) - begin >= PIECE_BYTES
            if full and (at := block.rfind(b"\n")) >= 0:
                end = position + at + 1
                pieces.append(Lines(path, begin, end, first + 1))
                first = newlines + block.count(b"\n", 0, at + 1)
                begin = end
            newlines += block.count(b"\n")
            position += len(block)
    if position > begin:
        pieces.append(Lines(path, begin, position, first + 1))
    return pieces, digest.hexdigest()


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := file.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()


class _Bounded:
    """So many bytes of a file."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left = file, size

    def read(self) -> bytes:
        """Some bytes; none at the end."""
        block = self._file.read(min(BLOCK, self._left))
        self._left -= len(block)
        return block


class _Inflated:
    """The inflated bytes of a gzip file; it ends at a fault, which it keeps."""

    def __init__(self, file: BinaryIO) -> None:
        self._raw, self._given = file, 0
        self._file = gzip.GzipFile(fileobj=file)
        self.fault: str | None = None

    def read(self) -> bytes:
        """Some bytes; none at the end."""
        try:
            block = self._file.read1(BLOCK)
        except (OSError, EOFError, zlib.error):
            self.fault = "archive_corrupt"
            return b""
        self._given += len(block)
        if self._given > max(RATIO_GRACE, MAX_RATIO * self._raw.tell()):
            self.fault = "archive_ratio"
            return b""
        return block


def _lines(source: Any) -> Iterator[bytes | None]:
    """The lines of a source; None for one that is too long."""
    held = bytearray()
    too_long = False
    while block := source.read():
        *ended, rest = block.split(b"\n")
        for part in ended:
            yield None if too_long or len(held) + len(part) > MAX_LINE else bytes(held + part)
            held.clear()
            too_long = False
        held += rest
        if too_long := too_long or len(held) > MAX_LINE:
            held.clear()
    if held or too_long:
        yield None if too_long else bytes(held)
