"""The report of a check as Markdown, which a person reads.

All queries read two relations that `summary` creates: `evidence` (the rows of `hits`, with
`text` to identify their text) and `eval_tasks` (with `place`, the order of the tasks).
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from transforms.contamination.evidence import CUT_MARK
from transforms.contamination.grams.ngrams import SCHEME
from transforms.contamination.patterns.task_patterns import STATE_COLUMNS
from transforms.contamination.report.selftest import MAX_HOSTS, Recall
from transforms.contamination.tally import Tally
from transforms.lib import VERSION
from transforms.lib.detection.shown_texts import shown_texts

SHOWN_HITS, SHOWN_REVIEWS = 20, 10  # findings that are shown side by side
SHOWN_REPOSITORIES = 10  # those that hold the most tasks
SHOWN_NAMES = 10  # tasks whose names are defined most often
CHANNEL_TITLES = {
    "D": "documentation",
    "T": "tests",
    "C": "code",
    "A": "syntax tree",
    "N": "name of the function",
    "S": "signature",
    "X": "exact text",
}
COUNTED = {  # by channel, what its score counts
    "D": "n-grams",
    "T": "n-grams",
    "C": "n-grams",
    "A": "nodes",
    "N": "names",
    "S": "signatures",
    "X": "characters",
}
POLICIES = {
    "report": "report (nothing is removed)",
    "drop": "drop (`removed` names what training must leave out)",
}
SUITES_QUERY = """
SELECT suite, count(*), count(clean), count_if(hits > 0), count_if(clean),
       sum(hits)::BIGINT, sum(reviews)::BIGINT
FROM eval_tasks GROUP BY suite ORDER BY suite
"""
CHANNELS_QUERY = """
SELECT channel, count_if(verdict = 'hit'), count_if(verdict = 'review')
FROM evidence GROUP BY channel ORDER BY position(channel IN 'DTCANSX')
"""
REPOSITORIES_QUERY = """
SELECT coalesce(repo, '(none)'), count(DISTINCT text), count(DISTINCT (suite, task_id))
FROM evidence WHERE verdict = 'hit' GROUP BY 1 ORDER BY 3 DESC, 2 DESC, 1 LIMIT {limit}
"""
# A finding is a text and a task. It is shown by the channel that shows most of it ('ACTDXSN').
# Findings with the most channels come first, and the first finding of every task comes before the
# second one of any task. Excerpts are joined last, so that only those that are shown take memory.
FINDINGS_QUERY = """
WITH ranked AS (
    SELECT text, suite, task_id, channel, score, grams_hit, count(*) OVER of_finding AS channels,
           string_agg(channel, '') OVER (of_finding ORDER BY position(channel IN 'DTCANSX')
               ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS letters,
           row_number() OVER (of_finding ORDER BY position(channel IN 'ACTDXSN')) AS place
    FROM evidence WHERE verdict = '{verdict}'
    WINDOW of_finding AS (PARTITION BY text, suite, task_id)
), findings AS (
    SELECT *, row_number() OVER (PARTITION BY suite, task_id ORDER BY {worst}) AS repetition
    FROM ranked WHERE place = 1
), shown AS (SELECT * FROM findings ORDER BY repetition, {worst} LIMIT {limit})
SELECT suite, task_id, dataset, repo, path, "commit", function, line_start, line_end, letters,
       channel, e.score, e.grams_hit, grams_total, eval_excerpt, text_excerpt
FROM shown JOIN evidence e USING (text, suite, task_id, channel)
ORDER BY repetition, channels DESC, shown.score DESC, shown.grams_hit DESC, suite, task_id, text
"""
WORST_FIRST = "channels DESC, score DESC, grams_hit DESC, suite, task_id, text"


@dataclass(frozen=True)
class CheckSettings:
    """What the check used: sets as (suite, file, sha256), the stoplist in words, the policy."""

    sets: tuple[tuple[str, str, str], ...]
    stoplist: str
    policy: str


def write_report(
    connection: duckdb.DuckDBPyConnection,
    settings: CheckSettings,
    tally: Tally,
    recalls: Sequence[Recall],
    repositories: Sequence[dict],
) -> str:
    """The report as Markdown; the connection must have the relations named above.

    repositories: the rows of `hits` that are about repositories.
    """
    parts = (
        _summary(connection, settings, tally),
        _suites(connection),
        _channels(connection),
        _repositories(repositories),
        _findings(connection, "hit", "Hits, side by side", SHOWN_HITS),
        _findings(connection, "review", "To be reviewed", SHOWN_REVIEWS),
        _clean(connection),
        _uncheckable(connection),
        _names(connection),
        _selftest(recalls),
        _provenance(settings),
    )
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _query(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    return connection.execute(query).fetchall()


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    """The lines of a Markdown table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(_cell(value) for value in row)} |"


