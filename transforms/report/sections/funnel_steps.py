"""The funnel: where every file, project and problem went, stage by stage."""

from itertools import groupby

from transforms.report import charts
from transforms.report.facts import Facts
from transforms.report.parts import Chart, Section, Table

# Of a stage whose steps are counts beside one another, and no sum.
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
    steps = [charts.Step(step, count) for _, step, count in rows]
    unit = COUNTED.get(stage, "files")
    numbers = Table(f"{stage}: steps", ("step", unit), [(s.name, s.files) for s in steps])
    return Chart(f"{stage}, in {unit}", "", charts.steps(f"The funnel of {stage}", steps), numbers)
