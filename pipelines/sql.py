"""sql: questions about DATA, in SQL or by queries that come with quire; a prompt without one."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pipelines.running.answers import FORMATS, Answer, print_answer, print_table, write_answer
from pipelines.running.preset_rules import PRESET_DROPS, create_preset_drops
from pipelines.running.prompt import QueryPrompt
from pipelines.running.shipped_queries import QUERIES, text_of, usage_of
from pipelines.running.sql_texts import (
    is_named,
    is_whole,
    one_question,
    questions,
    refuse_other_number,
)
from pipelines.running.terminal import data_output, is_terminal
from schemas import DATASETS
from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.skeleton.catalog import (
    connect,
    is_elsewhere,
    old_stages,
    view_name,
    write_catalog,
)
from transforms.lib.skeleton.shards import committed
from transforms.lib.skeleton.storage import Storage

if TYPE_CHECKING:
    import duckdb

EPILOG = f"""queries: {", ".join(QUERIES)}

Some take arguments, such as `why FILE`: they are the values of $1, $2 … in SQL. Without a query
a terminal is asked for queries, and standard input is read for them elsewhere.

A query sees what is committed, whatever else lies in DATA. JSON and Parquet call a second
column `a` `a_1`; JSON has null for NaN and infinity, and text for times and intervals.

DATA/catalog.duckdb answers alike, but for the view `preset_drops`, in DuckDB 1.2 or newer, opened
from any folder. Where DATA was moved or copied, any question here writes it anew; or say in
DuckDB where DATA is: SET VARIABLE quire_data = 'FOLDER'. DuckDB itself opens nothing in a folder
with ? or \\ in its path; this command does.

examples:
  quire sql ./data funnel
  quire sql ./data why six.py
  quire sql ./data < queries.sql
  quire sql ./data "SELECT repo, count(*) FROM corpus GROUP BY 1 ORDER BY 2 DESC LIMIT 5"
  quire sql ./data @query.sql --out answer.parquet
"""
TABLES = "SELECT replace(name, '/', '_') AS name, row_count AS rows, stage FROM datasets"
TABLES_BESIDE = ("rejects", "datasets", "permissive_licences", PRESET_DROPS)
KEYWORDS = ("SELECT", "FROM", "WHERE", "GROUP BY", "ORDER BY", "LIMIT", "DESCRIBE", "SUMMARIZE")
_asked: list[duckdb.DuckDBPyConnection] = []  # that of the query which is being answered


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of this command."""
    parser.add_argument(
        "question",
        nargs="*",
        metavar="QUERY",
        help="SQL, the name of a query, or @FILE of SQL; then its arguments, if it takes some",
    )
    parser.add_argument(
        "--format", choices=FORMATS, help="default: FILE's ending, or a table on a terminal, or csv"
    )
    parser.add_argument("--out", metavar="FILE", help="write the answer to FILE, and print nothing")
    parser.add_argument("--overwrite", action="store_true", help="replace FILE if it is there")


def run(options: argparse.Namespace) -> int:
    """Print or write the answer, or ask for queries; returns 0."""
    data = Storage(options.data)
    if options.question:
        query, *arguments = options.question
        _answer(data, query, arguments, options)
    elif is_terminal(sys.stdin):
        _ask_for_queries(data, options)
    else:
        _answer_input(data, options)
    return 0


def _answer(
    data: Storage, query: str, arguments: Sequence[str], options: argparse.Namespace
) -> None:
    """Answer a query as the flags of the command say."""
    form, out = options.format, options.out
    answer(data, query, form, out, overwrite=options.overwrite, arguments=arguments)


def answer(
    data: Storage,
    query: str,
    form: str | None = None,
    out: str | None = None,
    *,
    overwrite: bool = False,
    arguments: Sequence[str] = (),
) -> None:
    """Print the answer to a query with its arguments, or write it to the file `out`.

    Raises UsageError for wrong SQL, for another number of arguments than the query takes, and for a
    folder without datasets.
    """
    text = text_of(query)
    if not committed(data):
        raise UsageError(f"{data.path()}: no committed dataset here")
    with _answering(data) as connection:
        question = one_question(text)
        refuse_other_number(query, question, arguments)
        if PRESET_DROPS in question:
            create_preset_drops(connection)
        found = Answer(connection, question, arguments)
        if out:
            write_answer(found, out, form, overwrite=overwrite)
        else:
            print_answer(found, form)
        moved = is_elsewhere(connection, data)
    if moved:
        _renew_catalog(data)


