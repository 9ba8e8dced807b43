"""What the crawl fetched, and what it did not get."""

from transforms.report.facts import Facts
from transforms.report.parts import Section

OUTCOMES = """
SELECT status, kind, http_status, count(*) AS sources, sum(python_files)::BIGINT AS python_files,
       sum(kept_files)::BIGINT AS kept_files, round(sum(archive_bytes) / 1e6, 1) AS archive_mb,
       round(sum(seconds), 1) AS seconds
FROM repositories GROUP BY status, kind, http_status
ORDER BY status <> 'ok', sources DESC, status, kind, http_status
"""
MISSED = """
SELECT source, status, http_status, reason FROM repositories WHERE status <> 'ok'
ORDER BY status, source LIMIT 20
"""


def crawl_outcomes(facts: Facts) -> Section | None:
    """Sources by status, and the first of those that gave nothing."""
    if not facts.has("repositories"):
        return None
    parts = [facts.table("Sources by outcome", OUTCOMES, bar="sources")]
    missed = facts.table(
        "Sources without files, or with fewer than they have", MISSED, code=["source", "reason"]
    )
    return Section(
        "crawl",
        "Crawl",
        "A row of repositories is one attempt to get one source; its status says what came of it.",
        "missed",
        [*parts, *([missed] if missed.rows else [])],
    )
