"""The report of a check, as Markdown for people."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from transforms.contamination.grams.ngrams import SCHEME
from transforms.contamination.report.selftest import HOSTS, Recall
from transforms.contamination.tally import Tally
from transforms.lib import VERSION

WORST = 20  # cases that are shown side by side
REPOSITORIES = 10  # that hold the most
NAMED = 10  # tasks whose names are defined most often
CHANNELS = {
    "D": "documentation",
    "T": "tests",
    "C": "code",
    "A": "tree",
    "N": "name",
    "X": "exact text",
}
SUITES = """
SELECT suite, count(*), count(clean), count_if(hits > 0), count_if(clean),
       sum(hits)::BIGINT, sum(reviews)::BIGINT
FROM eval_tasks GROUP BY suite ORDER BY suite
"""
BY_CHANNEL = """
SELECT channel, count_if(verdict = 'hit'), count_if(verdict = 'review')
FROM found GROUP BY channel ORDER BY position(channel IN 'DTCANX')
"""
BY_REPOSITORY = """
SELECT coalesce(repo, '(none)'), count(DISTINCT text), count(DISTINCT (suite, task_id))
FROM found WHERE verdict = 'hit' GROUP BY 1 ORDER BY 3 DESC, 2 DESC, 1 LIMIT {limit}
"""
# Of each case the channel that shows the most of it; the cases with the most channels first, and
# the first of every task before the second of any. The excerpts join last: only theirs are held.
CASES = """
WITH ranked AS (
    SELECT text, suite, task_id, channel, score, grams_hit, count(*) OVER of_case AS channels,
           string_agg(channel, '') OVER (of_case ORDER BY position(channel IN 'DTCANX')
               ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS letters,
           row_number() OVER (of_case ORDER BY position(channel IN 'ACTDXN')) AS place
    FROM found WHERE verdict = '{verdict}'
    WINDOW of_case AS (PARTITION BY text, suite, task_id)
), cases AS (
    SELECT *, row_number() OVER (PARTITION BY suite, task_id ORDER BY {worst}) AS repetition
    FROM ranked WHERE place = 1
), shown AS (SELECT * FROM cases ORDER BY repetition, {worst} LIMIT {limit})
SELECT suite, task_id, dataset, repo, path, "commit", function, line_start, line_end, letters,
       channel, f.score, f.grams_hit, grams_total, eval_excerpt, text_excerpt
FROM shown JOIN found f USING (text, suite, task_id, channel)
ORDER BY repetition, channels DESC, shown.score DESC, shown.grams_hit DESC, suite, task_id, text
"""
WORST_FIRST = "channels DESC, score DESC, grams_hit DESC, suite, task_id, text"


@dataclass(frozen=True)
class Given:
    """What was asked: sets as (suite, file, sha256), the stoplist in words, the policy."""

    sets: tuple[tuple[str, str, str], ...]
    stoplist: str
    policy: str


def write_report(
    connection: duckdb.DuckDBPyConnection, given: Given, tally: Tally, recalls: Sequence[Recall]
) -> str:
    """The report; the connection sees `found` (hits) and `eval_tasks` (with `place`)."""
    parts = (
        _summary(connection, given, tally),
        _suites(connection),
        _channels(connection),
        _cases(connection, "hit", "Hits, side by side", WORST),
        _cases(connection, "review", "To be reviewed", WORST // 2),
        _clean(connection),
        _unchecked(connection),
        _names(connection),
        _selftest(recalls),
        _provenance(given),
    )
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    return connection.execute(query).fetchall()


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(_cell(value) for value in row)} |"


def _cell(value: Any) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return html.escape(str(value), quote=False).replace("|", "&#124;").replace("\n", " ")


def _summary(connection: duckdb.DuckDBPyConnection, given: Given, tally: Tally) -> Iterator[str]:
    query = "SELECT count(DISTINCT text) FROM found WHERE verdict = '{}'"
    hits, reviews = (_rows(connection, query.format(v))[0][0] for v in ("hit", "review"))
    tasks = _rows(connection, "SELECT count(*), count_if(hits > 0) FROM eval_tasks")[0]
    checked = (
        f"{tally.texts[name]:,} texts of `{name}` ({tally.size[name] / 1e6:,.1f} MB)"
        for name in sorted(tally.texts)
    )
    yield "# Contamination\n"
    yield f"Checked: {', '.join(checked) or 'nothing'}, against {tasks[0]:,} evaluation tasks.\n"
    if lost := tally.unchecked.total():
        yield f"{lost:,} of the texts could not be: `rejects/contamination` says why.\n"
    if hits:
        yield (
            f"**{hits:,} texts hold {tasks[1]:,} of the tasks.** {reviews:,} more should be "
            f"looked at. Policy: {given.policy}."
        )
    else:
        yield f"**No text holds a task.** {reviews:,} should be looked at. Policy: {given.policy}."


def _suites(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "## By evaluation set\n"
    head = ("set", "tasks", "checkable", "found", "clean", "hits", "reviews")
    yield from _table(head, _rows(connection, SUITES))


def _channels(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "## By channel, and where\n"
    rows = _rows(connection, BY_CHANNEL)
    named = [(f"{channel} {CHANNELS[channel]}", *counts) for channel, *counts in rows]
    yield from _table(("channel", "in hits", "in reviews"), named)
    yield ""
    query = BY_REPOSITORY.format(limit=REPOSITORIES)
    yield from _table(("repository", "texts with hits", "tasks"), _rows(connection, query))


def _cases(
    connection: duckdb.DuckDBPyConnection, verdict: str, title: str, limit: int
) -> Iterator[str]:
    yield f"## {title}\n"
    rows = _rows(connection, CASES.format(verdict=verdict, worst=WORST_FIRST, limit=limit))
    if not rows:
        yield "None."
    for row in rows:
        yield from _case(*row)


def _case(
    suite: str,
    task: str,
    dataset: str,
    repo: str | None,
    path: str,
    commit: str | None,
    function: str | None,
    first: int,
    last: int,
    letters: str,
    channel: str,
    score: float,
    hit: int,
    total: int,
    theirs: str,
    ours: str,
) -> Iterator[str]:
    place = "/".join(filter(None, (repo, commit, path)))
    inside = f", in `{_code(function)}`" if function else ""
    yield f"**{_cell(suite)} {_cell(task)}** in `{_code(place)}`, lines {first}–{last}{inside}"
    yield (
        f"({dataset}; channels {letters}; shown: {channel} {CHANNELS[channel]}, "
        f"{hit:,} of {total:,}, {score:.2f})\n"
    )
    cells = "".join(f"<td><pre>{_preformatted(text)}</pre></td>" for text in (theirs, ours))
    yield f"<table><tr><th>task</th><th>text</th></tr><tr>{cells}</tr></table>\n"


def _code(text: str) -> str:
    """Text for a code span: it can hold no backtick and no line break."""
    return text.replace("`", "'").replace("\n", " ")


def _preformatted(text: str) -> str:
    """Text as HTML; an empty line would end the HTML block for Markdown."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def _clean(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "## The clean subset\n"
    yield "Scores on these tasks alone are not helped by the texts that were checked.\n"
    for title, condition in (("clean", "clean"), ("found", "hits > 0")):
        yield from _lists(connection, title, condition)


def _lists(connection: duckdb.DuckDBPyConnection, title: str, condition: str) -> Iterator[str]:
    """The tasks of each set for which a condition holds, folded."""
    query = f"""SELECT suite, list(task_id ORDER BY place) FROM eval_tasks WHERE {condition}
        GROUP BY suite ORDER BY suite"""
    for suite, tasks in _rows(connection, query):
        yield f"<details><summary>{_cell(suite)}: {len(tasks):,} {title}</summary>\n"
        yield f"{', '.join(map(_cell, tasks))}\n\n</details>\n"


def _unchecked(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "## Not checkable\n"
    yield (
        "A field that is empty, or that holds too few n-grams once what is common is left out, "
        "is not matched blindly; the other channels still check its task.\n"
    )
    for column in ("doc", "tests", "code", "tree", "name"):
        for (reason,) in _rows(
            connection,
            f"SELECT DISTINCT {column} FROM eval_tasks WHERE {column} <> 'checked' ORDER BY 1",
        ):
            yield from _lists(connection, f"{column}: {reason}", f"{column} = '{reason}'")
    yield from _lists(connection, "by no channel at all", "clean IS NULL")


def _names(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "## Names of entry points\n"
    query = "SELECT coalesce(sum(names), 0)::BIGINT, count_if(names > 0) FROM eval_tasks"
    total, tasks = _rows(connection, query)[0]
    yield (
        f"{total:,} texts define a function with the name of one of {tasks:,} tasks. By itself "
        "that is no verdict: such names are often the obvious ones.\n"
    )
    query = f"""SELECT suite, task_id, entry_point, names FROM eval_tasks WHERE names > 0
        ORDER BY names DESC, suite, task_id LIMIT {NAMED}"""
    yield from _table(("set", "task", "name", "texts"), _rows(connection, query))


def _selftest(recalls: Sequence[Recall]) -> Iterator[str]:
    yield "## Self-test\n"
    yield (
        f"Known leaks, made of these tasks and put into up to {HOSTS} of the texts that were "
        "checked: how many this very check calls a hit.\n"
    )
    seeded = [recall for recall in recalls if recall.seeded]
    rows = [(r.mutation, r.seeded, r.found, f"{r.found / r.seeded:.2f}") for r in seeded]
    yield from _table(("leak", "seeded", "found", "recall"), rows)
    yield "\nText in other words with a program written anew is not found."


def _provenance(given: Given) -> Iterator[str]:
    yield "## What it was made with\n"
    yield from _table(("set", "file", "sha256"), given.sets)
    yield f"\nStoplist: {given.stoplist}. n-grams: {SCHEME}. quire {VERSION}."