def _cell(value: Any) -> str:
    """A value as text that cannot break a Markdown table; numbers with separators of thousands."""
    if isinstance(value, int):
        return f"{value:,}"
    return html.escape(str(value), quote=False).replace("|", "&#124;").replace("\n", " ")


def _summary(
    connection: duckdb.DuckDBPyConnection, settings: CheckSettings, tally: Tally
) -> Iterator[str]:
    query = "SELECT count(DISTINCT text) FROM evidence WHERE verdict = '{}'"
    hits, reviews = (_query(connection, query.format(v))[0][0] for v in ("hit", "review"))
    tasks = _query(connection, "SELECT count(*), count_if(hits > 0) FROM eval_tasks")[0]
    checked = (
        f"{tally.texts[name]:,} texts of `{name}` ({tally.size[name] / 1e6:,.1f} MB)"
        for name in sorted(tally.texts)
    )
    yield "# Contamination\n"
    yield f"Checked: {', '.join(checked) or 'nothing'}, against {tasks[0]:,} evaluation tasks.\n"
    if unchecked := tally.unchecked.total():
        yield (
            f"{unchecked:,} of the texts could not be checked: `rejects/contamination` says why.\n"
        )
    found = f"{hits:,} texts hold {tasks[1]:,} of the tasks" if hits else "No text holds a task"
    yield (
        f"**{found}.** Texts for a person to look at (verdict `review`): {reviews:,}. "
        f"Policy: {POLICIES[settings.policy]}."
    )


