"""Secrets and personal data by kind: how many, where, and what is done; never a value."""

from collections.abc import Sequence

from transforms.report.facts import Facts
from transforms.report.parts import Note, Part, Section

KINDS = """
SELECT kind, confidence, action, count(*) AS findings,
       count(DISTINCT fingerprint) AS different_values, count(DISTINCT sha256) AS files,
       count(DISTINCT repo) AS repos, count(*) FILTER (is_test) AS in_tests_and_docs
FROM secrets GROUP BY kind, confidence, action
ORDER BY confidence, findings DESC, kind, action
"""
RULES = """
SELECT rule, kind, confidence, count(*) AS findings,
       count(DISTINCT fingerprint) AS different_values, count(DISTINCT sha256) AS files,
       count(*) FILTER (is_test) AS in_tests_and_docs
FROM secrets GROUP BY rule, kind, confidence
ORDER BY confidence, findings DESC, rule, kind LIMIT 40
"""


NOTHING = "The files of the corpus were looked through, and nothing was found."


def secret_kinds(facts: Facts) -> Section | None:
    """Findings by kind and by rule; None where nobody has looked for any."""
    if "secrets" not in facts.counts:
        return None
    if not facts.has("secrets"):
        return _section([Note(NOTHING)])
    return _section(
        [
            facts.table("Findings by kind", KINDS, bar="findings"),
            facts.table("Findings by rule", RULES, bar="findings", code=["rule"]),
        ]
    )


def _section(parts: Sequence[Part]) -> Section:
    return Section(
        "secrets",
        "Secrets and personal data",
        "What the detectors found in the kept files; values are written nowhere. Policies act on "
        "what was found with high confidence; the action is none where it was only reported.",
        "SELECT repo, path, line, rule, kind, confidence, action FROM secrets",
        parts,
    )
