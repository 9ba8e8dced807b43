"""How an answer is compared with the expected one: outside the sandbox, by the problem's rule."""

from typing import Any

from transforms.lib.sandbox.outcomes import Outcome, Raised, Returned
from transforms.lib.trials.compare_values import EXACT_RULE, AnswerRule, equal, tokens_agree


def agree(expected: Outcome, answer: Outcome, rule: AnswerRule = EXACT_RULE) -> bool:
    """Whether a call had the expected outcome: a value, changed arguments, or an exception.

    Arguments after the call are compared if the expected outcome has them. An Opaque outcome
    agrees with nothing.

    >>> agree(Returned([1, 2]), Returned([2, 1]))
    False
    >>> agree(Returned([1, 2]), Returned([2, 1]), AnswerRule.of("unordered"))
    True
    >>> agree(Returned(0.3), Returned(0.1 + 0.2), AnswerRule.of("float"))
    True
    >>> agree(Returned(1), Returned(True))
    False
    >>> agree(Returned([1, 2]), Returned(None, ([1, 2],)), AnswerRule.of("inplace"))
    True
    """
    if isinstance(expected, Raised) and isinstance(answer, Raised):
        return (expected.type, expected.message) == (answer.type, answer.message)
    if not (isinstance(expected, Returned) and isinstance(answer, Returned)):
        return False
    if rule.kind == "inplace":
        return equal(expected.value, _argument(answer.arguments, rule.argument), rule)
    same = equal(expected.value, answer.value, rule)
    if not same or expected.arguments is None:
        return same
    return equal(expected.arguments, answer.arguments, AnswerRule(tolerance=rule.tolerance))


def _argument(arguments: Any, which: int | str) -> Any:
    if isinstance(arguments, dict):
        names = list(arguments)
        which = names[which] if isinstance(which, int) and which < len(names) else which
        return arguments.get(which)
    return arguments[which] if isinstance(which, int) and which < len(arguments or ()) else None


def printed_alike(expected: str, printed: str, rule: AnswerRule) -> bool:
    """Whether a program printed the expected output, by a rule of tokens.

    >>> printed_alike("Yes 0.5", "YES   0.50", AnswerRule.of("tokens_caseless", 1e-9))
    True
    """
    return tokens_agree(expected, printed, rule.tolerance, rule.kind == "tokens_caseless")
