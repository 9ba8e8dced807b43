"""Tables of texts: which columns of which dataset, or of a user's own files, hold them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from schemas.input_row import INPUT_ROW
from transforms.lib.skeleton.storage import is_url

SOURCE_COLUMNS = ("repo", "path", "commit")  # where a text comes from
FUNCTION_COLUMNS = ("qualname", "function", "entry_point")  # may name a function; the first wins
LINE_COLUMNS = ("line_start", "start_line")  # may hold the line at which a text begins in its file
INPUT_ROW_COLUMNS = tuple(name for name, *_ in INPUT_ROW)
PLACE_COLUMNS = (*SOURCE_COLUMNS, "function", *INPUT_ROW_COLUMNS)


@dataclass(frozen=True)
class InputNames:
    """What the files of --files are called.

    base: the folder from which their names begin, empty for absolute paths and URLs; common: the
    folder, with its `/`, that all of them are in.
    """

    base: str
    common: str

    def filename(self, file: str) -> str:
        """The file as the glob names it, and as DuckDB does for the same glob.

        >>> InputNames("/home/me", "/home/me/in/").filename("/home/me/in/a/x.parquet")
        'in/a/x.parquet'
        """
        return os.path.relpath(file, self.base) if self.base else file

    def short(self, file: str) -> str:
        """The file below the folder that all files are in.

        >>> InputNames("/home/me", "/home/me/in/").short("/home/me/in/a/x.parquet")
        'a/x.parquet'
        """
        return file.removeprefix(self.common)


def input_names(pattern: str, files: Sequence[str]) -> InputNames:
    """What the files that a glob names are called."""
    folders = [file.split("/")[:-1] for file in files]
    common = os.path.commonprefix(folders)
    relative = not is_url(pattern) and not os.path.isabs(pattern)
    return InputNames(os.getcwd() if relative else "", "/".join([*common, ""]))


@dataclass(frozen=True)
class TextTable:
    """A table whose rows are texts: the text of a row is its `columns`, with `glue` between them.

    granularity: what a row is, as `removed` says it: file, function, problem or row; id_path: the
    field that says which row it is; names: how the files are called, if they are the user's own.
    Columns and the id may be fields inside a column: `messages[].content`.
    """

    dataset: str
    granularity: str
    columns: tuple[str, ...]
    glue: str
    id_path: str = ""
    names: InputNames | None = None

    def paths(self) -> tuple[str, ...]:
        """The columns, and the id if there is one."""
        return (*self.columns, *filter(None, [self.id_path]))


# The datasets of DATA that are checked if they exist.
CHECKED_DATASETS = (
    TextTable("corpus", "file", ("content",), ""),
    TextTable("functions", "function", ("prompt", "body"), ""),
    TextTable("problems", "problem", ("prompt", "canonical_solution", "test"), "\n"),
)


@dataclass(frozen=True)
class TextRows:
    """Some rows of a table, by column.

    places: a list for each of PLACE_COLUMNS, null where the table does not say; lines: the line
    of its file at which each text begins, from 1; content: the texts, string.
    """

    places: dict[str, list[Any]]
    lines: list[int]
    content: pa.Array

    def __len__(self) -> int:
        return len(self.content)
