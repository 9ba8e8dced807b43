"""sql: a question about DATA, in SQL or one of the queries that come with quire."""

import argparse
import csv
import json
import sys
from decimal import Decimal
from importlib.resources import files
from typing import Any

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.catalog import connect
from transforms.lib.skeleton.shards import committed
from transforms.lib.skeleton.storage import Storage

QUERIES = sorted(
    f.name[:-4] for f in files("pipelines").joinpath("queries").iterdir() if f.name.endswith(".sql")
)
EPILOG = f"""queries: {", ".join(QUERIES)}

examples:
  quire sql ./data funnel
  quire sql ./data "SELECT repo, count(*) FROM corpus GROUP BY 1 ORDER BY 2 DESC LIMIT 5"
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of this command."""
    parser.add_argument("query", metavar="QUERY|NAME", help="SQL, or the name of a query")
    parser.add_argument(
        "--format",
        choices=("table", "csv", "json"),
        help="default: a table on a terminal, else csv",
    )


def run(options: argparse.Namespace) -> int:
    """Print the answer; returns 0."""
    answer(Storage(options.data), options.query, options.format)
    return 0


def answer(data: Storage, query: str, form: str | None = None) -> None:
    """Print the answer to a query on standard output."""
    columns, rows = ask(data, text_of(query))
    form = form or ("table" if sys.stdout.isatty() else "csv")
    FORMS[form](columns, rows)


def text_of(query: str) -> str:
    """The SQL of a query by its name, or the SQL itself. Raises UsageError for an unknown name."""
    if query in QUERIES:
        return files("pipelines").joinpath("queries", f"{query}.sql").read_text()
    if not any(character.isspace() for character in query.strip()):
        raise UsageError(f"no query {query!r}; there are {', '.join(QUERIES)}, or SQL")
    return query


def ask(data: Storage, query: str) -> tuple[list[str], list[tuple]]:
    """The column names and rows of an answer.

    Raises UsageError for wrong SQL, and for a folder without datasets.
    """
    if not committed(data):
        raise UsageError(f"{data.path()}: no committed dataset here")
    import duckdb

    with connect(data) as connection:
        try:
            _only_questions(query)
            result = connection.execute(query)
            columns = [column[0] for column in result.description or ()]
            return columns, [tuple(map(_plain, row)) for row in result.fetchall()]
        except duckdb.Error as error:
            raise UsageError(str(error).split("\n")[0]) from error


def _only_questions(query: str) -> None:
    """Raises UsageError for a statement that could write, such as COPY, ATTACH or INSTALL."""
    import duckdb

    kinds = [statement.type for statement in duckdb.extract_statements(query)]
    if not kinds or any(kind != duckdb.StatementType.SELECT for kind in kinds):
        raise UsageError("only SELECT is allowed (or FROM, DESCRIBE, SUMMARIZE …)")


def _plain(value: Any) -> Any:
    """A value as JSON and CSV can hold it: bytes as hex, decimals as floats."""
    if isinstance(value, bytes):
        return value.hex()
    return float(value) if isinstance(value, Decimal) else value


def _table(columns: list[str], rows: list[tuple]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns)
    for row in rows:
        table.add_row(*("" if value is None else _cell(value) for value in row))
    Console(markup=False, emoji=False, highlight=False).print(table)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _csv(columns: list[str], rows: list[tuple]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(columns)
    writer.writerows(rows)


def _json(columns: list[str], rows: list[tuple]) -> None:
    named = [dict(zip(columns, row, strict=True)) for row in rows]
    json.dump(named, sys.stdout, indent=1, default=str)
    print()


FORMS = {"table": _table, "csv": _csv, "json": _json}
