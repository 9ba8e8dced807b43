"""The rejects that are shown: a few of each stage and reason, and what names their texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from transforms.report.facts import Facts
from transforms.report.texts_by_key import FILE, FUNCTION, PROBLEM, Key

EXACT, NEAR = "exact_duplicate", "near_duplicate"  # their values are similarities
# Examples of several repositories come first; among these, those of the first units
# of `corpus`: few row groups are read for all examples together.
DROPPED = """
WITH units AS (
    SELECT lower(hex(sha256)) AS sha256, min(unit) AS unit FROM signals GROUP BY ALL
), placed AS (
    SELECT r.*, greatest(coalesce(dropped.unit, 0), coalesce(kept.unit, 0)) AS unit
    FROM rejects r
    LEFT JOIN units dropped ON dropped.sha256 = r.sha256
    LEFT JOIN units kept ON kept.sha256 = r.kept_sha256
), by_repository AS (
    SELECT *, row_number() OVER (
        PARTITION BY stage, reason, repo
        ORDER BY unit, sha256, "commit", path, value) AS repetition
    FROM placed
), numbered AS (
    SELECT *, row_number() OVER (
        PARTITION BY stage, reason
        ORDER BY repetition, unit, sha256, repo, "commit", path, value) AS number
    FROM by_repository
)
SELECT stage, reason, repo, "commit", path, value, sha256, kept_sha256
FROM numbered WHERE number <= {} ORDER BY stage, reason, number
"""
# Of a project's functions and of doctests the file is known by its address alone.
BY_ADDRESS = """
SELECT repo, "commit", path, min(sha256) FROM files
WHERE path IN (SELECT unnest(?)) GROUP BY ALL
"""
SOURCES = {"corpus": FILE, "functions": FUNCTION, "problems": PROBLEM}  # of the feed


@dataclass(frozen=True)
class RejectedRow:
    """One reject."""

    stage: str
    reason: str
    repo: str | None
    commit: str | None
    path: str | None
    value: str | None
    sha256: str | None
    kept_sha256: str | None

    @property
    def place(self) -> str:
        """Where it was."""
        return "/".join(filter(None, (self.repo, self.commit, self.path))) or "(no place)"

    @property
    def key(self) -> Key | None:
        """What names its text; the values of some stages begin with it."""
        words = (self.value or "").split()
        if self.stage == "verify" and words:
            return Key(PROBLEM, words[0])
        if self.stage == "feed" and len(words) > 1 and words[0] in SOURCES:
            return Key(SOURCES[words[0]], words[1])
        return Key(FILE, self.sha256) if self.sha256 else None

    @property
    def kept_key(self) -> Key | None:
        """What names the text that stands for it, as far as the reject says it."""
        if self.stage == "verify" and self.reason == "duplicate":
            return Key(PROBLEM, (self.value or "").split()[-1])
        return Key(FILE, self.kept_sha256) if self.kept_sha256 else None

    @property
    def label(self) -> str:
        """What the detail is."""
        return "Jaccard" if self.reason == NEAR else "value" if self.detail else ""

    @property
    def detail(self) -> str:
        """The value without the keys that it begins with; an exact duplicate's is always 1."""
        if self.reason == EXACT:
            return ""
        words = (self.value or "").split(" ")
        return " ".join(words[{"verify": 1, "feed": 2}.get(self.stage, 0) :])


def rejected_rows(facts: Facts, count: int) -> list[RejectedRow]:
    """Up to `count` rejects of each stage and reason, in this order."""
    rows = [RejectedRow(*row) for row in facts.rows(DROPPED.format(count))]
    return _with_digests(facts, rows)


def _with_digests(facts: Facts, rows: Sequence[RejectedRow]) -> list[RejectedRow]:
    """The rejects, with the digest of the file where only its address is known."""
    lacking = {row.path for row in rows if row.key is None and row.path}
    if not lacking or not facts.has("files"):
        return list(rows)
    known = {row[:3]: row[3] for row in facts.rows(BY_ADDRESS, [sorted(lacking)])}
    return [
        row if row.sha256 else replace(row, sha256=known.get((row.repo, row.commit, row.path)))
        for row in rows
    ]
