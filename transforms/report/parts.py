"""What the page consists of: sections with tables, charts, notes and comparisons."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from transforms.report.excerpts import Excerpt

MAX_DECIMALS = 4


@dataclass(frozen=True)
class Table:
    """Rows under a head; of the column `bar` each cell gets a bar beside its number.

    `code` are the columns that are set in a fixed width, such as paths; `full` is the value whose
    bar is as long as its cell, if not the largest.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]
    bar: str | None = None
    code: Sequence[str] = ()
    full: float | None = None
    kind: str = field(default="table", init=False)

    @property
    def longest(self) -> float:
        """The value whose bar is as long as its cell: `full`, or the largest."""
        if self.bar is None or self.full:
            return self.full or 0
        place = self.head.index(self.bar)
        return max((row[place] or 0 for row in self.rows), default=0)

    @functools.cached_property
    def decimals(self) -> list[int]:
        """How many decimals the numbers of each column have."""
        columns = zip(*self.rows, strict=True)
        return [max(map(decimals_of, column)) for column in columns]

    def is_number(self, place: int) -> bool:
        """Whether a column holds numbers alone, which stand below one another."""
        values = [row[place] for row in self.rows if row[place] is not None]
        return all(
            isinstance(value, int | float | Decimal) and not isinstance(value, bool)
            for value in values
        )


def decimals_of(value: Any) -> int:
    """How many decimals a number has, four at most; 0 for all else.

    >>> decimals_of(0.25), decimals_of(1 / 3), decimals_of(2.0), decimals_of("2.5")
    (2, 4, 0, 0)
    """
    if not isinstance(value, float | Decimal):
        return 0
    return len(f"{value:.{MAX_DECIMALS}f}".rstrip("0").partition(".")[2])


@dataclass(frozen=True)
class Chart:
    """A drawing with what it says in words, and its numbers as a table."""

    caption: str
    says: str
    drawing: Markup
    numbers: Table | None = None
    kind: str = field(default="chart", init=False)


@dataclass(frozen=True)
class Side:
    """One side of a comparison: what it is, where it is from, and an excerpt of it."""

    title: str
    place: str
    excerpt: Excerpt | None
    missing: str = "its text is not at hand"

    @property
    def tag(self) -> str:
        """How its title is set."""
        return self.title if self.title in ("dropped", "kept") else "other"


@dataclass(frozen=True)
class SideBySide:
    """What was found or dropped beside what stands for it, or alone; `label` is what `says` is."""

    label: str
    says: str
    left: Side
    right: Side | None = None

    @property
    def characters(self) -> int:
        """How many characters both excerpts have."""
        shown = (self.left.excerpt, self.right.excerpt if self.right else None)
        return sum(excerpt.characters for excerpt in shown if excerpt)


@dataclass(frozen=True)
class Comparisons:
    """Comparisons under one heading, which is folded unless `unfolded`."""

    caption: str
    says: str
    pairs: Sequence[SideBySide]
    unfolded: bool = True
    kind: str = field(default="comparisons", init=False)


@dataclass(frozen=True)
class Note:
    """A sentence."""

    text: str
    kind: str = field(default="note", init=False)


Part = Table | Chart | Comparisons | Note


@dataclass(frozen=True)
class Section:
    """What one section shows: `says` where it comes from, `ask` the query that answers more."""

    key: str
    title: str
    says: str
    ask: str
    parts: Sequence[Part]

    @property
    def groups(self) -> Iterator[tuple[bool, list[Part]]]:
        """The parts in order, charts that follow one another together; with whether they are."""
        for charts, parts in itertools.groupby(self.parts, lambda part: part.kind == "chart"):
            yield charts, list(parts)
