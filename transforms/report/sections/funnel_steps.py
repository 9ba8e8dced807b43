"""The funnel: where every file, project and problem went, stage by stage."""

from collections.abc import Iterator
from itertools import groupby

from transforms.report import charts
from transforms.report.facts import Facts
from transforms.report.parts import Chart, Section, Table

ADDED = {"feed"}  # what these stages read is of several kinds, which are counted one by one
# What the stages count that do not count files.
COUNTED = {
    "feed": "rows",
    "contests": "problems",
    "verify": "problems",
    "ci": "projects, functions",
}


def funnel_steps(facts: Facts) -> Section | None:
    """One chart for each stage."""
    rows = facts.rows(facts.queries["funnel"])
    if not any(count for _, _, count in rows):
        return None
    stages = [(stage, list(steps)) for stage, steps in groupby(rows, lambda row: row[0])]
    return Section(
        "funnel",
        "From sources to training rows",
        "Each stage begins with what it read (grey), loses what it drops for each reason (orange), "
        "and ends with what it keeps (blue). Counted from the committed datasets.",
        "funnel",
        [_chart(stage, steps) for stage, steps in stages],
    )


def _chart(stage: str, rows: list[tuple]) -> Chart:
    steps = list(_steps(stage, rows))
    unit = COUNTED.get(stage, "files")
    numbers = Table(f"{stage}: steps", ("step", unit), [row[1:] for row in rows])
    return Chart(f"{stage}, in {unit}", "", charts.steps(f"The funnel of {stage}", steps), numbers)


def _steps(stage: str, rows: list[tuple]) -> Iterator[charts.FunnelStep]:
    """The steps with their kinds; what is left after drops is kept, and so is the last step."""
    left = 0
    for place, (_, name, count) in enumerate(rows, 1):
        if count < 0:
            kind = charts.DROPPED
        elif place == len(rows) or (place > 1 and count == left):
            kind = charts.KEPT
        else:
            kind = charts.MORE if stage in ADDED else charts.CAME
        left = left + count if kind in (charts.DROPPED, charts.MORE) else count
        yield charts.FunnelStep(name, abs(count), kind)
