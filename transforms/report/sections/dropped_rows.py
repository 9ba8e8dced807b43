"""Why rows were dropped, how many, and real examples of every reason."""

from transforms.report.facts import Facts
from transforms.report.parts import Comparisons, Part, Section, Table
from transforms.report.reasons import explained
from transforms.report.side_by_side import examples

REASONS = """
SELECT stage, reason, count(*) AS rows FROM rejects
GROUP BY stage, reason
ORDER BY list_position(['crawl', 'corpus', 'functions', 'contests', 'ci', 'verify',
                        'contamination', 'feed'], stage), rows DESC, reason
"""
HEAD = ("stage", "reason", "rows", "what it means")


def dropped_rows(facts: Facts) -> Section | None:
    """A table of all reasons, and comparisons for each."""
    reasons = facts.rows(REASONS)
    if not reasons:
        return None
    rows = [(stage, reason, count, explained(reason)) for stage, reason, count in reasons]
    parts: list[Part] = [Table("Rows dropped by stage and reason", HEAD, rows, bar="rows")]
    found, stages = examples(facts), set[str]()
    for stage, reason, count in reasons:
        pairs = found.get((stage, reason))
        if pairs:
            title = f"{stage}: {reason} ({len(pairs)} of {count:,})"
            parts.append(Comparisons(title, explained(reason), pairs, stage not in stages))
            stages.add(stage)
    return Section(
        "dropped",
        "What was dropped, and what stands for it",
        "Every row that a stage dropped is a row of its rejects, with the reason and the value "
        "behind it. Beside a duplicate stands the row that is kept in its place; marked lines are "
        "those that differ, or that the reason is about.",
        "rejects",
        parts,
    )
