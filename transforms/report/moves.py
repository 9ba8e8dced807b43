"""Which files, problems and examples a stage has kept in one run and not in the other, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from transforms.report.differences import SIDES, DatasetDifference, Row, shown, version

if TYPE_CHECKING:
    import duckdb

KEPT, ABSENT = "kept", "not there"
KEPT_FILE = "kept_sha256"
PLACE = 'repo, path, "commit"'


@dataclass(frozen=True)
class Outcomes:
    """What a stage makes of each of its rows: `kept` is a query for those that it keeps.

    It gives repo, path, commit and an id, null where the first three are enough; {} is the schema.
    `rejected` is the id of a row of `rejects/<stage>`.
    """

    stage: str
    datasets: tuple[str, str]
    kept: str
    rejected: str = "NULL::VARCHAR"

    def query(self, side: str) -> str:
        """The query for the outcome of each row in one run: kept, or else the reason."""
        rejects = (
            f"SELECT {PLACE}, {self.rejected} AS id, reason, value, kept_sha256 "
            f"FROM {side}.rejects_{self.stage}"
        )
        kept = (
            f"SELECT *, '{KEPT}' AS reason, NULL AS value, NULL AS kept_sha256 FROM ({self.kept})"
        )
        first = f"(reason <> '{KEPT}', reason, value)"
        outcome = ", ".join(
            f"min_by({column}, {first}) AS {name}"
            for column, name in (("reason", "outcome"), ("value", "value"), (KEPT_FILE, KEPT_FILE))
        )
        return (
            f'SELECT repo, path, {version("t")} AS "commit", id, {outcome}'
            f" FROM ({kept.replace('{}', side)} UNION ALL {rejects}) t GROUP BY ALL"
        )


FIRST_WORD, TWO_WORDS = "split_part(value, ' ', 1)", r"regexp_extract(value, '^\S+ \S+')"
OUTCOMES = (
    Outcomes(
        "crawl", ("files", "rejects/crawl"), f"SELECT {PLACE}, NULL::VARCHAR AS id FROM {{}}.files"
    ),
    Outcomes(
        "corpus",
        ("corpus", "rejects/corpus"),
        f"SELECT {PLACE}, NULL::VARCHAR AS id FROM {{}}.corpus",
    ),
    Outcomes(
        "functions",
        ("functions", "rejects/functions"),
        f"SELECT DISTINCT {PLACE}, NULL::VARCHAR AS id FROM {{}}.functions",
    ),
    Outcomes(
        "verify",
        ("problems", "rejects/verify"),
        f"SELECT {PLACE}, problem_id AS id FROM {{}}.problems",
        FIRST_WORD,
    ),
    Outcomes(
        "feed",
        ("examples", "rejects/feed"),
        f"SELECT {PLACE}, source || ' ' || source_id AS id FROM {{}}.examples WHERE copy = 0",
        TWO_WORDS,
    ),
)


@dataclass(frozen=True)
class Move:
    """How many rows had one outcome in A and another in B, with examples.

    Of an example `value` is what is behind the reason, and `instead` the file that stands for it.
    """

    stage: str
    was: str
    now: str
    rows: int
    examples: list[Row] = field(default_factory=list)


def moves(
    connection: duckdb.DuckDBPyConnection, datasets: Iterable[DatasetDifference], examples: int
) -> list[Move]:
    """The moves between outcomes, by stage, the largest first, given how the datasets differ.

    None of a stage that only one run has.
    """
    by_name = {each.name: each for each in datasets}
    found = []
    for outcomes in OUTCOMES:
        own = [by_name[name] for name in outcomes.datasets if name in by_name]
        if all(each.in_both for each in own) and not all(each.same for each in own):
            found += _moves(connection, outcomes, examples)
    return found


def _moves(connection: duckdb.DuckDBPyConnection, outcomes: Outcomes, examples: int) -> list[Move]:
    same = " AND ".join(
        f"a.{name} IS NOT DISTINCT FROM b.{name}" for name in ("repo", "path", '"commit"', "id")
    )
    one, other = map(outcomes.query, SIDES)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE moved AS SELECT coalesce(a.repo, b.repo) AS repo,"
        ' coalesce(a.path, b.path) AS path, coalesce(a."commit", b."commit") AS "commit",'
        f" coalesce(a.id, b.id) AS id, coalesce(a.outcome, '{ABSENT}') AS was,"
        f" coalesce(b.outcome, '{ABSENT}') AS now, coalesce(b.value, a.value) AS value,"
        " a.kept_sha256 AS kept_a, b.kept_sha256 AS kept_b"
        f" FROM ({one}) a FULL JOIN ({other}) b ON {same} WHERE was <> now"
    )
    counts = connection.execute(
        "SELECT was, now, count(*) FROM moved GROUP BY ALL ORDER BY 3 DESC, 1, 2"
    ).fetchall()
    return [
        Move(outcomes.stage, was, now, rows, _examples(connection, was, now, examples))
        for was, now, rows in counts
    ]


def _examples(connection: duckdb.DuckDBPyConnection, was: str, now: str, count: int) -> list[Row]:
    """The first rows of one move by their places."""
    instead = ", ".join(map(_place_of_kept, SIDES[::-1]))
    rows = connection.execute(
        f"WITH examples AS (FROM moved WHERE was = ? AND now = ? ORDER BY {PLACE}, id"
        f" LIMIT {count}) SELECT {PLACE}, id, value, coalesce({instead}) FROM examples"
        f" ORDER BY {PLACE}, id",
        [was, now],
    ).fetchall()
    names = ("repo", "path", "commit", "id", "value", "instead")
    return [_known(zip(names, row, strict=True)) for row in rows]


def _place_of_kept(side: str) -> str:
    """Where the file is, in one run, that stands for a dropped one."""
    return (
        f"(SELECT min(concat_ws('/', repo, path)) FROM {side}.corpus c"
        f" WHERE c.sha256 = examples.kept_{side})"
    )


def _known(items: Iterable[tuple[str, Any]]) -> Row:
    return {name: shown(value) for name, value in items if value not in (None, "")}
