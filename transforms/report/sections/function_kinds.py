"""Functions with docstrings, by kind."""

from transforms.report.facts import Facts
from transforms.report.parts import Section


def function_kinds(facts: Facts) -> Section | None:
    """How many there are, and how many are left by the usual choices."""
    if not facts.has("functions"):
        return None
    return Section(
        "functions",
        "Functions",
        "Functions with a docstring, from the kept files; each column beside the count says how "
        "many are left by one of the usual choices.",
        "functions",
        [facts.shipped("Functions by kind", "functions", bar="functions")],
    )
