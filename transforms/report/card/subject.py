"""What a card is written of: DATA, a connection to it, its configurations, and what ships."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from transforms.lib.skeleton.shards import committed
from transforms.lib.skeleton.storage import Storage
from transforms.report.configs import LoadedConfig

if TYPE_CHECKING:  # imported where it is used: --help does without
    import duckdb

Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Subject:
    """DATA, and what its card is made of.

    queries: the SQL of the queries that come with quire, by name; filters: for each reason of
    `rejects/corpus` that a filter gives, its rule in words.
    """

    data: Storage
    connection: duckdb.DuckDBPyConnection
    configs: Sequence[LoadedConfig]
    queries: Mapping[str, str]
    filters: Sequence[tuple[str, str]]

    def ask(self, query: str) -> Rows:
        """The rows of a question in SQL, or of a query that comes with quire, by its name."""
        return self.connection.execute(self.queries.get(query, query)).fetchall()

    def number(self, query: str) -> int:
        """The one number that answers a question in SQL; 0 for null."""
        ((value,),) = self.ask(query)
        return int(value or 0)

    @property
    def committed(self) -> set[str]:
        """The names of the committed datasets."""
        return {dataset.name for dataset in committed(self.data)}

    def licences(self) -> list[str | None]:
        """The SPDX expressions of the rows of all configurations, sorted; None for rows without."""
        found = {row[0] for config in self.configs for row in self.ask(_licences_of(config))}
        return sorted(found, key=lambda value: (value is None, value or ""))


def _licences_of(config: LoadedConfig) -> str:
    """The question for the SPDX expressions of a configuration."""
    inside = "licence_spdx" not in config.dataset.schema.names  # of exports/rl
    column = "extra_info.licence_spdx" if inside else "licence_spdx"
    return f"SELECT DISTINCT {column} FROM {config.name}"


def settings_shown(settings: str) -> str:
    """The settings of a run without folders of the machine that it ran on.

    >>> settings_shown('{"dedup": "near", "files": "/home/me/in/*.parquet", "source": ["dir:/a"]}')
    'dedup=near, files=*.parquet, source=dir:…'
    """
    values = json.loads(settings)
    return ", ".join(f"{name}={_shown(value)}" for name, value in sorted(values.items()))


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(_shown, value))
    kind, colon, place = str(value).partition(":")
    if colon and place.startswith(("/", ".", "~", "@")) and not place.startswith("//"):
        return f"{kind}:…"
    return str(value).rpartition("/")[2] if str(value).startswith(("/", ".", "~")) else str(value)
