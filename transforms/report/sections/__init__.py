"""The sections of the page, in their order. A new one is one file here and one line in SECTIONS."""

from collections.abc import Callable

from transforms.report.facts import Facts
from transforms.report.parts import Section
from transforms.report.sections.contaminated_texts import contaminated_texts
from transforms.report.sections.crawl_outcomes import crawl_outcomes
from transforms.report.sections.dropped_rows import dropped_rows
from transforms.report.sections.duplicate_groups import duplicate_groups
from transforms.report.sections.function_kinds import function_kinds
from transforms.report.sections.funnel_steps import funnel_steps
from transforms.report.sections.kept_licences import kept_licences
from transforms.report.sections.line_shapes import line_shapes
from transforms.report.sections.made_of import made_of
from transforms.report.sections.pass_rates import pass_rates
from transforms.report.sections.problem_strength import problem_strength
from transforms.report.sections.secret_kinds import secret_kinds
from transforms.report.sections.stage_costs import stage_costs
from transforms.report.sections.tested_projects import tested_projects
from transforms.report.sections.training_rows import training_rows

# Each returns its section, or None where DATA has nothing to show in it.
SECTIONS: tuple[Callable[[Facts], Section | None], ...] = (
    funnel_steps,
    crawl_outcomes,
    line_shapes,
    dropped_rows,
    duplicate_groups,
    kept_licences,
    secret_kinds,
    function_kinds,
    tested_projects,
    problem_strength,
    contaminated_texts,
    training_rows,
    pass_rates,
    stage_costs,
    made_of,
)