@contextlib.contextmanager
def _answering(data: Storage) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the views of DATA; errors of DuckDB become quire's."""
    import duckdb

    with connect(data) as connection:
        _asked.append(connection)
        try:
            yield connection
        except RuntimeError as error:
            if "interrupted" in str(error):  # so DuckDB tells of Ctrl-C
                raise KeyboardInterrupt from error
            raise
        except duckdb.InterruptException as error:
            raise KeyboardInterrupt from error
        except duckdb.OutOfMemoryException as error:
            raise PipelineError(str(error).splitlines()[0]) from error
        except duckdb.BinderException as error:
            raise UsageError(f"{str(error).splitlines()[0]}{_to_run_again(data)}") from error
        except duckdb.Error as error:
            raise UsageError(str(error).splitlines()[0]) from error
        finally:
            _asked.remove(connection)


def _ask_for_queries(data: Storage, options: argparse.Namespace) -> None:
    """Read queries from the terminal and answer them, until it ends.

    Raises UsageError where answers would not be seen.
    """
    if options.out or not is_terminal(sys.stdout):
        raise UsageError("no query, and answers go to no terminal; see quire sql --help")
    if not committed(data):
        raise UsageError(f"{data.path()}: no committed dataset here")

    def ask(text: str) -> None:
        for query, arguments in questions(text):
            answer(data, query, options.format, arguments=arguments)

    commands = {
        ".tables": lambda _: answer(data, TABLES, options.format),
        ".describe": lambda name: _describe(data, name),
        ".queries": lambda _: print_table(
            ("query", "what it answers"), map(usage_of, QUERIES), data_output()
        ),
    }
    QueryPrompt(ask, is_whole, is_named, commands, _names(), _end_query).run()


def _end_query() -> None:
    for connection in _asked:
        connection.interrupt()


def _answer_input(data: Storage, options: argparse.Namespace) -> None:
    """Answer the queries of standard input one after the other, with an empty line between them.

    Raises UsageError if there are none, or several that are to be written to one file.
    """
    try:
        text = sys.stdin.buffer.read().decode("utf-8-sig") if sys.stdin else ""
    except UnicodeDecodeError as error:
        raise UsageError(f"standard input: not UTF-8 ({error})") from error
    asked = questions(text)
    if not asked:
        raise UsageError("no query, and none on standard input; see quire sql --help")
    if options.out and len(asked) > 1:
        raise UsageError(f"{len(asked)} statements; --out takes the answer to one")
    for number, (query, arguments) in enumerate(asked):
        if number:
            print(flush=True)
        _answer(data, query, arguments, options)


def _describe(data: Storage, name: str) -> None:
    """Print the columns of a dataset with what they mean, or of another table without it.

    Raises UsageError if there is none of that name.
    """
    for dataset in DATASETS:
        if name in (dataset.name, view_name(dataset.name)):
            print(dataset.row, flush=True)
            rows = ((f.name, str(f.type), dataset.columns[f.name]) for f in dataset.schema)
            print_table(("column", "type", "meaning"), rows, data_output())
            return
    if name not in TABLES_BESIDE:
        raise UsageError(f"no dataset {name!r}; see .tables")
    answer(data, f"SELECT column_name, column_type FROM (DESCRIBE {name})")


def _names() -> Iterator[str]:
    """The names that Tab completes."""
    yield from (*QUERIES, *TABLES_BESIDE, *KEYWORDS, ".tables", ".describe", ".queries", ".help")
    for dataset in DATASETS:
        yield from (view_name(dataset.name), *dataset.schema.names)


def _renew_catalog(data: Storage) -> None:
    """Write the catalogue of a DATA that was moved or copied, if nothing is in the way."""
    from pipelines.running.run_stage import lock  # most questions need none

    with contextlib.suppress(UsageError, OSError), lock(data):
        write_catalog(data)


def _to_run_again(data: Storage) -> str:
    """What to do if a column is not there because an older version of quire wrote a dataset."""
    stages = old_stages(data)
    again = ", ".join(f"`quire {stage} {data.root} --overwrite`" for stage in stages)
    return f" (an older quire wrote some datasets; {again} writes them anew)" if stages else ""
