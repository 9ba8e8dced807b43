"""sql: a question about DATA, in SQL or one of the queries that come with quire."""

import argparse
import contextlib
from importlib.resources import files

from pipelines.running.answers import FORMATS, Answer, print_answer, write_answer
from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.skeleton.catalog import connect, is_elsewhere, old_stages, write_catalog
from transforms.lib.skeleton.shards import committed
from transforms.lib.skeleton.storage import Storage, open_input

QUERIES = sorted(
    f.name[:-4] for f in files("pipelines").joinpath("queries").iterdir() if f.name.endswith(".sql")
)
EPILOG = f"""queries: {", ".join(QUERIES)}

A query sees what is committed, whatever else lies in DATA. JSON and Parquet call a second
column `a` `a_1`; JSON has null for NaN and infinity, and text for times and intervals.

DATA/catalog.duckdb answers alike, in DuckDB 1.2 or newer, opened from any folder. Where DATA
was moved or copied, any question here writes it anew; or say in DuckDB where DATA is:
SET VARIABLE quire_data = 'FOLDER'. DuckDB itself opens nothing in a folder with ? or \\ in
its path; this command does.

examples:
  quire sql ./data funnel
  quire sql ./data "SELECT repo, count(*) FROM corpus GROUP BY 1 ORDER BY 2 DESC LIMIT 5"
  quire sql ./data @query.sql --out answer.parquet
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of this command."""
    parser.add_argument(
        "query", metavar="QUERY|NAME|@FILE", help="SQL, the name of a query, or a file of SQL"
    )
    parser.add_argument(
        "--format", choices=FORMATS, help="default: FILE's ending, or a table on a terminal, or csv"
    )
    parser.add_argument("--out", metavar="FILE", help="write the answer to FILE, and print nothing")
    parser.add_argument("--overwrite", action="store_true", help="replace FILE if it is there")


def run(options: argparse.Namespace) -> int:
    """Print or write the answer; returns 0."""
    data = Storage(options.data)
    answer(data, options.query, options.format, options.out, overwrite=options.overwrite)
    return 0


def answer(
    data: Storage,
    query: str,
    form: str | None = None,
    out: str | None = None,
    *,
    overwrite: bool = False,
) -> None:
    """Print the answer to a query, or write it to the file `out`.

    Raises UsageError for wrong SQL, and for a folder without datasets.
    """
    text = text_of(query)
    if not committed(data):
        raise UsageError(f"{data.path()}: no committed dataset here")
    import duckdb

    with connect(data) as connection:
        try:
            found = Answer(connection, one_question(text))
            if out:
                write_answer(found, out, form, overwrite=overwrite)
            else:
                print_answer(found, form)
            moved = is_elsewhere(connection, data)
        except RuntimeError as error:
            if "interrupted" in str(error):  # so DuckDB tells of Ctrl-C
                raise KeyboardInterrupt from error
            raise
        except duckdb.OutOfMemoryException as error:
            raise PipelineError(str(error).splitlines()[0]) from error
        except duckdb.BinderException as error:
            raise UsageError(f"{str(error).splitlines()[0]}{_to_run_again(data)}") from error
        except duckdb.Error as error:
            raise UsageError(str(error).splitlines()[0]) from error
    if moved:
        _renew_catalog(data)


def _renew_catalog(data: Storage) -> None:
    """Write the catalogue of a DATA that was moved or copied, if nothing is in the way."""
    from pipelines.running.run_stage import lock  # most questions need none

    with contextlib.suppress(UsageError, OSError), lock(data):
        write_catalog(data)


def text_of(query: str) -> str:
    """The SQL of a query by its name, that of a file, or the SQL itself.

    Raises UsageError for an unknown name, and for a file that is not UTF-8.
    """
    if query in QUERIES:
        return files("pipelines").joinpath("queries", f"{query}.sql").read_text("utf-8")
    if query.startswith("@"):
        return _file_of_sql(query[1:])
    if not any(character.isspace() for character in query.strip()):
        raise UsageError(f"no query {query!r}; there are {', '.join(QUERIES)}, or SQL")
    return query


def _file_of_sql(path: str) -> str:
    try:
        with open_input(path) as file:
            return file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 ({error})") from error


def one_question(query: str) -> str:
    """The query without what ends it, such as `;` or a comment.

    Raises UsageError for several statements, and for one that could write, such as COPY, ATTACH or
    INSTALL.
    """
    import duckdb

    kinds = [statement.type for statement in duckdb.extract_statements(query)]
    if not kinds or any(kind != duckdb.StatementType.SELECT for kind in kinds):
        raise UsageError("only SELECT is allowed (or FROM, DESCRIBE, SUMMARIZE …)")
    if len(kinds) > 1:
        raise UsageError(f"{len(kinds)} statements; ask one at a time")
    content = query.encode()  # the places of tokens are counted in bytes
    for place, kind in reversed(duckdb.tokenize(query)):
        if kind != duckdb.token_type.comment and content[place:].strip() != b";":
            break
        content = content[:place]
    return content.decode()


def _to_run_again(data: Storage) -> str:
    """What to do if a column is not there because an older version of quire wrote a dataset."""
    stages = old_stages(data)
    again = ", ".join(f"`quire {stage} {data.root} --overwrite`" for stage in stages)
    return f" (an older quire wrote some datasets; {again} writes them anew)" if stages else ""
