"""Small charts as inline SVG, in the colours of the page: steps, bars and histograms.

Lengths along a line are in per cent of the width, so that texts keep their size at any width.
Every text is escaped; every mark has a title, which browsers show and screen readers read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from transforms.report.shown_text import seen, shortened

STEP_PIXELS = 34  # of a step: its name, and the bar below it
BAR_PIXELS = 10
CAME, MORE, DROPPED, KEPT = "came", "more", "dropped", "kept"
LABEL_CHARACTERS = 60
HISTOGRAM_PIXELS = 150  # of the tallest bar
TOP_PIXELS = 22  # above it, for the threshold's name
BOTTOM = TOP_PIXELS + HISTOGRAM_PIXELS
AXIS_PIXELS = 24  # below the columns, for the names of sizes
LEFT, MIDDLE, RIGHT = 9.0, 54.0, 99.0  # of the columns, in per cent of the width
COLUMN_GAP = 0.2  # per cent


class FunnelStep(NamedTuple):
    """One step of a funnel: `kind` is CAME, MORE (added to what came), DROPPED or KEPT."""

    name: str
    rows: int
    kind: str


class Bin(NamedTuple):
    """One bar of a histogram: the files from `low` to `high` on the axis."""

    low: float
    high: float
    files: int


@dataclass(frozen=True)
class Axis:
    """The sizes below a histogram, and the threshold on them.

    `over` says whether what is over the threshold is dropped, or what is below it.
    """

    low: float
    high: float
    unit: str
    threshold: float
    over: bool
    logarithmic: bool

    def place(self, value: float) -> float:
        """Where a size is, in per cent of the width."""
        low, value, high = (self._scaled(v) for v in (self.low, value, self.high))
        return LEFT + (RIGHT - LEFT) * (value - low) / ((high - low) or 1)

    def _scaled(self, value: float) -> float:
        return math.log10(max(value, 1)) if self.logarithmic else value

    def ticks(self) -> list[tuple[float, str]]:
        """The sizes that are named, and their names."""
        if self.logarithmic:
            powers = [10**power for power in range(8) if self.low <= 10**power <= self.high]
            return [(power, _short(power)) for power in powers]
        quarters = [self.low + (self.high - self.low) * part / 4 for part in range(5)]
        return [(value, f"{value:g}") for value in quarters]

    def drops(self, bin_: Bin) -> bool:
        """Whether the files of a bar are on the side of the threshold that is dropped."""
        return bin_.low >= self.threshold if self.over else bin_.high <= self.threshold


def svg(height: int, title: str, marks: Iterable[Markup], kind: str) -> Markup:
    """A drawing as wide as its place, and `height` pixels tall."""
    return Markup(
        '<svg class="{}" role="img" width="100%" height="{}" aria-label="{}">{}</svg>'
    ).format(kind, height, seen(title), Markup("").join(marks))


def steps(title: str, all_steps: Sequence[FunnelStep]) -> Markup:
    """A funnel: what came in, then a bar for each drop, which ends where the one before begins."""
    bars = list(_places(all_steps))
    most = max((end for _, end in bars), default=0) or 1
    marks = [
        _step(place, step, 100 * begin / most, 100 * (end - begin) / most)
        for place, (step, (begin, end)) in enumerate(zip(all_steps, bars, strict=True))
    ]
    return svg(STEP_PIXELS * len(all_steps), title, marks, "steps")


def _places(all_steps: Sequence[FunnelStep]) -> Iterator[tuple[int, int]]:
    """From where to where the bar of each step is, in rows."""
    left = 0
    for step in all_steps:
        if step.kind == DROPPED:
            yield max(left - step.rows, 0), max(left, step.rows)
            left -= step.rows
        elif step.kind == MORE:
            yield left, left + step.rows
            left += step.rows
        else:
            yield 0, step.rows
            left = step.rows


def _step(place: int, step: FunnelStep, begin: float, length: float) -> Markup:
    top = STEP_PIXELS * place
    number = f"−{step.rows:,} ({length:.1f} %)" if step.kind == DROPPED else f"{step.rows:,}"
    return Markup(
        '<g><title>{name}: {number}</title><text x="0" y="{text}">{name}</text>'
        '<text class="number" x="100%" y="{text}">{number}</text>'
        '<rect class="track" x="0" y="{bar}" width="100%" height="{height}"/>'
        '<rect class="{kind}" x="{begin:.3f}%" y="{bar}" width="{length:.3f}%" '
        'height="{height}"/></g>'
    ).format(
        name=seen(shortened(step.name, LABEL_CHARACTERS)),
        number=number,
        text=top + 13,
        bar=top + 18,
        height=BAR_PIXELS,
        kind=step.kind,
        begin=begin,
        length=length,
    )


def histogram(title: str, bins: Sequence[Bin], axis: Axis) -> Markup:
    """Bars by size, the files on a log scale, and a line at the threshold."""
    most = max(bin_.files for bin_ in bins)
    marks = [*_files_axis(most), *(_column(bin_, axis, most) for bin_ in bins if bin_.files)]
    marks += [*_sizes_axis(axis), _threshold(axis)]
    return svg(BOTTOM + AXIS_PIXELS, title, marks, "histogram")


def _height(files: int, most: int) -> float:
    """The height of a column in pixels, on a log scale on which 1 is seen."""
    return HISTOGRAM_PIXELS * math.log10(files + 1) / math.log10(most + 1)


def _column(bin_: Bin, axis: Axis, most: int) -> Markup:
    x, height = axis.place(bin_.low), _height(bin_.files, most)
    return Markup(
        '<rect class="{}" x="{:.3f}%" y="{:.1f}" width="{:.3f}%" height="{:.1f}">'
        "<title>{:,.4g} to {:,.4g} {}: {:,} files</title></rect>"
    ).format(
        "dropped" if axis.drops(bin_) else "kept",
        x,
        BOTTOM - height,
        max(axis.place(bin_.high) - x - COLUMN_GAP, COLUMN_GAP),
        height,
        *(bin_.low, bin_.high, axis.unit, bin_.files),
    )


def _files_axis(most: int) -> Iterable[Markup]:
    """Lines across at 1, 10, 100 … files."""
    for power in range(len(str(most))):
        y = BOTTOM - _height(10**power, most)
        yield Markup(
            '<line class="grid" x1="{}%" x2="{}%" y1="{y:.1f}" y2="{y:.1f}"/>'
            '<text class="tick end" x="{}%" y="{text:.1f}">{label}</text>'
        ).format(LEFT, RIGHT, LEFT - 1, y=y, text=y + 4, label=_short(10**power))


def _short(count: int) -> str:
    """The number with k or M for thousands and millions.

    >>> _short(100_000)
    '100k'
    """
    for size, letter in ((1_000_000, "M"), (1000, "k")):
        if count >= size:
            return f"{count // size}{letter}"
    return str(count)


def _sizes_axis(axis: Axis) -> Iterable[Markup]:
    yield Markup('<line class="axis" x1="{}%" x2="{}%" y1="{y}" y2="{y}"/>').format(
        LEFT, RIGHT, y=BOTTOM
    )
    tick = Markup('<text class="tick middle" x="{:.3f}%" y="{}">{}</text>')
    for value, name in axis.ticks():
        yield tick.format(axis.place(value), BOTTOM + 18, name)


def _threshold(axis: Axis) -> Markup:
    x = axis.place(axis.threshold)
    side, text = ("end", x - 1) if x > MIDDLE else ("start", x + 1)
    return Markup(
        '<line class="threshold" x1="{x:.3f}%" x2="{x:.3f}%" y1="4" y2="{}"/>'
        '<text class="threshold {}" x="{:.3f}%" y="14">threshold {:,g}</text>'
    ).format(BOTTOM, side, text, axis.threshold, x=x)


def bar(value: float, longest: float) -> Markup:
    """One bar, for a cell beside the number that it shows."""
    share = 100 * float(value) / float(longest) if longest else 0
    return Markup(
        '<svg width="100%" height="10" aria-hidden="true">'
        '<rect class="kept" width="{:.2f}%" height="10"/></svg>'
    ).format(share)
