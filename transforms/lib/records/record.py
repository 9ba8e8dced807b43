"""How evaluation sets, samples and texts are read: records of JSON Lines, JSON arrays, Parquet.

A record is a dict that knows its place; what is wrong with a file or a field is a UsageError.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from transforms.lib.errors import UsageError
from transforms.lib.records.input_files import file_bytes, read_text
from transforms.lib.records.json_lines import json_objects
from transforms.lib.records.parquet_rows import rows_of
from transforms.lib.skeleton.storage import open_input


@dataclass(frozen=True)
class Record:
    """One record, and its place in a file: `line 3` of JSON Lines, `record 3` of an array, `row 3`
    of Parquet; counted from 1."""

    path: str
    place: str
    values: dict[str, Any]

    def fault(self, text: str) -> UsageError:
        """An error that names the file and the place."""
        return UsageError(f"{self.path}: {self.place}: {text}")

    def value(self, *names: str) -> Any:
        """The value of the first of these fields that is not null; UsageError if none is.

        >>> Record("f.jsonl", "line 1", {"id": 7}).value("task_id", "id")
        7
        """
        for name in names:
            if self.values.get(name) is not None:
                return self.values[name]
        raise self.fault(f"no field {' or '.join(map(repr, names))}")

    def text(self, *names: str) -> str:
        """The first of these fields with a value, as text; UsageError if it is no str or int."""
        value = self.value(*names)
        if isinstance(value, bool) or not isinstance(value, str | int) or not is_text(str(value)):
            raise self.fault(f"field {names[0]!r} is no text")
        return str(value)

    def optional(self, *names: str) -> str:
        """As `text`, but empty if no field has a value."""
        has_value = any(self.values.get(name) is not None for name in names)
        return self.text(*names) if has_value else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """A field that holds a list of texts, one text, or a list of texts as JSON.

        Empty if it has no value; UsageError if it is none of these.

        >>> Record("f.jsonl", "line 1", {"tests": '["a", "b"]'}).texts("tests")
        ('a', 'b')
        """
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
        """The value of a field, which must be a list or empty; UsageError that names it if not."""
        if not isinstance(value or [], list):
            raise self.fault(f"field {name!r} is no list")
        return value or []

    def parsed(self, name: str, text: str) -> Any:
        """The value of the JSON that a field holds as text; UsageError if it is no JSON."""
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self.fault(f"field {name!r} is not JSON ({error!s:.80})") from error


def is_text(value: str) -> bool:
    """Whether a text is Unicode: JSON can spell a lone surrogate, which is not."""
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


def read_records(path: str, content: BinaryIO | None = None) -> Iterator[Record]:
    """The records of a file, in order.

    Its name says what it is: `.parquet`, `.json` (an array, or JSON Lines under that name), or else
    JSON Lines; the latter two may be compressed by gzip. Raises UsageError that names the file, and
    the place where there is one, for what cannot be read. `content` is the file (no Parquet), where
    the caller has opened it already, to read it once.
    """
    if path.endswith(".parquet"):
        yield from (Record(path, f"row {number}", values) for number, values in rows_of(path))
    elif path.removesuffix(".gz").endswith(".json") and _is_array(path):
        yield from _array(path, content)
    else:
        lines = json_objects(path, content)
        yield from (Record(path, f"line {number}", values) for number, values in lines)


def _is_array(path: str) -> bool:
    """Whether the first character of a file that is no space begins a JSON array."""
    with open_input(path) as file:
        source = file_bytes(file)
        while block := source.read():
            if text := block.lstrip():
                return text.startswith(b"[")
    return False


def _array(path: str, content: BinaryIO | None) -> Iterator[Record]:
    try:
        items = json.loads(read_text(path, content))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not JSON ({error!s:.80})") from error
    for number, values in enumerate(items, 1):
        if not isinstance(values, dict):
            raise UsageError(f"{path}: record {number}: not a JSON object")
        yield Record(path, f"record {number}", values)
