"""Small charts as inline SVG, in the colours of the page: steps, bars and histograms.

Lengths along a line are in per cent of the width, so that texts keep their size at any width.
Every text is escaped; every mark has a title, which browsers show and screen readers read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup

from transforms.report.shown_text import seen, shortened

STEP_PIXELS = 40  # of a step: its name, and the bar below it
BAR_PIXELS = 14
LABEL_CHARACTERS = 60
HISTOGRAM_PIXELS = 170  # of the tallest bar
TOP_PIXELS = 22  # above it, for the threshold's name
AXIS_PIXELS = 38  # below the bars
LEFT, RIGHT = 9.0, 99.0  # where the bars are, in per cent of the width


class Step(NamedTuple):
    """One step of a funnel: how many came in (first), were dropped (negative) or are kept."""

    name: str
    count: int


class Bin(NamedTuple):
    """One bar of a histogram: from `low` to `high`, both on the axis, with its count."""

    low: float
    high: float
    count: int


def svg(height: int, title: str, marks: Iterable[Markup], kind: str) -> Markup:
    """A drawing as wide as its place, and `height` pixels tall."""
    return Markup(
        '<svg class="{}" role="img" width="100%" height="{}" aria-label="{}">{}</svg>'
    ).format(kind, height, seen(title), Markup("").join(marks))


def steps(title: str, rows: Sequence[Step]) -> Markup:
    """A funnel: what came in, then a bar for each drop where the one before it ends."""
    most = max((abs(step.count) for step in rows), default=0) or 1
    marks, left = list[Markup](), 0
    for place, step in enumerate(rows):
        if step.count < 0:
            left += step.count
            begin, length, kind = left, -step.count, "dropped"
        else:
            left = step.count
            begin, length, kind = 0, step.count, "kept" if place else "came"
        marks.append(_step(place, step, 100 * max(begin, 0) / most, 100 * length / most, kind))
    return svg(STEP_PIXELS * len(rows), title, marks, "steps")


def _step(place: int, step: Step, begin: float, length: float, kind: str) -> Markup:
    top = STEP_PIXELS * place
    name = seen(shortened(step.name, LABEL_CHARACTERS))
    return Markup(
        '<g><title>{name}: {count:,}</title><text x="0" y="{text}">{name}</text>'
        '<text class="number" x="100%" y="{text}">{count:,}</text>'
        '<rect class="track" x="0" y="{bar}" width="100%" height="{height}"/>'
        '<rect class="{kind}" x="{begin:.3f}%" y="{bar}" width="{length:.3f}%" '
        'height="{height}"/></g>'
    ).format(
        name=name, count=step.count, text=top + 14, bar=top + 20, height=BAR_PIXELS, kind=kind,
        begin=begin, length=length,
    )  # fmt: skip


def histogram(
    title: str,
    bins: Sequence[Bin],
    unit: str,
    threshold: float,
    *,
    over: bool,
    logarithmic: bool,
) -> Markup:
    """Bars by size, counts on a log scale, and a line at the threshold.

    `over` says whether what is over the threshold is dropped, or what is below it; `logarithmic`
    is of the sizes.
    """
    low, high = bins[0].low, bins[-1].high
    most = max(bin_.count for bin_ in bins)

    def at(value: float) -> float:
        if logarithmic:
            value, first, last = (math.log10(max(v, 1)) for v in (value, low, high))
        else:
            first, last = low, high
        return LEFT + (RIGHT - LEFT) * (value - first) / ((last - first) or 1)

    marks = list(_counts_axis(most))
    for bin_ in bins:
        dropped = bin_.low >= threshold if over else bin_.high <= threshold
        marks.append(_bar(bin_, at(bin_.low), at(bin_.high), most, unit, dropped=dropped))
    marks += _sizes_axis(low, high, at, logarithmic=logarithmic)
    marks.append(_threshold(at(threshold), f"{threshold:,g}"))
    return svg(TOP_PIXELS + HISTOGRAM_PIXELS + AXIS_PIXELS, title, marks, "histogram")


def _height(count: int, most: int) -> float:
    """The height of a bar in pixels, on a log scale on which 1 is seen."""
    return HISTOGRAM_PIXELS * math.log10(count + 1) / math.log10(most + 1) if count else 0


def _bar(bin_: Bin, x: float, end: float, most: int, unit: str, *, dropped: bool) -> Markup:
    height = _height(bin_.count, most)
    said = f"{bin_.low:,g} to {bin_.high:,g} {unit}: {bin_.count:,} files"
    return Markup(
        '<rect class="{}" x="{:.3f}%" y="{:.1f}" width="{:.3f}%" height="{:.1f}">'
        "<title>{}</title></rect>"
    ).format(
        "dropped" if dropped else "kept",
        x,
        TOP_PIXELS + HISTOGRAM_PIXELS - height,
        max(end - x - 0.2, 0.2),
        height,
        said,
    )


def _counts_axis(most: int) -> Iterable[Markup]:
    """Lines across at 1, 10, 100 … files."""
    for power in range(len(str(most))):
        y = TOP_PIXELS + HISTOGRAM_PIXELS - _height(10**power, most)
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


def _sizes_axis(low: float, high: float, at, *, logarithmic: bool) -> Iterable[Markup]:  # type: ignore[no-untyped-def]
    y = TOP_PIXELS + HISTOGRAM_PIXELS
    yield Markup('<line class="axis" x1="{}%" x2="{}%" y1="{y}" y2="{y}"/>').format(
        LEFT, RIGHT, y=y
    )
    if logarithmic:
        ticks = [10**p for p in range(8) if low <= 10**p <= high]
    else:
        ticks = [low + (high - low) * part / 4 for part in range(5)]
    for tick in ticks:
        label = _short(int(tick)) if logarithmic else f"{tick:g}"
        yield Markup('<text class="tick middle" x="{:.3f}%" y="{}">{}</text>').format(
            at(tick), y + 18, label
        )


def _threshold(x: float, label: str) -> Markup:
    side = "end" if x > 70 else "start"
    return Markup(
        '<line class="threshold" x1="{x:.3f}%" x2="{x:.3f}%" y1="4" y2="{bottom}"/>'
        '<text class="threshold {side}" x="{text:.3f}%" y="14">threshold {label}</text>'
    ).format(
        x=x, bottom=TOP_PIXELS + HISTOGRAM_PIXELS, side=side, text=x + (-1 if side == "end" else 1),
        label=label,
    )  # fmt: skip


def bar(value: float, longest: float) -> Markup:
    """One bar, for a cell beside the number that it shows."""
    share = 100 * float(value) / float(longest) if longest else 0
    return Markup(
        '<svg width="100%" height="10" aria-hidden="true">'
        '<rect class="kept" width="{:.2f}%" height="10"/></svg>'
    ).format(share)
