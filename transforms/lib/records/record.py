"""How evaluation sets, samples and texts are read: records of JSON, CSV, Arrow, Parquet.

A record is a dict that knows its place; what is wrong with a file or a field is a UsageError.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from transforms.lib.errors import UsageError
from transforms.lib.python.parsing import Rejected
from transforms.lib.records.arrow_batches import arrow_batches
from transforms.lib.records.delimited import delimited_rows
from transforms.lib.records.file_kinds import (
    ARROW,
    CSV,
    JSON,
    PARQUET,
    TSV,
    ending_kind,
    kind_of,
)
from transforms.lib.records.input_files import file_bytes, read_text
from transforms.lib.records.json_lines import (
    BYTE_ORDER_MARK,
    MAX_STRICT_LINE,
    json_objects,
    json_value,
    split_lines,
)
from transforms.lib.records.parquet_rows import rows_of
from transforms.lib.skeleton.foreign_columns import in_microseconds
from transforms.lib.skeleton.storage import open_input


@dataclass(frozen=True)
class Record:
    """One record, and its place in a file: `line 3` of JSON Lines, `record 3` of an array, `row 3`
    of a table; counted from 1. `number` is the same, from 0."""

    path: str
    place: str
    values: dict[str, Any]
    number: int = 0

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

    The kind of a file is that of its name, and its first bytes must agree; all but Parquet and
    Arrow may be compressed. Raises UsageError that names the file, and the place where there is
    one, for what cannot be read. `content` is a file of JSON Lines or JSON, where the caller has
    opened it already, to read it once.
    """
    kind = kind_of(path) if content is None else None
    if kind == PARQUET:
        yield from _records(path, "row", rows_of(path))
    elif kind == ARROW:
        rows = (row for batch in arrow_batches(path) for row in in_microseconds(batch).to_pylist())
        yield from _records(path, "row", enumerate(rows, 1))
    elif kind in (CSV, TSV):
        yield from _records(path, "row", delimited_rows(path, "," if kind == CSV else "\t"))
    elif JSON in (kind, ending_kind(path)) and not _is_lines(path):
        yield from _array(path, content)
    else:
        yield from _records(path, "line", json_objects(path, content))


def _records(path: str, unit: str, rows: Iterable[tuple[int, dict[str, Any]]]) -> Iterator[Record]:
    for number, values in rows:
        yield Record(path, f"{unit} {number}", values, number - 1)


def _is_lines(path: str) -> bool:
    """Whether JSON is JSON Lines: no array, and its first line is a value of its own."""
    with open_input(path) as file:
        lines = split_lines(file_bytes(file), MAX_STRICT_LINE)
        first = next((line for line in lines if line is None or line.strip()), b"{}")
    if first is None or first.removeprefix(BYTE_ORDER_MARK).lstrip().startswith(b"["):
        return False
    return _ends_well(first)


def _ends_well(line: bytes) -> bool:
    """Whether a line is not just the beginning of an object that goes over several."""
    try:
        json_value(line)
    except Rejected:
        return not line.rstrip().endswith((b"{", b"[", b","))
    return True


def _array(path: str, content: BinaryIO | None) -> Iterator[Record]:
    try:
        items = json.loads(read_text(path, content).removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not JSON ({error!s:.80})") from error
    if isinstance(items, dict):  # one record, which may hold all the others in a field
        items = [items]
    for number, values in enumerate(items, 1):
        if not isinstance(values, dict):
            raise UsageError(f"{path}: record {number}: not a JSON object")
        yield Record(path, f"record {number}", values, number - 1)
