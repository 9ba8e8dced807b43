"""An answer of DuckDB, printed or written: a table for people, CSV, JSON (Lines) or Parquet."""

from __future__ import annotations

import contextlib
import csv
import json
import math
import os
import re
import sys
import uuid
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TextIO

from pipelines.running.terminal import data_output, harmless, raw_stream
from transforms.lib.errors import UsageError

if TYPE_CHECKING:
    import duckdb
    from rich.table import Table

FORMATS = ("table", "csv", "json", "jsonl", "parquet")
ROWS_AT_A_TIME = 1000  # of CSV and JSON, so that no answer is held in memory
INTEGERS = ("tinyint", "smallint", "integer", "bigint", "hugeint")
# The types whose values Python holds with all their digits. All others become text in DuckDB.
KEPT_TYPES = frozenset(
    (*INTEGERS, *(f"u{name}" for name in INTEGERS), "boolean", "float", "double", "decimal")
) | {"varchar", "blob", "null"}
READABLE_WIDTH = 11  # characters that a column of a table needs at least, if its values have them
LONGEST_CELL = 2000  # characters of a value in a table
WRITING = re.compile(r'could not write.*"errno":"(\d+)"', re.IGNORECASE)  # an error of DuckDB


class Answer:
    """The answer to a query of one statement: columns, and rows that are read when needed.

    `arguments` are the values of its $1, $2 …
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, query: str, arguments: Sequence[str] = ()
    ) -> None:
        self._arguments = list(arguments) or None
        self._connection = connection
        self.relation = connection.sql(query, params=self._arguments)
        self.columns: list[str] = self.relation.columns

    def rows(self) -> Iterator[tuple]:
        """The rows; times, intervals and the like as the text that DuckDB makes of them."""
        casts = [f"#{i}::{_python_type(kind)}" for i, kind in enumerate(self.relation.types, 1)]
        query = self.relation.project(", ".join(casts)).sql_query()
        result = self._connection.execute(query, self._arguments)
        while rows := result.fetchmany(ROWS_AT_A_TIME):
            yield from rows

    def copy(self, path: str) -> None:
        """Write the answer to a Parquet file, with the types that DuckDB has for it.

        In a thread: DuckDB's COPY would hang at Ctrl-C.
        """
        from concurrent.futures import ThreadPoolExecutor

        target = "'" + path.replace("'", "''") + "'"
        query = self.relation.sql_query()
        copy = f"COPY ({query}) TO {target} (FORMAT parquet, COMPRESSION zstd)"
        with ThreadPoolExecutor(1) as pool:
            written = pool.submit(self._connection.execute, copy, self._arguments)
            try:
                written.result()
            except KeyboardInterrupt:
                self._connection.interrupt()
                raise


def _python_type(kind: Any) -> str:
    """The type of SQL that a column is read as."""
    if kind.id in ("list", "array"):
        return f"{_python_type(kind.children[0][1])}[]"
    if kind.id == "struct":
        fields = [f"{_quoted(name)} {_python_type(field)}" for name, field in kind.children]
        return f"STRUCT({', '.join(fields)})"
    if kind.id == "map":
        return f"MAP(VARCHAR, {_python_type(kind.children[1][1])})"
    return str(kind) if kind.id in KEPT_TYPES else "VARCHAR"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def print_answer(answer: Answer, form: str | None) -> None:
    """Print the answer on standard output; as a table by default if that is a terminal."""
    form = form or ("table" if raw_stream(sys.stdout).isatty() else "csv")
    if form == "parquet":
        raise UsageError("--format parquet needs --out FILE")
    TEXTS[form](answer, data_output())


def write_answer(answer: Answer, file: str, form: str | None, *, overwrite: bool) -> None:
    """Write the answer to a file, whole or not at all; by default in the format of its ending.

    Raises UsageError if the file is there and not to be overwritten, OSError if it cannot be
    written.
    """
    form = form or _format_of(file)
    with _new_file(file, overwrite) as scratch:
        if form == "parquet":
            _parquet(answer, scratch, file)
            return
        with open(scratch, "w", encoding="utf-8", newline="") as stream:
            TEXTS[form](answer, stream)


def _format_of(file: str) -> str:
    ending = file.rpartition(".")[2].lower()
    return ending if ending in ("json", "jsonl", "parquet") else "csv"


@contextlib.contextmanager
def _new_file(file: str, overwrite: bool) -> Iterator[str]:
    """The path of a file that becomes `file` when the context ends without an error."""
    if "://" in file:
        raise UsageError(f"--out {file}: a URL; an answer is written to a path on this machine")
    if os.path.lexists(file) and not (overwrite and os.path.isfile(file)):
        fault = "is there already; --overwrite replaces it" if os.path.isfile(file) else "no file"
        raise UsageError(f"--out {file}: {fault}")
    target = os.path.realpath(file)
    if not os.path.isdir(os.path.dirname(target)):
        raise UsageError(f"--out {file}: no such folder")
    scratch = os.path.join(os.path.dirname(target), f"quire-{uuid.uuid4().hex}.tmp")
    try:
        yield scratch
        with open(scratch, "rb") as written:
            os.fsync(written.fileno())
        os.replace(scratch, target)
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, file) from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(scratch)


def _parquet(answer: Answer, scratch: str, file: str) -> None:
    import duckdb

    try:
        answer.copy(scratch)
    except duckdb.IOException as error:
        if number := WRITING.search(str(error)):
            raise OSError(int(number[1]), os.strerror(int(number[1])), file) from error
        raise


def _csv(answer: Answer, stream: TextIO) -> None:
    writer = csv.writer(stream)
    writer.writerow(answer.columns)
    writer.writerows(tuple(map(_csv_cell, row)) for row in answer.rows())


def _csv_cell(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return json_text(value) if isinstance(value, list | tuple | dict) else value


def _json(answer: Answer, stream: TextIO) -> None:
    """Write an array of objects, one a line; a second column `a` is called `a_1`, as in Parquet."""
    stream.write("[")
    between = "\n "
    for text in _json_objects(answer):
        stream.write(f"{between}{text}")
        between = ",\n "
    stream.write("\n]\n")


def _jsonl(answer: Answer, stream: TextIO) -> None:
    stream.writelines(f"{text}\n" for text in _json_objects(answer))


def _json_objects(answer: Answer) -> Iterator[str]:
    """Each row as the text of an object of JSON, in one line."""
    names = [json.dumps(name) for name in unlike(answer.columns)]
    for row in answer.rows():
        values = (f"{name}: {json_text(v)}" for name, v in zip(names, row, strict=True))
        yield f"{{{', '.join(values)}}}"


def unlike(names: Iterable[str]) -> list[str]:
    """The names, with numbers where they repeat.

    >>> unlike(["a", "b", "a", "a_1", "a"])
    ['a', 'b', 'a_1', 'a_1_1', 'a_2']
    """
    given: list[str] = []
    for name in names:
        numbered = (f"{name}_{number}" for number in range(1, len(given) + 2))
        given.append(name if name not in given else next(n for n in numbered if n not in given))
    return given


def json_text(value: Any) -> str:
    """A value as JSON: numbers with all their digits, bytes as hex, what is no number as null.

    >>> print(json_text({"a": [Decimal("1.10"), float("nan"), True], "b": "x"}))
    {"a": [1.10, null, true], "b": "x"}
    """
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return f'"{value.hex()}"'
    if isinstance(value, float) and not math.isfinite(value):
        return "null"
    if isinstance(value, dict):
        entries = (f"{json.dumps(key)}: {json_text(v)}" for key, v in value.items())
        return f"{{{', '.join(entries)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(json_text, value))}]"
    return json.dumps(value)


def _table(answer: Answer, stream: TextIO) -> None:
    print_table(answer.columns, answer.rows(), stream)


def print_table(columns: Iterable[str], values: Iterable[Iterable[Any]], stream: TextIO) -> None:
    """Write a table, or a block of lines for each row if its columns would be unreadably narrow."""
    from rich.console import Console

    console = Console(
        file=stream,
        force_terminal=raw_stream(stream).isatty() or None,
        markup=False,
        emoji=False,
        highlight=False,
    )
    names = [harmless(name) for name in columns]
    rows = [[_cell(value) for value in row] for row in values]
    if not rows or _least_width(names, rows) <= console.width:
        console.print(_drawn(names, rows))
        if not rows:
            console.print("no rows")
        return
    for number, row in enumerate(rows, 1):
        head = ["column", f"row {number:,} of {len(rows):,}"]
        console.print(_drawn(head, zip(names, row, strict=True)))


def _drawn(names: list[str], rows: Iterable[Iterable[str]]) -> Table:
    """The table, whose long values go on in further lines."""
    from rich.table import Column, Table

    table = Table(*(Column(name, overflow="fold") for name in names))
    for row in rows:
        table.add_row(*row)
    return table


def _least_width(names: list[str], rows: list[list[str]]) -> int:
    """The characters that a readable table needs, borders included."""
    widths = [len(name) for name in names]
    for row in rows:
        widths = [max(width, len(cell)) for width, cell in zip(widths, row, strict=True)]
    return 1 + sum(min(width, READABLE_WIDTH) + 3 for width in widths)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        small = value and abs(value) < 0.01
        return f"{value:.3g}" if small else f"{value:,.2f}"
    if isinstance(value, Decimal):  # all its digits, and 0.5 as 0.50
        digits = -int(value.as_tuple().exponent)
        return f"{value:,.{max(digits, 2) if digits else 0}f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = harmless(str(_csv_cell(value)))
    return text if len(text) <= LONGEST_CELL else f"{text[:LONGEST_CELL]}… ({len(text):,} in all)"


TEXTS = {"csv": _csv, "json": _json, "jsonl": _jsonl, "table": _table}
