"""Real examples of what stages dropped, each beside what stands for it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from transforms.lib.detection.masks import without_secrets
from transforms.report import excerpts
from transforms.report.excerpts import Excerpt
from transforms.report.facts import Facts
from transforms.report.parts import Comparison, Side
from transforms.report.texts_by_key import FILE, FUNCTION, PROBLEM, Key, Text, texts_of

EXAMPLES = 3  # of each reason
MAX_CHARACTERS = 900_000  # of all excerpts together: the page stays small whatever DATA holds
# Examples of several repositories come first; among these the order is that of digests.
DROPPED = """
WITH by_repository AS (
    SELECT *, row_number() OVER (
        PARTITION BY stage, reason, repo ORDER BY sha256, "commit", path, value) AS repetition
    FROM rejects
), numbered AS (
    SELECT *, row_number() OVER (
        PARTITION BY stage, reason
        ORDER BY repetition, sha256, repo, "commit", path, value) AS number
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
NAME = re.compile(r"[^\w.]")
LINE_NUMBER = re.compile(r"(?:line )?(\d+)")


@dataclass(frozen=True)
class Dropped:
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
        return "Jaccard" if self.reason == "near_duplicate" else "value" if self.detail else ""

    @property
    def detail(self) -> str:
        """The value without the keys that it begins with."""
        words = (self.value or "").split(" ")
        return " ".join(words[{"verify": 1, "feed": 2}.get(self.stage, 0) :])


def examples(facts: Facts) -> dict[tuple[str, str], list[Comparison]]:
    """Up to EXAMPLES comparisons for each stage and reason."""
    dropped = [Dropped(*row) for row in facts.rows(DROPPED.format(EXAMPLES))]
    dropped = _with_addresses(facts, dropped)
    texts = _texts(facts, dropped)
    made: dict[tuple[str, str], list[Comparison]] = {}
    lines = functools.cache(lambda key: excerpts.lines_of(texts[key].content))
    room = MAX_CHARACTERS
    for each in dropped:
        pair = replace(_comparison(each, texts, lines), label=each.label)
        size = sum(side.excerpt.characters for side in (pair.left, pair.right)
                   if side and side.excerpt)  # fmt: skip
        room -= size
        if room >= 0:
            made.setdefault((each.stage, each.reason), []).append(pair)
    return made


def _with_addresses(facts: Facts, dropped: Sequence[Dropped]) -> list[Dropped]:
    """The rejects, with the digest of the file where only its address is known."""
    lacking = {d.path for d in dropped if d.key is None and d.path}
    if not lacking or not facts.has("files"):
        return list(dropped)
    known = {row[:3]: row[3] for row in facts.rows(BY_ADDRESS, [sorted(lacking)])}
    return [
        d if d.sha256 else _with_digest(d, known.get((d.repo, d.commit, d.path))) for d in dropped
    ]


def _with_digest(dropped: Dropped, sha256: str | None) -> Dropped:
    return replace(dropped, sha256=sha256)


def _texts(facts: Facts, dropped: Iterable[Dropped]) -> dict[Key, Text]:
    """The texts of the rejects, and of what stands for them."""
    keys = {key for d in dropped for key in (d.key, d.kept_key) if key}
    texts = texts_of(facts, keys)
    further = {Key(key.kind, t.stands_for_it) for key, t in texts.items() if t.stands_for_it}
    return texts | texts_of(facts, further - set(texts))


def _comparison(dropped: Dropped, texts: dict[Key, Text], lines) -> Comparison:  # type: ignore[no-untyped-def]
    key, text = dropped.key, texts.get(dropped.key) if dropped.key else None
    kept_key = dropped.kept_key
    if text and text.stands_for_it and key and dropped.reason == "duplicate_function":
        kept_key = Key(key.kind, text.stands_for_it)
    kept = texts.get(kept_key) if kept_key else None
    says = without_secrets(dropped.detail)
    if text is None:
        return Comparison(says, Side("dropped", dropped.place, None), _kept_alone(kept_key, kept))
    if kept is None:
        shown = _alone(dropped, lines(key))
        missing = "the file is empty" if not text.content else ""
        return Comparison(says, Side("dropped", dropped.place, shown, missing))
    if kept.content == text.content:
        shown = excerpts.head(lines(key))
        right = Side("kept", kept.place, None, "the same text, byte for byte")
        return Comparison(says, Side("dropped", dropped.place, shown), right)
    left, beside = excerpts.with_difference(lines(key), lines(kept_key))
    return Comparison(says, Side("dropped", dropped.place, left), Side("kept", kept.place, beside))


def _kept_alone(key: Key | None, kept: Text | None) -> Side | None:
    if key is None:
        return None
    return Side("kept", kept.place if kept else key.id, None)


def _alone(dropped: Dropped, lines: list[str]) -> Excerpt | None:
    """The lines that show the reason best; None if there are none."""
    if lines in ([], [""]):
        return None
    if dropped.reason.startswith("long_line"):
        return excerpts.with_longest(lines)
    if dropped.reason.startswith("generated_") and dropped.value:
        return excerpts.with_words(lines, dropped.value)
    if dropped.stage in ("ci", "contests"):  # of a function, whose name the value begins with
        return excerpts.with_words(lines, f"def {NAME.split(dropped.detail)[0].split('.')[-1]}")
    number = LINE_NUMBER.match(dropped.detail)
    if dropped.reason in ("syntax_error", "python_2", "newer_python") and number:
        return excerpts.with_number(lines, int(number[1]))
    return excerpts.head(lines)
