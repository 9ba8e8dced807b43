"""Texts of SQL as statements, each a question that reads and cannot write."""

import shlex
from collections.abc import Sequence

from pipelines.running.shipped_queries import QUERIES, near, usage_of
from transforms.lib.errors import UsageError


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


def questions(text: str) -> list[tuple[str, list[str]]]:
    """Each query of a text with its arguments: its statements, or one of the queries that ship.

    Raises UsageError for what is no SQL.

    >>> questions("SELECT 1; SELECT 2;"), questions("why six.py")
    ([('SELECT 1;', []), (' SELECT 2;', [])], [('why', ['six.py'])])
    """
    import duckdb

    if is_named(text):
        try:
            name, *arguments = shlex.split(text.strip().removesuffix(";"))
        except ValueError as error:
            raise UsageError(f"{text.strip()}: {error}") from error
        return [(name, arguments)]
    try:
        return [(each.query, []) for each in duckdb.extract_statements(text)]
    except duckdb.Error as error:
        raise UsageError(str(error).splitlines()[0]) from error


def is_named(text: str) -> bool:
    """Whether a text of one line is one of the queries that ship, or nearly the name of one.

    >>> is_named("funnel"), is_named("funel;"), is_named("SELECT"), is_named("why six.py")
    (True, True, False, True)
    """
    words = text.strip().removesuffix(";").split()
    if not words or "\n" in text.strip():
        return False
    return words[0] in QUERIES or (len(words) == 1 and bool(near(words[0])))


def is_whole(text: str) -> bool:
    """Whether a text of SQL ends with `;`, which is in no string or comment.

    >>> is_whole("SELECT 1; -- one"), is_whole("SELECT ';"), is_whole("SELECT 1 -- ;")
    (True, False, False)
    """
    import duckdb

    content = text.encode()
    for place, kind in reversed(duckdb.tokenize(text)):
        if kind != duckdb.token_type.comment:
            return content[place:].startswith(b";")
    return False


def refuse_other_number(query: str, question: str, arguments: Sequence[str]) -> None:
    """Raises UsageError if a query takes another number of arguments."""
    import duckdb

    [statement] = duckdb.extract_statements(question)
    names = statement.named_parameters
    if names != {str(number + 1) for number in range(len(names))}:
        raise UsageError(f"parameters are called $1, $2 …, not ${min(names)}")
    if len(names) == len(arguments):
        return
    takes = f"{len(names) or 'no'} argument{'' if len(names) == 1 else 's'}"
    told = ": ".join(usage_of(query)) if query in QUERIES else "$1 stands for the first"
    raise UsageError(f"the query takes {takes}, and {len(arguments)} are given ({told})")
