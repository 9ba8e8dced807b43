"""The rules by which a problem's answers may be compared, from the strictest to the loosest."""

from transforms.lib.trials.candidate import Candidate, Unfit
from transforms.lib.trials.compare_values import AnswerRule

# Tried before the problem's own tolerance, where no statement gives that. Never zero: answers that
# are summed in another order are right, and differ in their last digits.
TIGHTER_TOLERANCES = (1e-12, 1e-9, 1e-7, 1e-6)
FROM_STATEMENT = "statement"  # the origin of a rule that the problem's statement gives


def rules_to_try(problem: Candidate) -> list[AnswerRule]:
    """The rules, strictest first, none looser than the problem's own; the last is its own.

    One exception: after `exact`, `equal` is tried, because tests may expect 1 where 1.0 is
    returned. What a harness returns of an argument that was changed in place is compared like a
    result. Raises Unfit if the problem needs a checker.
    """
    kind = "exact" if problem.compare == "inplace" else problem.compare
    try:
        own = AnswerRule.of(kind, problem.tolerance)
    except ValueError as error:
        raise Unfit("needs_checker", problem.compare) from error
    if kind == "exact":
        return [own, AnswerRule.of("equal")]
    if kind == "float" and problem.compare_origin != FROM_STATEMENT:
        tighter = [tolerance for tolerance in TIGHTER_TOLERANCES if tolerance < own.tolerance]
        return [*(AnswerRule.of(kind, tolerance) for tolerance in tighter), own]
    return [own]


def verified_rule(problem: Candidate) -> AnswerRule:
    """The rule in a row of `problems`, which was verified; the tests of a problem hold under it."""
    kind = "exact" if problem.compare == "inplace" else problem.compare
    return AnswerRule.of(kind, problem.tolerance)


def rule_columns(problem: Candidate, rule: AnswerRule) -> dict[str, object]:
    """The columns of `problems` that say by which rule answers are compared."""
    kind = problem.compare if problem.compare == "inplace" and rule.kind == "exact" else rule.kind
    tolerance = rule.tolerance if problem.tolerance is not None else None
    return {"compare": kind, "tolerance": tolerance}
