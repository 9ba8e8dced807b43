"""Records of an evaluation file: JSON Lines, one JSON array, or Parquet; gzip where it says so."""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import open_input


@dataclass(frozen=True)
class Record:
    """One record, and where it stands: a line of JSON Lines, else its number; from 1."""

    path: str
    place: str
    values: dict[str, Any]

    def fault(self, text: str) -> UsageError:
        """An error that names the file and the place."""
        return UsageError(f"{self.path}: {self.place}: {text}")

    def value(self, *names: str) -> Any:
        """The value of the first of these fields that is there; UsageError if none is."""
        for name in names:
            if self.values.get(name) is not None:
                return self.values[name]
        raise self.fault(f"no field {' or '.join(map(repr, names))}")

    def text(self, *names: str) -> str:
        """The same as text (a number is one too)."""
        value = self.value(*names)
        if isinstance(value, bool) or not isinstance(value, str | int) or not is_text(str(value)):
            raise self.fault(f"field {names[0]!r} is no text")
        return str(value)

    def optional(self, *names: str) -> str:
        """The same, or an empty text."""
        there = any(self.values.get(name) is not None for name in names)
        return self.text(*names) if there else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """A field with a list of texts, one text, or a JSON string of such a list (or empty)."""
        value = self.values.get(name)
        if isinstance(value, str) and value.lstrip().startswith("["):
            value = self.parsed(name, value)
        if isinstance(value, str):
            value = [value]
        values = self.listed(name, value)
        if not all(isinstance(each, str) and is_text(each) for each in values):
            raise self.fault(f"field {name!r} is no list of texts")
        return tuple(values)

    def listed(self, name: str, value: Any) -> list[Any]:
        """A value that is to be a list; nothing is an empty one."""
        if not isinstance(value or [], list):
            raise self.fault(f"field {name!r} is no list")
        return value or []

    def parsed(self, name: str, text: str) -> Any:
        """What the JSON inside of a field says."""
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self.fault(f"field {name!r} is not JSON ({error!s:.80})") from error


def is_text(value: str) -> bool:
    """Whether it is Unicode: JSON can spell half of a surrogate pair, which is none."""
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


def read_records(path: str, content: BinaryIO | None = None) -> Iterator[Record]:
    """The records of a file in order; UsageError that names file and line if it is none.

    `content` is the file of JSON at `path`, where the caller has opened it already.
    """
    if path.endswith(".parquet"):
        yield from _parquet(path)
    elif path.removesuffix(".gz").endswith(".json"):
        yield from _array(path, content)
    else:
        yield from _lines(path, content)


def digest(path: str) -> str:
    """sha256 of a file, or of all files below a folder with their names."""
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


def text_lines(path: str, content: BinaryIO | None = None) -> Iterator[tuple[int, str]]:
    """Lines of a UTF-8 file, gunzipped, with their numbers; UsageError if it is none or is cut."""
    number = 0
    try:
        with content or open_input(path) as file:
            lines = gzip.GzipFile(fileobj=file) if path.endswith(".gz") else file
            for number, line in enumerate(lines, 1):
                yield number, line.decode()
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError(f"{path}: truncated or damaged after line {number}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: line {number}: not UTF-8") from error


def _lines(path: str, content: BinaryIO | None = None) -> Iterator[Record]:
    for number, line in text_lines(path, content):
        if line.strip():
            yield _record(path, f"line {number}", _json(path, f"line {number}", line))


def _array(path: str, content: BinaryIO | None = None) -> Iterator[Record]:
    """One array, or lines all the same, as such files are often named .json."""
    text = "".join(line for _, line in text_lines(path, content))
    if not text.lstrip().startswith("["):
        yield from _lines(path)
        return
    for number, values in enumerate(_json(path, "line 1", text), 1):
        yield _record(path, f"record {number}", values)


def _parquet(path: str) -> Iterator[Record]:
    try:
        with open_input(path) as file, pq.ParquetFile(file) as parquet:
            rows = (row for batch in parquet.iter_batches(64) for row in batch.to_pylist())
            for number, values in enumerate(rows, 1):
                yield _record(path, f"row {number}", values)
    except (pa.ArrowInvalid, OSError) as error:
        raise UsageError(f"{path}: not a readable Parquet file ({error!s:.80})") from error


def _json(path: str, place: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: {place}: not JSON ({error!s:.80})") from error


def _record(path: str, place: str, values: Any) -> Record:
    if not isinstance(values, dict):
        raise UsageError(f"{path}: {place}: not a JSON object")
    return Record(path, place, values)
