"""Lengths of lines and shares of letters and digits, against the thresholds of the filters."""

from dataclasses import dataclass

from transforms.report import charts
from transforms.report.facts import Facts
from transforms.report.parts import Chart, Section, Table

PER_DECADE = 6  # bars between 10 and 100
BARS = 40  # between 0 and 1
# Bins are counted in steps from the threshold, so that no bar is on both sides of it.
LOGARITHMIC = """
SELECT floor(round({per} * log10(greatest({column}, 1) / {threshold}), 9))::BIGINT AS bin, count(*)
FROM signals WHERE {column} IS NOT NULL GROUP BY bin ORDER BY bin
"""
LINEAR = """
SELECT floor(round(({column} - {threshold}) * {per}, 9))::BIGINT AS bin, count(*)
FROM signals WHERE {column} IS NOT NULL AND characters > 0 GROUP BY bin ORDER BY bin
"""
SUMMARY = """
SELECT count(*), count(*) FILTER ({dropped}), quantile_disc({column}, 0.5),
       quantile_disc({column}, 0.99) FROM signals WHERE {column} IS NOT NULL AND characters > 0
"""


@dataclass(frozen=True)
class Measure:
    """A column of `signals` with its threshold; `over` says on which side files are dropped."""

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
        "Every file that corpus read, by three measurements of signals, with the thresholds of "
        "Codex section 3.1. The counts stand on a log scale, so that few files are seen, too.",
        "SELECT repo, path, max_line, mean_line, alphanumeric FROM signals ORDER BY max_line DESC",
        [chart for chart in drawn if chart],
    )


def _chart(facts: Facts, measure: Measure) -> Chart | None:
    bins = _bins(facts, measure)
    if not bins:
        return None
    drawing = charts.histogram(
        f"{measure.name} by files",
        bins,
        measure.unit,
        measure.threshold,
        over=measure.over,
        logarithmic=measure.logarithmic,
    )
    rows = [(f"{b.low:,.4g} to {b.high:,.4g}", b.count) for b in bins if b.count]
    numbers = Table(f"{measure.name}: files by size", (measure.unit, "files"), rows)
    return Chart(f"{measure.name}: {_summary(facts, measure)}", drawing, numbers)


def _summary(facts: Facts, measure: Measure) -> str:
    sign = ">" if measure.over else "<"
    dropped = f"{measure.column} {sign} {measure.threshold}"
    query = SUMMARY.format(column=measure.column, dropped=dropped)
    count, apart, median, most = facts.rows(query)[0]
    side = "above" if measure.over else "below"
    return (
        f"{apart:,} of {count:,} files are {side} {measure.threshold:,g} {measure.unit}; "
        f"the median is {median:,.3g}, the 99th percentile {most:,.4g}"
    )


def _bins(facts: Facts, measure: Measure) -> list[charts.Bin]:
    """The bins from the smallest to the largest file, and at least to the threshold."""
    per = PER_DECADE if measure.logarithmic else BARS
    query = (LOGARITHMIC if measure.logarithmic else LINEAR).format(
        column=measure.column, threshold=measure.threshold, per=per
    )
    counts = dict(facts.rows(query))
    if not counts:
        return []

    def edge(place: int) -> float:
        if measure.logarithmic:
            return measure.threshold * 10.0 ** (place / per)
        return measure.threshold + place / per

    places = range(min(counts), max(max(counts), 0) + 1)
    return [charts.Bin(edge(p), edge(p + 1), counts.get(p, 0)) for p in places]
