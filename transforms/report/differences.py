"""Which rows of each dataset two runs have differently: by keys, and never by the text of files.

Of a repository of which each run has one version, and not the same, the versions count as one:
`1.16.0 → 1.17.0`. So a file that both versions have is the same row, changed or not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from schemas import DATASETS
from schemas.keys import KEYS, ORDERED_BY, compared_columns
from transforms.lib.skeleton.catalog import view_name
from transforms.lib.skeleton.shards import read_manifest
from transforms.lib.skeleton.storage import Storage

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]
SIDES = ("a", "b")  # the schemas of DuckDB that hold the views of the two runs
LONGEST = 120  # characters of a value in an example
DIGEST = re.compile(r"(?:\w+ )?[0-9a-f]{32,64}")  # an id, or the source and id of an example
VERSIONS = "memory.main.new_versions"  # a table: repo, and its two versions in one text
# The datasets that say which versions of a repository a run has.
OF_FILES = ("files", "signals", "corpus")
# Values of these are long, or tell what is in a file: an example of a change names them alone.
NOT_SHOWN = frozenset(
    (
        *("docstring", "docstring_raw", "prompt", "body", "humaneval_prompt", "humaneval_body"),
        *("statement", "canonical_solution", "test", "harness", "context", "input", "output"),
        *("eval_excerpt", "text_excerpt"),
    )
)


@dataclass(frozen=True)
class DatasetDifference:
    """How one dataset differs.

    - `rows`: of A and of B; None where the dataset is not committed.
    - `only`: rows whose key only A has, and only B; `changed`: rows of the same key that differ.
    - `columns`: in how many of these each column differs.
    - `uncompared`: columns that only one of the two runs has, for an older quire wrote the other.
    - `examples`: of `only_a`, `only_b` and `changed`; of a change the key, and by column what the
      value is in A and in B.
    """

    name: str
    rows: tuple[int | None, int | None]
    only: tuple[int, int] = (0, 0)
    changed: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    uncompared: list[str] = field(default_factory=list)
    examples: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def same(self) -> bool:
        """Whether the rows are the same, as far as they were compared."""
        return not any((*self.only, self.changed)) and self.in_both

    @property
    def in_both(self) -> bool:
        """Whether both runs have the dataset."""
        return None not in self.rows


def note_new_versions(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the table of the repositories of which each run has one version, and not the same."""
    versions = " FULL JOIN ".join(
        f'(SELECT repo, min("commit") AS version FROM ({_commits(side)}) GROUP BY repo'
        f" HAVING count(*) = 1) {side}"
        for side in SIDES
    )
    connection.execute(
        f"CREATE TABLE {VERSIONS} AS SELECT a.repo, a.version || ' → ' || b.version AS versions"
        f" FROM {versions} ON a.repo = b.repo WHERE a.version <> b.version"
    )


def _commits(side: str) -> str:
    each = (f'SELECT DISTINCT repo, "commit" FROM {side}.{name}' for name in OF_FILES)
    return " UNION ".join(each)


def version(side: str) -> str:
    """The expression for the commit of a row of a table `side`: of new versions that of both."""
    versions = f"(SELECT versions FROM {VERSIONS} v WHERE v.repo = {side}.repo)"
    return f'coalesce({versions}, {side}."commit")'


def dataset_differences(
    connection: duckdb.DuckDBPyConnection, one: Storage, other: Storage, examples: int
) -> list[DatasetDifference]:
    """The difference of each dataset that one or both have, with up to `examples` of each kind."""
    found = []
    for dataset in DATASETS:
        manifests = [read_manifest(data, dataset.name) for data in (one, other)]
        if dataset.name not in KEYS or not any(manifests):
            continue
        rows = _rows(manifests[0]), _rows(manifests[1])
        if not all(manifests):
            found.append(DatasetDifference(dataset.name, rows, (rows[0] or 0, rows[1] or 0)))
        elif _digests(manifests[0]) == _digests(manifests[1]):
            found.append(DatasetDifference(dataset.name, rows))
        else:
            found.append(_difference(connection, dataset.name, rows, examples))
    return found


def _rows(manifest: dict | None) -> int | None:
    return int(manifest["rows"]) if manifest else None


def _digests(manifest: dict | None) -> list[str]:
    return [shard["sha256"] for shard in (manifest or {"shards": []})["shards"]]


def _difference(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: tuple[int | None, int | None],
    examples: int,
) -> DatasetDifference:
    columns = [_columns(connection, f"{side}.{view_name(name)}") for side in SIDES]
    both = [column for column in columns[0] if column in columns[1]]
    uncompared = sorted({*columns[0]} ^ {*columns[1]})
    keys = [column for column in KEYS[name] if column in both]
    compared = compared_columns(name, both)
    joined = JoinedRows(connection, view_name(name), keys, compared, ORDERED_BY.get(name))
    only_a, only_b, changed, *by_column = joined.counts()
    kinds = {"only_a": only_a, "only_b": only_b, "changed": changed}
    return DatasetDifference(
        name,
        rows,
        (only_a, only_b),
        changed,
        {c: n for c, n in zip(joined.compared, by_column, strict=True) if n},
        uncompared,
        {kind: joined.examples(kind, examples) for kind, count in kinds.items() if count},
    )


def _columns(connection: duckdb.DuckDBPyConnection, view: str) -> list[str]:
    return [row[0] for row in connection.execute(f"DESCRIBE {view}").fetchall()]


