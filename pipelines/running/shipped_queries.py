"""The queries that come with quire, by their names."""

import difflib
import re
from importlib.resources import files

from transforms.lib.errors import UsageError
from transforms.lib.skeleton.storage import open_input

QUERIES = sorted(
    f.name[:-4] for f in files("pipelines").joinpath("queries").iterdir() if f.name.endswith(".sql")
)
LIKENESS = 0.7  # of a name that is meant to the one that was written: 1 is the same


def text_of(query: str) -> str:
    """The SQL of a query by its name, that of a file, or the SQL itself.

    Raises UsageError for an unknown name, and for a file that is not UTF-8.
    """
    if query in QUERIES:
        return files("pipelines").joinpath("queries", f"{query}.sql").read_text("utf-8")
    if query.startswith("@"):
        return _file_of_sql(query[1:])
    if not any(character.isspace() for character in query.strip()):
        likely = near(query.removesuffix(";"))
        known = f"is it {likely[0]}?" if likely else f"there are {', '.join(QUERIES)}, or SQL"
        raise UsageError(f"no query {query!r}; {known}")
    return query


def _file_of_sql(path: str) -> str:
    try:
        with open_input(path) as file:
            return file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 ({error})") from error


def usage_of(name: str) -> tuple[str, str]:
    """How a query that ships is called, and what it answers: its comment begins with both.

    >>> usage_of("sizes"), usage_of("why")[0]
    (('sizes', 'How large the kept files are, by split.'), 'why FILE')
    """
    comment = re.match(r"(?:-- .*\n)*", text_of(name))
    text = " ".join(line.removeprefix("-- ") for line in (comment or [""])[0].splitlines())
    sentence = text.partition(". ")[0].removesuffix(".") + "."
    call, colon, meaning = sentence.partition(": ")
    return (call, meaning) if colon and call.split()[0] == name else (name, sentence)


def near(name: str) -> list[str]:
    """The names of queries that are like this one, the most like first."""
    return difflib.get_close_matches(name, QUERIES, cutoff=LIKENESS)
