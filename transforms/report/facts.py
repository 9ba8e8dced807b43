"""What sections ask: the catalogue of DATA, the queries that come with quire, the thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from transforms.lib.detection.masks import without_secrets
from transforms.lib.skeleton.storage import Storage
from transforms.report.parts import Table

if TYPE_CHECKING:  # imported where DATA is opened
    import duckdb


CAPITALS = {"mb": "MB", "cpu": "CPU", "http": "HTTP", "p90": "P90"}


class Thresholds(NamedTuple):
    """What the filters of `corpus` drop files by: characters, characters, a fraction."""

    max_line: float
    mean_line: float
    alphanumeric: float


def _title(column: str) -> str:
    """The name of a column with blanks.

    >>> _title("peak_mb")
    'peak MB'
    """
    return " ".join(CAPITALS.get(word, word) for word in column.split("_"))


def _shown(value: Any) -> Any:
    """A value without secrets, if it is a text."""
    return without_secrets(value) if isinstance(value, str) else value


@dataclass(frozen=True)
class Facts:
    """DATA as the sections see it; `queries` are texts of SQL by their names."""

    connection: duckdb.DuckDBPyConnection
    data: Storage
    queries: Mapping[str, str]
    thresholds: Thresholds
    counts: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        """Count the rows of the committed datasets."""
        counts = self.connection.execute("SELECT name, row_count FROM datasets").fetchall()
        object.__setattr__(self, "counts", dict(counts))

    def has(self, *datasets: str) -> bool:
        """Whether one of the datasets has rows."""
        return any(self.counts.get(name) for name in datasets)

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple]:
        """The rows of the answer to a query."""
        return self.connection.execute(query, parameters).fetchall()

    def table(
        self,
        caption: str,
        query: str,
        bar: str | None = None,
        code: Sequence[str] = (),
        full: float | None = None,
    ) -> Table:
        """The answer to a query; the rest is as in `Table`, columns by their names with blanks."""
        answer = self.connection.execute(query)
        names = [_title(column[0]) for column in answer.description or ()]
        from_outside = {names.index(name) for name in code}
        rows = [
            [_shown(value) if i in from_outside else value for i, value in enumerate(row)]
            for row in answer.fetchall()
        ]
        return Table(caption, names, rows, bar, code, full)

    def shipped(
        self,
        caption: str,
        name: str,
        limit: int = 30,
        bar: str | None = None,
        code: Sequence[str] = (),
        full: float | None = None,
    ) -> Table:
        """The first rows of the answer to a query that comes with quire."""
        query = self.queries[name].strip().rstrip(";")
        return self.table(caption, f"SELECT * FROM ({query}\n) LIMIT {limit}", bar, code, full)
