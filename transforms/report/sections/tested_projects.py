"""Recipes and environments: which projects' tests ran, and why others' did not."""

from transforms.report.facts import Facts
from transforms.report.parts import Section

RECIPES = """
SELECT source AS recipe, count(*) AS recipes, count(DISTINCT repo) AS projects,
       count(*) FILTER (rank = 1) AS tried_first, count(*) FILTER (rank IS NULL) AS unreadable
FROM recipes GROUP BY source ORDER BY recipes DESC, recipe
"""
CAUSES = """
SELECT cause, count(*) AS attempts, count(DISTINCT repo) AS projects, min(repo) AS project,
       arg_min(cause_line, repo) AS line
FROM environments WHERE state <> 'green' AND cause IS NOT NULL
GROUP BY cause ORDER BY attempts DESC, cause LIMIT 20
"""
RUNGS = """
SELECT rung, python, count(*) AS attempts, count(*) FILTER (state = 'green') AS green,
       count(*) FILTER (state = 'partly') AS partly, count(*) FILTER (state = 'failed') AS failed,
       count(*) FILTER (state = 'not_built') AS not_built, sum(passed)::BIGINT AS tests_passed,
       sum(failed)::BIGINT AS tests_failed, round(sum(seconds), 1) AS seconds
FROM environments GROUP BY rung, python ORDER BY attempts DESC, rung, python LIMIT 20
"""


def tested_projects(facts: Facts) -> Section | None:
    """What went green, by which recipe, and the first causes elsewhere."""
    if not facts.has("recipes", "environments"):
        return None
    parts = [
        facts.shipped("Projects by outcome", "ci", bar="projects"),
        facts.table("Recipes by what they were read from", RECIPES, bar="recipes"),
        facts.table("Attempts by rung and interpreter", RUNGS, bar="attempts"),
        facts.table("First causes of what is not green", CAUSES, bar="attempts", code=["line"]),
    ]
    return Section(
        "ci",
        "Recipes and environments",
        "A recipe is how a project wants to be tested, as its CI configuration says; an "
        "environment is one attempt to do so. Where none is green, the first cause is told.",
        "ci",
        [part for part in parts if part.rows],
    )