@dataclass
class JoinedRows:
    """The rows of a dataset of both runs, joined by their keys."""

    connection: duckdb.DuckDBPyConnection
    view: str
    keys: Sequence[str]
    compared: Sequence[str]
    ordered_by: str | None = None

    def __post_init__(self) -> None:
        self._numbered = any(self._has_twice(side) for side in SIDES)

    def _has_twice(self, side: str) -> bool:
        """Whether several rows have the same key."""
        query = (
            f"SELECT 1 FROM {side}.{self.view} t GROUP BY {', '.join(map(self._key, self.keys))}"
            " HAVING count(*) > 1 LIMIT 1"
        )
        return self.connection.execute(query).fetchone() is not None

    def _key(self, name: str) -> str:
        """The expression for a column of the key, of a row of the table `t`."""
        return version("t") if name == "commit" and "repo" in self.keys else f"t.{quoted(name)}"

    def _side(self, side: str, wanted: Sequence[str]) -> str:
        """The query for keys and wanted columns; rows of the same key have numbers."""
        keys = [self._key(name) for name in self.keys]
        named = (f"{key} AS {quoted(name)}" for key, name in zip(keys, self.keys, strict=True))
        number = f"row_number() OVER (PARTITION BY {', '.join(keys)}{self._order()})"
        columns = ", ".join([*named, *wanted, f"{number if self._numbered else 1} AS nth"])
        return f"SELECT {columns} FROM {side}.{self.view} t"

    def _order(self) -> str:
        values = ", ".join(map(quoted, self.compared))
        named = self.ordered_by
        first = [quoted(named)] if named and named in self.compared else []
        order = [*first, *([f"hash({values})"] if values else [])]
        return f" ORDER BY {', '.join(order)}" if order else ""

    def _joined(self, wanted: Sequence[str]) -> str:
        same = " AND ".join(
            f"a.{name} IS NOT DISTINCT FROM b.{name}" for name in [*map(quoted, self.keys), "nth"]
        )
        one, other = (self._side(side, wanted) for side in SIDES)
        return f"FROM ({one}) a FULL JOIN ({other}) b ON {same}"

    def _differs(self, name: str) -> str:
        return f"a.{quoted(name)} IS DISTINCT FROM b.{quoted(name)}"

    def _is(self, kind: str) -> str:
        """The condition that a joined row is of a kind: only_a, only_b or changed."""
        if kind != "changed":
            return f"{'b' if kind == 'only_a' else 'a'}.nth IS NULL"
        differs = " OR ".join(map(self._differs, self.compared)) or "false"
        return f"a.nth IS NOT NULL AND b.nth IS NOT NULL AND ({differs})"

    def counts(self) -> list[int]:
        """How many rows only A has, only B has, and both but changed; these by compared column."""
        both = "a.nth IS NOT NULL AND b.nth IS NOT NULL"
        conditions = [
            *map(self._is, ("only_a", "only_b", "changed")),
            *(f"{both} AND {self._differs(name)}" for name in self.compared),
        ]
        counts = ", ".join(f"count(*) FILTER ({condition})" for condition in conditions)
        # Digests of values, so that long ones are not held in the table of the join.
        wanted = [f"hash({quoted(name)}) AS {quoted(name)}" for name in self.compared]
        row = self.connection.execute(f"SELECT {counts} {self._joined(wanted)}").fetchone()
        return list(row or ())

    def examples(self, kind: str, count: int) -> list[Row]:
        """The first rows of a kind by their keys: the key, and of a change what has changed."""
        keys = [f"coalesce(a.{name}, b.{name}) AS {name}" for name in map(quoted, self.keys)]
        values = [f"{s}.{quoted(c)}" for c in self.compared for s in SIDES if kind == "changed"]
        query = (
            f"SELECT {', '.join([*keys, *values])} {self._joined(list(map(quoted, self.compared)))}"
            f" WHERE {self._is(kind)} ORDER BY {', '.join(map(str, range(1, len(keys) + 1)))}"
            f" LIMIT {count}"
        )
        rows = self.connection.execute(query).fetchall() if count else []
        return [self._example(row) for row in rows]

    def _example(self, row: tuple) -> Row:
        width = len(self.keys)
        key = {name: shown(value) for name, value in zip(self.keys, row, strict=False)}
        values = row[width:]
        pairs = zip(self.compared, values[::2], values[1::2], strict=False)
        changed = {name: _change(name, was, now) for name, was, now in pairs if was != now}
        return key | ({"changed": changed} if changed else {})


def _change(name: str, was: Any, now: Any) -> dict[str, Any]:
    """What a changed value is in A and in B; nothing where it is a text of a file or a problem."""
    hidden = name in NOT_SHOWN or any(isinstance(value, list | dict) for value in (was, now))
    return {} if hidden else {"a": shown(was), "b": shown(now)}


def shown(value: Any) -> Any:
    """A value as an example shows it: numbers as they are, texts short and without secrets."""
    from transforms.lib.detection.masks import without_secrets  # takes 0.3 s: --help needs none

    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, bytes):
        return value.hex()
    text = str(value)
    if DIGEST.fullmatch(text):
        return text
    text = without_secrets(text)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def quoted(name: str) -> str:
    """A name of a column as SQL has it."""
    return f'"{name}"'
