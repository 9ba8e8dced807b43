"""How JSON Lines are read: plain or compressed, in pieces and lines of bounded size.

`Lines` is a piece of a file that a worker reads, broken lines and all; `json_objects` reads a whole
file and ends at the first line that is broken.
"""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from transforms.lib.errors import UsageError
from transforms.lib.python.parsing import Rejected
from transforms.lib.records.entry import Entry
from transforms.lib.records.fields import parse_json
from transforms.lib.records.input_files import (
    READ_BYTES,
    FileBytes,
    InflatedBytes,
    compression,
    digest,
    fault_message,
    file_bytes,
    head_of,
)
from transforms.lib.skeleton.storage import open_input

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
PIECE_BYTES = 32_000_000  # of a file without compression
MAX_LINE = 64_000_000  # bytes of a line of problems; a longer line is rejected
# Bytes of a line of tasks or samples; a file with a longer line is refused.
MAX_STRICT_LINE = 256_000_000


@dataclass(frozen=True)
class Lines:
    """The lines that begin in bytes `begin` to `end` of a file.

    first: the number of the first line, from 1; compressed: whether the file is; it is then one
    piece, `begin` must be 0 and `end` is ignored; name: what entries call the file, if not by its
    own.
    """

    file: str
    begin: int
    end: int
    first: int
    compressed: bool = False
    name: str = ""

    def entries(self) -> Iterator[Entry]:
        """The records of the lines, each with its place FILE:LINE, or with what is wrong with it.

        An empty line is no record. A damaged compressed file ends in an entry of its own.
        """
        name = self.name or os.path.basename(self.file)
        with open_input(self.file) as file:
            file.seek(self.begin)
            size = self.end - self.begin
            source = InflatedBytes(file) if self.compressed else FileBytes(file, size)
            for number, line in enumerate(split_lines(source, MAX_LINE), self.first):
                if line is None or line.strip():
                    yield _entry(f"{name}:{number}", line)
        if source.fault:
            yield Entry(name, faults=((source.fault, None),))


def _entry(place: str, line: bytes | None) -> Entry:
    if line is None:
        return Entry(place, faults=(("too_large", f"over {MAX_LINE} bytes"),))
    try:
        record = json_value(line)
    except Rejected as rejected:
        return Entry(place, faults=((rejected.reason, rejected.value),))
    if not isinstance(record, dict):
        return Entry(place, faults=(("bad_json", f"{type(record).__name__}, not an object"),))
    return Entry(place, record=record)


def json_objects(
    path: str, content: BinaryIO | None = None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The number of each line of a whole file, from 1, and the JSON object that it holds.

    Empty lines are left out. Raises UsageError that names the file and the line at the first one
    that is no JSON object, and if the file cannot be read to its end. `content` is the file, where
    the caller has opened it already.
    """
    with content or open_input(path) as file:
        source, number = file_bytes(file), 0
        for number, line in enumerate(split_lines(source, MAX_STRICT_LINE), 1):
            if source.fault:  # the last line is cut off
                raise UsageError(f"{path}: line {number}: {fault_message(source.fault)}")
            if line is None:
                raise UsageError(f"{path}: line {number}: over {MAX_STRICT_LINE:,} bytes")
            if line.strip():
                yield number, _json_object(f"{path}: line {number}", line)
    if source.fault:
        raise UsageError(f"{path}: after line {number}: {fault_message(source.fault)}")


def _json_object(place: str, line: bytes) -> dict[str, Any]:
    try:
        values = json_value(line, huge_ints=False)
    except Rejected as rejected:
        words = "not UTF-8" if rejected.reason == "undecodable" else "not JSON"
        raise UsageError(f"{place}: {words} ({rejected.value})") from rejected
    if not isinstance(values, dict):
        raise UsageError(f"{place}: not a JSON object but a {type(values).__name__}")
    return values


def json_value(line: bytes, huge_ints: bool = True) -> Any:
    """The JSON value of a line; `huge_ints` as for `parse_json`.

    Raises Rejected: `undecodable` or `bad_json`.

    >>> json_value(b'{"task_id": "HumanEval/0"}')
    {'task_id': 'HumanEval/0'}
    """
    try:
        return parse_json(line.removeprefix(BYTE_ORDER_MARK).decode(), huge_ints)
    except UnicodeDecodeError as error:
        raise Rejected("undecodable", f"at byte {error.start}") from error


def plan_lines(path: str) -> tuple[list[Lines], str]:
    """The pieces of a file, and the sha256 of its content as hex."""
    sha256, pieces = hashlib.sha256(), list[Lines]()
    begin = position = newlines = first = 0
    with open_input(path) as file:
        if compression(head_of(file)):
            return [Lines(path, 0, 0, 1, compressed=True)], digest(path)
        while block := file.read(READ_BYTES):
            sha256.update(block)
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
    return pieces, sha256.hexdigest()


def split_lines(source: FileBytes | InflatedBytes, longest: int) -> Iterator[bytes | None]:
    """The lines of a source without their line breaks; None for each that is over `longest` bytes.

    No more than a line of that length and a block are ever held.
    """
    begun = bytearray()  # of a line that is not whole yet
    skipping = False  # the rest of a line that is too long
    while block := source.read():
        *ended, rest = block.split(b"\n")
        for part in ended:
            if not skipping:
                yield None if len(begun) + len(part) > longest else bytes(begun + part)
            begun.clear()
            skipping = False
        if skipping:
            continue
        begun += rest
        if len(begun) > longest:
            yield None
            begun.clear()
            skipping = True
    if begun:
        yield bytes(begun)
