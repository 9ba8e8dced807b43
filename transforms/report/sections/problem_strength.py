"""Problems by source: how many hold, and how strong their tests are."""

from transforms.report.facts import Facts
from transforms.report.parts import Section, Table

WEAKEST = """
SELECT source, entry_point, repo, n_tests AS tests, made_tests, mutants,
       round(100 * killed, 1) AS killed_percent, strength
FROM problems WHERE killed IS NOT NULL ORDER BY killed, mutants DESC, problem_id LIMIT 10
"""
# All columns together are wider than the page.
STRENGTH = "SELECT * EXCLUDE (trivial_pass_before, trivial_pass_after) FROM ({}\n)"
STRENGTHENED = "Before and after strengthening: tests, and percent of wrong programs that they fail"


def problem_strength(facts: Facts) -> Section | None:
    """Problems made, those that hold, and what their tests kill."""
    if not facts.has("contest_problems", "ci_problems", "problems"):
        return None
    parts: list[Table] = [facts.shipped("Problems by source", "problems", bar="problems")]
    if facts.has("strength"):
        parts.append(facts.table(STRENGTHENED, STRENGTH.format(facts.queries["strength"])))
    if facts.has("problems", "rejects/verify"):
        parts.append(
            facts.shipped("What holds, and why others do not", "verification", bar="problems")
        )
    if facts.has("problems"):
        parts.append(facts.table("The weakest problems that hold", WEAKEST, code=["entry point"]))
    return Section(
        "problems",
        "Problems",
        "A problem holds if its reference passes its tests in every run and an empty solution "
        "does not. Strength is the share of mutants, small changes of a right solution, that the "
        "tests tell from right.",
        "strength",
        [part for part in parts if part.rows],
    )
