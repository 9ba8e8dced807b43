"""Lengths of lines and shares of letters and digits, against the thresholds of the filters."""

from typing import NamedTuple

from transforms.report import charts
from transforms.report.facts import Facts
from transforms.report.parts import Chart, Section, Table

PER_DECADE = 6  # bars between 10 and 100
BARS = 40  # between 0 and 1
# Bins are counted in steps from the threshold, so that no bar is on both sides of it.
LOGARITHMIC = """
SELECT floor(round({per} * log10(greatest({column}, 1) / {threshold}), 9))::BIGINT AS bin, count(*)
FROM signals WHERE {column} IS NOT NULL AND characters > 0 GROUP BY bin ORDER BY bin
"""
LINEAR = """
SELECT floor(round(({column} - {threshold}) * {per}, 9))::BIGINT AS bin, count(*)
FROM signals WHERE {column} IS NOT NULL AND characters > 0 GROUP BY bin ORDER BY bin
"""
SUMMARY = """
SELECT count(*), count(*) FILTER ({dropped}), quantile_disc({column}, 0.5),
       quantile_disc({column}, 0.99) FROM signals WHERE {column} IS NOT NULL AND characters > 0
"""


class Measure(NamedTuple):
    """A column of `signals` with what it measures in; files `over` the threshold are dropped."""

    column: str
    name: str
    unit: str
    threshold: float
    over: bool
    logarithmic: bool


def line_shapes(facts: Facts) -> Section | None:
    """A histogram for each of the three measurements."""
    if not facts.has("signals"):
        return None
    limits = facts.thresholds
    measures = (
        Measure("max_line", "Longest line", "characters", limits.max_line, True, True),
        Measure("mean_line", "Mean line", "characters", limits.mean_line, True, True),
        Measure("alphanumeric", "Letters and digits", "of all characters", limits.alphanumeric,
                False, False),
    )  # fmt: skip
    drawn = [_chart(facts, measure) for measure in measures]
    return Section(
        "lines",
        "Lines and letters",
        "Every file that corpus read and that is not empty, by three measurements of signals, with "
        "the thresholds of its filters (Codex section 3.1). Files are counted on a log scale, so "
        "that a few are seen, too.",
        "SELECT repo, path, max_line, mean_line, alphanumeric FROM signals ORDER BY max_line DESC",
        [chart for chart in drawn if chart],
    )


def _chart(facts: Facts, measure: Measure) -> Chart | None:
    bins = _bins(facts, measure)
    if not bins:
        return None
    axis = charts.Axis(bins[0].low, bins[-1].high, *measure[2:])
    drawing = charts.histogram(f"{measure.name} by files", bins, axis)
    rows = [(f"{b.low:,.4g} to {b.high:,.4g}", b.files) for b in bins if b.files]
    numbers = Table(f"{measure.name}: files by size", (measure.unit, "files"), rows)
    return Chart(measure.name, _summary(facts, measure), drawing, numbers)


def _summary(facts: Facts, measure: Measure) -> str:
    sign = ">" if measure.over else "<"
    dropped = f"{measure.column} {sign} {measure.threshold}"
    query = SUMMARY.format(column=measure.column, dropped=dropped)
    count, apart, median, most = facts.rows(query)[0]
    side = "above" if measure.over else "below"
    return (
        f"{apart:,} of {count:,} files are {side} {measure.threshold:,g} {measure.unit}. "
        f"The median is {median:,.3g}, the 99th percentile {most:,.4g}."
    )


def _bins(facts: Facts, measure: Measure) -> list[charts.Bin]:
    """The bins from the smallest to the largest file; those of a share are from 0 to 1."""
    per = PER_DECADE if measure.logarithmic else BARS
    query = LOGARITHMIC if measure.logarithmic else LINEAR
    rows = facts.rows(query.format(column=measure.column, threshold=measure.threshold, per=per))
    counts = dict(rows)
    if measure.logarithmic or not counts:
        places = range(min(counts, default=0), max([0, *counts]) + 1)
    else:
        first = -round(measure.threshold * per)
        places = range(first, first + per)
        # A share of 1 is the end of the last bin, and not the begin of another.
        counts[places[-1]] = counts.get(places[-1], 0) + counts.pop(places[-1] + 1, 0)
    edges = [_edge(measure, place / per) for place in (*places, places[-1] + 1)]
    sizes = zip(edges, edges[1:], places, strict=False)
    return [charts.Bin(low, high, counts.get(place, 0)) for low, high, place in sizes if counts]


def _edge(measure: Measure, steps: float) -> float:
    """The size that is so many steps above the threshold: tenfold ones, or ones of 1."""
    return (
        measure.threshold * float(10**steps) if measure.logarithmic else measure.threshold + steps
    )