def _suites(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "## By evaluation set\n"
    head = ("set", "tasks", "checkable", "found", "clean", "hits", "reviews")
    yield from _table(head, _query(connection, SUITES_QUERY))


def _channels(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "## By channel and repository\n"
    yield (
        "A text and a task are compared in several channels: by documentation, by tests, and so "
        "on. A row counts the pairs of a text and a task that have evidence in its channel.\n"
    )
    rows = _query(connection, CHANNELS_QUERY)
    titled = [(f"{channel} {CHANNEL_TITLES[channel]}", *counts) for channel, *counts in rows]
    yield from _table(("channel", "in hits", "in reviews"), titled)
    yield ""
    query = REPOSITORIES_QUERY.format(limit=SHOWN_REPOSITORIES)
    yield from _table(("repository", "texts with hits", "tasks"), _query(connection, query))


def _repositories(rows: Sequence[dict]) -> Iterator[str]:
    yield "## Repositories as a whole\n"
    yield (
        "Repositories whose files together define many of a set's functions, by names that are not "
        "common: its solutions, perhaps written anew. The verdict is about the repository.\n"
    )
    head = ("repository", "dataset", "set", "names", "of", "verdict", "such as")
    columns = ("repo", "dataset", "suite", "grams_hit", "grams_total", "verdict", "text_excerpt")
    table = [[row[name] for name in columns] for row in rows]
    yield from _table(head, table) if table else ["None."]


def _findings(
    connection: duckdb.DuckDBPyConnection, verdict: str, title: str, limit: int
) -> Iterator[str]:
    yield f"## {title}\n"
    rows = _query(
        connection, FINDINGS_QUERY.format(verdict=verdict, worst=WORST_FIRST, limit=limit)
    )
    if not rows:
        yield "None."
    excerpts = iter(shown_texts([_whole_words(text) for row in rows for text in row[-2:]]))
    for row in rows:
        shown: tuple[Any, ...] = (*row[:-2], next(excerpts), next(excerpts))
        yield from _finding(*shown)


def _whole_words(text: str) -> str:
    """An excerpt without the word at which it was cut, which may be a part of a secret."""
    if not text.endswith(CUT_MARK):
        return text
    return re.sub(r"\S*$", "", text.removesuffix(CUT_MARK)) + CUT_MARK.lstrip()


def _finding(
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
    task_excerpt: str,
    text_excerpt: str,
) -> Iterator[str]:
    place = "/".join(filter(None, (repo, commit, path)))
    inside = f", in `{_code(function)}`" if function else ""
    yield f"**{_cell(suite)} {_cell(task)}** in `{_code(place)}`, lines {first}–{last}{inside}"
    yield (
        f"({dataset}; channels {letters}; shown: {channel} {CHANNEL_TITLES[channel]}, "
        f"{hit:,} of {total:,} {COUNTED[channel]}, score {score:.2f})\n"
    )
    excerpts = (task_excerpt, text_excerpt)
    cells = "".join(f"<td><pre>{_preformatted(text)}</pre></td>" for text in excerpts)
    yield f"<table><tr><th>task</th><th>text</th></tr><tr>{cells}</tr></table>\n"


def _code(text: str) -> str:
    """Text for a Markdown code span, which can hold no backtick and no line break."""
    return text.replace("`", "'").replace("\n", " ")


def _preformatted(text: str) -> str:
    """Text as HTML in one line, as an empty line would end the HTML block for Markdown."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def _clean(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "## The clean subset\n"
    yield (
        "As far as this check sees, no text holds the tasks called *clean*, so a score on these "
        "alone owes nothing to the texts that were checked. Each task called *found* is in some "
        "text.\n"
    )
    for title, condition in (("clean", "clean"), ("found", "hits > 0")):
        yield from _lists(connection, title, condition)


def _lists(connection: duckdb.DuckDBPyConnection, title: str, condition: str) -> Iterator[str]:
    """The tasks of each set for which an SQL condition holds, folded under their number."""
    query = f"""SELECT suite, list(task_id ORDER BY place) FROM eval_tasks WHERE {condition}
        GROUP BY suite ORDER BY suite"""
    for suite, tasks in _query(connection, query):
        yield f"<details><summary>{_cell(suite)}: {len(tasks):,} {title}</summary>\n"
        yield f"{', '.join(map(_cell, tasks))}\n\n</details>\n"


def _uncheckable(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "## Fields that were not compared\n"
    yield (
        "A field of a task is not compared if it is *empty*, *short* (too few n-grams are left "
        "without those that are common), or *common* (a name that many programs define). The "
        "task is still checked by its other fields, and may be found by them.\n"
    )
    query = "SELECT DISTINCT {0} FROM eval_tasks WHERE {0} <> 'checked' ORDER BY 1"
    for channel, column in STATE_COLUMNS.items():
        for (reason,) in _query(connection, query.format(column)):
            title = f"with {reason} {CHANNEL_TITLES[channel]}"
            yield from _lists(connection, title, f"{column} = '{reason}'")
    yield from _lists(connection, "checked by no field at all", "clean IS NULL")


def _names(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    yield "## Names of entry points\n"
    query = "SELECT coalesce(sum(names), 0)::BIGINT, count_if(names > 0) FROM eval_tasks"
    total, tasks = _query(connection, query)[0]
    yield (
        f"{total:,} times a text defines a function with the name of a task; {tasks:,} tasks have "
        "such texts. By itself that gives no verdict: such names are often the obvious ones.\n"
    )
    query = f"""SELECT suite, task_id, entry_point, names FROM eval_tasks WHERE names > 0
        ORDER BY names DESC, suite, task_id LIMIT {SHOWN_NAMES}"""
    yield from _table(("set", "task", "name", "texts"), _query(connection, query))


def _selftest(recalls: Sequence[Recall]) -> Iterator[str]:
    yield "## Self-test\n"
    yield (
        f"Leaks were made of some of these tasks and put into up to {MAX_HOSTS} of the texts that "
        "were checked. *found* says how many of them this check calls a hit.\n"
    )
    seeded = [recall for recall in recalls if recall.seeded]
    rows = [(r.mutation, r.seeded, r.found, f"{r.found / r.seeded:.2f}") for r in seeded]
    yield from _table(("leak", "seeded", "found", "recall"), rows)
    yield "\nA task in other words, with a program written anew, is hardly ever found."


def _provenance(settings: CheckSettings) -> Iterator[str]:
    yield "## What the check used\n"
    yield from _table(("set", "file", "sha256"), settings.sets)
    yield f"\nStoplist: {settings.stoplist}. n-grams: {SCHEME}. quire {VERSION}."
