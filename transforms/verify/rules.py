"""The rules that a problem may be compared by, the tightest first, none looser than it says."""

from transforms.verify.candidate import Candidate, Unfit
from transforms.verify.comparison import Rule

# Tolerances below the one that is told, where no statement tells it. Never zero: answers that are
# summed in another order are right, and differ in their last digits.
TOLERANCES = (1e-12, 1e-9, 1e-7, 1e-6)
STATED = "statement"


def rules_of(problem: Candidate) -> list[Rule]:
    """The rules to try; Unfit where no rule tells right from wrong.

    `exact` may become `equal`: tests that say 1 where 1.0 comes back are Python's, not type-strict.
    What a harness returns of an argument that was changed in place is compared as a result.
    """
    kind = "exact" if problem.compare == "inplace" else problem.compare
    try:
        told = Rule.of(kind, problem.tolerance)
    except ValueError as error:
        raise Unfit("needs_checker", problem.compare) from error
    if kind == "exact":
        return [told, Rule.of("equal")]
    if kind == "float" and problem.compare_origin != STATED:
        tighter = [t for t in TOLERANCES if t < told.tolerance]
        return [*(Rule.of(kind, tolerance) for tolerance in tighter), told]
    return [told]


def written(problem: Candidate, rule: Rule) -> dict[str, object]:
    """The columns of `problems` that tell the rule."""
    kind = problem.compare if problem.compare == "inplace" and rule.kind == "exact" else rule.kind
    tolerance = rule.tolerance if problem.tolerance is not None else None
    return {"compare": kind, "tolerance": tolerance}
