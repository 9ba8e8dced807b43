"""Scores of samples: pass@k with its interval."""

from transforms.report.facts import Facts
from transforms.report.parts import Section

SCORES = """
SELECT suite, subset, metric, k, round(value, 4) AS value, round(low, 4) AS low,
       round(high, 4) AS high, tasks, samples, fewest AS fewest_samples
FROM scores ORDER BY suite, subset, metric, k
"""
FAILURES = """
SELECT suite, coalesce(failure, 'passed') AS outcome, count(*) AS samples,
       count(DISTINCT task_id) AS tasks
FROM verdicts_evaluate GROUP BY 1, 2 ORDER BY suite, count(failure) > 0, samples DESC, outcome
"""


def pass_rates(facts: Facts) -> Section | None:
    """Scores, and samples by outcome."""
    if not facts.has("scores"):
        return None
    parts = [
        facts.table("Scores, with intervals of 95 %", SCORES, bar="value", full=1),
        facts.table("Samples by outcome", FAILURES, bar="samples"),
    ]
    return Section(
        "scores",
        "Scores",
        "How samples of evaluation tasks did when they were run; clean tasks are those of which "
        "contamination found nothing in the texts.",
        "SELECT * FROM scores",
        [part for part in parts if part.rows],
    )
