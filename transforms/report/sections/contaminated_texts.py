"""Contamination: which evaluation tasks the texts hold, with the evidence side by side."""

from dataclasses import replace

from transforms.report.excerpts import around, lines_of
from transforms.report.facts import Facts
from transforms.report.parts import Comparisons, Part, Section, Side, SideBySide

SHOWN = 8
SUITES = """
SELECT suite, count(*) AS tasks, count(clean) AS checkable, count_if(hits > 0) AS found,
       count_if(clean) AS clean, sum(hits)::BIGINT AS hits, sum(reviews)::BIGINT AS reviews
FROM eval_tasks GROUP BY suite ORDER BY suite
"""
CHANNELS = """
SELECT channel, count_if(verdict = 'hit') AS in_hits, count_if(verdict = 'review') AS in_reviews,
       string_agg(DISTINCT dataset, ', ' ORDER BY dataset) AS datasets
FROM hits GROUP BY channel ORDER BY in_hits DESC, in_reviews DESC, channel
"""
REMOVED = """
SELECT dataset, granularity, count(*) AS removed FROM removed
GROUP BY dataset, granularity ORDER BY removed DESC, dataset, granularity
"""
# The channel of a finding that shows most of it, and the first finding of a task before a second.
FINDINGS = """
WITH best AS (
    SELECT *, row_number() OVER (
        PARTITION BY suite, task_id, dataset, sha256, "function"
        ORDER BY position(channel IN 'ACTDXSNR'), line_start) AS place
    FROM hits WHERE eval_excerpt IS NOT NULL AND text_excerpt IS NOT NULL
), ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY suite, task_id ORDER BY verdict, score DESC, sha256) AS repetition
    FROM best WHERE place = 1
)
SELECT suite, task_id, dataset, repo, "commit", path, "function", line_start, channel, score,
       verdict, eval_excerpt, text_excerpt
FROM ranked
ORDER BY verdict, repetition, score DESC, suite, task_id, dataset, sha256 LIMIT {}
"""
NAMES = {
    "D": "documentation", "T": "tests", "C": "code", "A": "syntax tree", "N": "name",
    "S": "signature", "X": "exact text", "R": "repository",
}  # fmt: skip


def contaminated_texts(facts: Facts) -> Section | None:
    """Tasks by evaluation set, evidence by channel, and findings side by side."""
    if not facts.has("eval_tasks"):
        return None
    parts: list[Part] = [facts.table("Evaluation sets", SUITES)]
    if facts.has("hits"):
        found = facts.table("Evidence by channel", CHANNELS, bar="in hits")
        parts.append(replace(found, rows=[[_channel(c), *rest] for c, *rest in found.rows]))
        pairs = [_pair(row) for row in facts.rows(FINDINGS.format(SHOWN))]
        says = "The task on the left, the text that holds it on the right."
        parts.append(Comparisons("Findings, side by side", says, pairs))
    if facts.has("removed"):
        parts.append(facts.table("Left out of training", REMOVED, bar="removed"))
    return Section(
        "contamination",
        "Contamination",
        "Texts of DATA compared with the tasks of evaluation sets. A hit is a text that holds a "
        "task; a review is for a person to decide.",
        "contamination",
        parts,
    )


def _channel(letter: str) -> str:
    return f"{letter} {NAMES.get(letter, '')}".rstrip()


def _pair(row: tuple) -> SideBySide:
    suite, task, dataset, repo, commit, path, function, line, channel, score, verdict, *texts = row
    left, right = (around(lines_of(text), 0) for text in texts)
    right = right.from_line(line or 1)
    place = "/".join(filter(None, (repo, commit, path)))
    where = f"{place}:{line}" if line else place
    says = f"channel {_channel(channel)}, score {score or 0:.3f}"
    title = f"{dataset}{f', {function}' if function else ''}"
    return SideBySide(
        f"{verdict}:", says, Side(f"task of {suite}", task, left), Side(title, where, right)
    )
