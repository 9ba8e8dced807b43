"""Real examples of what stages dropped, each beside what stands for it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from transforms.lib.detection.masks import without_secrets
from transforms.report import excerpts
from transforms.report.excerpts import Excerpt
from transforms.report.facts import Facts
from transforms.report.parts import Side, SideBySide
from transforms.report.rejected_rows import RejectedRow, rejected_rows
from transforms.report.texts_by_key import FILE, Key, Text, texts_of

EXAMPLES = 3  # of each reason
MAX_CHARACTERS = 900_000  # of all excerpts together: the page stays small whatever DATA holds
LINE_NUMBER = re.compile(r"(?:line )?(\d+)")
SYNTAX = ("syntax_error", "python_2", "newer_python")  # reasons whose values begin with a line
NAME_END = re.compile(r"[^\w.]")
SAME = "the same text, byte for byte"
EMPTY = "the file is empty"


def examples(facts: Facts) -> dict[tuple[str, str], list[SideBySide]]:
    """Up to EXAMPLES for each stage and reason, as many as fit into MAX_CHARACTERS."""
    rows = rejected_rows(facts, EXAMPLES)
    shelf = Shelf(_texts(facts, rows))
    made: dict[tuple[str, str], list[SideBySide]] = {}
    room = MAX_CHARACTERS
    for row in rows:
        shown = _beside(row, shelf)
        room -= shown.characters
        if room >= 0:
            made.setdefault((row.stage, row.reason), []).append(shown)
    return made


def _texts(facts: Facts, rows: Iterable[RejectedRow]) -> dict[Key, Text]:
    """The texts of the rejects, and of what stands for them."""
    keys = {key for row in rows for key in (row.key, row.kept_key) if key}
    texts = texts_of(facts, keys)
    further = {Key(key.kind, t.stands_for_it) for key, t in texts.items() if t.stands_for_it}
    return texts | texts_of(facts, further - set(texts))


@dataclass(frozen=True)
class Shelf:
    """The texts at hand; the lines of each, without secrets, are made once."""

    texts: dict[Key, Text]

    def text(self, key: Key | None) -> Text | None:
        """The text with a key, if there is one."""
        return self.texts.get(key) if key else None

    @functools.cached_property
    def _known(self) -> dict[Key, list[str]]:
        return {}

    def lines(self, key: Key) -> list[str]:
        """The lines of a text that is there."""
        if key not in self._known:
            self._known[key] = excerpts.lines_of(self.texts[key].content)
        return self._known[key]


def _beside(row: RejectedRow, shelf: Shelf) -> SideBySide:
    """The reject beside what stands for it, or alone."""
    left, right = _sides(row, shelf)
    return SideBySide(row.label, without_secrets(row.detail), left, right)


def _sides(row: RejectedRow, shelf: Shelf) -> tuple[Side, Side | None]:
    key, kept_key = row.key, row.kept_key
    text = shelf.text(key)
    if text and text.stands_for_it and key and row.reason == "duplicate_function":
        kept_key = Key(key.kind, text.stands_for_it)
    kept = shelf.text(kept_key)
    right = Side("kept", kept.place if kept else kept_key.id, None) if kept_key else None
    if text is None or key is None:
        return Side("dropped", row.place, None), right
    place = row.place if key.kind == FILE else text.place
    if kept is None or kept_key is None:
        return Side("dropped", place, _alone(row, shelf.lines(key)), EMPTY), right
    if kept.content == text.content:
        shown = Side("dropped", place, excerpts.head(shelf.lines(key)))
        return shown, Side("kept", kept.place, None, SAME)
    ours, its = excerpts.with_difference(shelf.lines(key), shelf.lines(kept_key))
    return Side("dropped", place, ours), Side("kept", kept.place, its)


def _alone(row: RejectedRow, lines: list[str]) -> Excerpt | None:
    """The lines that show the reason best; None if there are none."""
    if lines in ([], [""]):
        return None
    if row.reason.startswith("long_line"):
        return excerpts.with_longest(lines)
    if row.reason.startswith("generated_") and row.value:
        return excerpts.with_words(lines, row.value)
    if row.stage in ("ci", "contests"):  # of a function, with whose name the value begins
        return excerpts.with_words(lines, f"def {NAME_END.split(row.detail)[0].split('.')[-1]}")
    number = LINE_NUMBER.match(row.detail)
    if row.reason in SYNTAX and number:
        return excerpts.with_number(lines, int(number[1]))
    return excerpts.head(lines)
