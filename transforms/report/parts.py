"""What the page consists of: sections with tables, charts, notes and comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from transforms.report.excerpts import Excerpt


@dataclass(frozen=True)
class Table:
    """Rows under a head; of the column `bar` each cell gets a bar beside its number.

    `code` are the columns that are set in a fixed width, such as paths.
    """

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Any]]
    bar: str | None = None
    code: Sequence[str] = ()
    kind: str = field(default="table", init=False)

    @property
    def longest(self) -> float:
        """The largest value of the column with bars."""
        place = self.head.index(self.bar) if self.bar else 0
        return max((row[place] or 0 for row in self.rows), default=0) if self.bar else 0

    def is_number(self, place: int) -> bool:
        """Whether a column holds numbers alone, which stand below one another."""
        values = [row[place] for row in self.rows if row[place] is not None]
        return bool(values) and all(
            isinstance(value, int | float | Decimal) and not isinstance(value, bool)
            for value in values
        )


@dataclass(frozen=True)
class Chart:
    """A drawing with what it says in words, and its numbers as a table."""

    caption: str
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
class Comparison:
    """What was found or dropped beside what stands for it, or alone."""

    says: str
    left: Side
    right: Side | None = None


@dataclass(frozen=True)
class Comparisons:
    """Comparisons under one heading, open or folded."""

    caption: str
    says: str
    pairs: Sequence[Comparison]
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
