"""Excerpts of texts: a few lines around what matters, short enough to be read."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from transforms.lib.detection.masks import without_secrets
from transforms.report.shown_text import seen

LINES = 12
LINES_BEFORE = 2  # what matters
LINE_CHARACTERS = 140
LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Excerpt:
    """Lines with their numbers, each with whether it is marked; `lines` counts the whole text."""

    rows: Sequence[tuple[int, str, bool]]
    lines: int

    def from_line(self, number: int) -> Excerpt:
        """The same of a text that begins at the line with that number in its file."""
        return Excerpt(
            [(at + number - 1, text, marked) for at, text, marked in self.rows], self.lines
        )

    @property
    def characters(self) -> int:
        """How many characters it shows."""
        return sum(len(text) for _, text, _ in self.rows)


def lines_of(text: str) -> list[str]:
    """The lines of a text without what may be secret in it, each without its end."""
    lines = LINE_END.split(without_secrets(text))
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


def around(lines: Sequence[str], place: int, marked: Collection[int] = ()) -> Excerpt:
    """The lines around the one at `place`, counted from 0; those at `marked` are marked."""
    first = max(0, min(place - LINES_BEFORE, len(lines) - LINES))
    shown = enumerate(lines[first : first + LINES], first)
    rows = [(i + 1, seen(_cut(line)), i in marked) for i, line in shown]
    return Excerpt(rows, len(lines))


def _cut(line: str) -> str:
    """A line, without its middle if it is long."""
    if len(line) <= LINE_CHARACTERS:
        return line
    half = LINE_CHARACTERS // 2
    return f"{line[:half]} … {len(line):,} characters … {line[-half:]}"


def head(lines: Sequence[str]) -> Excerpt:
    """The first lines."""
    return around(lines, 0)


def with_longest(lines: Sequence[str]) -> Excerpt:
    """The lines around the longest one."""
    place = max(range(len(lines)), key=lambda i: len(lines[i]))
    return around(lines, place, {place})


def with_words(lines: Sequence[str], words: str) -> Excerpt:
    """The lines around the first one that has the words in any case; the first lines without."""
    place = next((i for i, line in enumerate(lines) if words.lower() in line.lower()), None)
    return head(lines) if place is None else around(lines, place, {place})


def with_number(lines: Sequence[str], number: int) -> Excerpt:
    """The lines around the one with a number, from 1."""
    place = min(max(number, 1), len(lines)) - 1
    return around(lines, place, {place})


def with_difference(left: Sequence[str], right: Sequence[str]) -> tuple[Excerpt, Excerpt]:
    """The lines of both texts around the first that differs, with all marked that differ there."""
    same = (i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b)
    place = next(same, min(len(left), len(right)))
    a, b = around(left, place), around(right, place)
    left_marks, right_marks = _differing([row[1] for row in a.rows], [row[1] for row in b.rows])
    return _marked(a, left_marks), _marked(b, right_marks)


def _differing(left: list[str], right: list[str]) -> tuple[set[int], set[int]]:
    """The places of the lines of each side that the other side does not have."""
    marks: tuple[set[int], set[int]] = (set(), set())
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    for kind, i, i_end, j, j_end in matcher.get_opcodes():
        if kind != "equal":
            marks[0].update(range(i, i_end))
            marks[1].update(range(j, j_end))
    return marks


def _marked(excerpt: Excerpt, places: Collection[int]) -> Excerpt:
    rows = [(number, text, i in places) for i, (number, text, _) in enumerate(excerpt.rows)]
    return Excerpt(rows, excerpt.lines)
