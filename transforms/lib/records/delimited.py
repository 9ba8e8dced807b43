"""Rows of CSV and TSV, whose first line names the columns; every value is a text."""

import csv
from collections.abc import Iterator
from typing import Any, BinaryIO

from transforms.lib.errors import UsageError
from transforms.lib.records.input_files import fault_message, file_bytes
from transforms.lib.records.json_lines import BYTE_ORDER_MARK, MAX_STRICT_LINE, split_lines
from transforms.lib.skeleton.storage import open_input


def delimited_rows(path: str, delimiter: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The number of each row of a file, from 1 and without the header, and its values.

    Bytes that are not UTF-8 stay as lone surrogates. A file of which the first line has no
    `delimiter`, but semicolons or tabs, has these. Raises UsageError that names the file and row.
    """
    csv.field_size_limit(MAX_STRICT_LINE)
    number = 0
    with open_input(path) as file:
        lines = _lines(path, file)
        first = next(lines, "")
        rows = csv.reader(_again(first, lines), delimiter=_delimiter(first, delimiter))
        try:
            names = next(rows, [])
            _require_single(path, names)
            for number, row in enumerate((row for row in rows if row), 1):
                if len(row) > len(names):
                    words = f"{len(row)} values, but the header names {len(names)} columns"
                    raise UsageError(f"{path}: row {number}: {words}")
                yield number, dict(zip(names, row, strict=False))
        except csv.Error as error:
            raise UsageError(f"{path}: row {number + 1}: {error}") from error


def _require_single(path: str, names: list[str]) -> None:
    for name in names:
        if name and names.count(name) > 1:
            raise UsageError(f"{path}: {names.count(name)} columns are called {name!r}")


def _delimiter(header: str, delimiter: str) -> str:
    return next((each for each in (delimiter, ";", "\t") if each in header), delimiter)


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _lines(path: str, file: BinaryIO) -> Iterator[str]:
    source = file_bytes(file)
    for number, line in enumerate(split_lines(source, MAX_STRICT_LINE), 1):
        if line is None:
            raise UsageError(f"{path}: line {number}: over {MAX_STRICT_LINE:,} bytes")
        text = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        yield text.decode("utf-8", "surrogateescape") + "\n"
    if source.fault:
        raise UsageError(f"{path}: {fault_message(source.fault)}")
