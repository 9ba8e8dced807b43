"""The text of `check(candidate)`, as HumanEval has it, made of test cases and a compare rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from transforms.lib.problems.compare_rule import CompareRule
from transforms.lib.python.modules import joined

# The arguments of a call and the result that is expected, as values.
ValueTest = tuple[tuple[Any, ...], Any]

CHECK, CALL = "check", "call"  # names that the text defines, CALL in a harness
# What `check` defines beside itself. `result` is the candidate's, `expected` stands in the test.
CLOSE = """def _close(result, expected):
    if isinstance(expected, dict):
        same = isinstance(result, dict) and result.keys() == expected.keys()
        return same and all(_close(result[key], expected[key]) for key in expected)
    if isinstance(expected, (list, tuple)):
        same = isinstance(result, (list, tuple)) and len(result) == len(expected)
        return same and all(map(_close, result, expected))
    if isinstance(expected, float) or type(result) is float:
        if type(result) not in (int, float) or type(expected) not in (int, float):
            return False
        return result == expected or abs(result - expected) <= {tolerance} * max(1, abs(expected))
    return result == expected
"""
UNORDERED = """def _sorted(value):
    return sorted(map(repr, value))
"""
UNORDERED_NESTED = """def _sorted(value):
    return sorted(map(_sorted, value)) if isinstance(value, (list, tuple)) else [repr(value)]
"""
UNORDERED_ITEMS = """def _sorted(value):
    return [sorted(map(repr, item)) if isinstance(item, (list, tuple)) else item for item in value]
"""
TOKENS = """def _tokens(text):
    return text.split()
"""
CASELESS = """def _tokens(text):
    return text.casefold().split()
"""
NUMBERS = """def _tokens(text):
    return [_number(token) for token in text.split()]


def _number(token):
    try:
        return float(token)
    except ValueError:
        return token
"""
# By the name of a compare rule, an assertion about a result and the expected one.
ASSERTIONS = {
    "exact": "assert {} == {}",
    "equal": "assert {} == {}",
    "inplace": "assert {} == {}",
    "float": "assert _close({}, {})",
    "unordered": "assert _sorted({}) == _sorted({})",
    "unordered_nested": "assert _sorted({}) == _sorted({})",
    "unordered_items": "assert _sorted({}) == _sorted({})",
    "tokens": "assert _tokens({}) == _tokens({})",
    "tokens_caseless": "assert _tokens({}) == _tokens({})",
    "numbers": "assert _close(_tokens({}), _tokens({}))",
}
# The functions that an assertion calls.
ASSERTION_SUPPORT = {
    "float": (CLOSE,),
    "unordered": (UNORDERED,),
    "unordered_nested": (UNORDERED_NESTED,),
    "unordered_items": (UNORDERED_ITEMS,),
    "tokens": (TOKENS,),
    "tokens_caseless": (CASELESS,),
    "numbers": (CLOSE, NUMBERS),
}


@dataclass(frozen=True)
class TestCase:
    """One test of a problem, as texts.

    input and output: literals of a tuple of arguments and of the result; of a stdio problem,
    standard input and standard output as they are. origin: where the test comes from.
    """

    __test__ = False  # pytest takes a class of this name for tests

    input: str
    output: str
    origin: str


def check_text(
    cases: Sequence[TestCase],
    rule: CompareRule,
    harness: str | None,
    kind: str,
    entry_point: str | None = None,
) -> str | None:
    """The text of `check`, or None where no text tells right from wrong (the rule `checker`).

    `kind` and `entry_point` are those of the problem. The candidate of a stdio problem takes
    standard input as text and returns standard output as text.

    >>> case = TestCase("(2, 3)", "[5]", "statement")
    >>> print(check_text([case], CompareRule("exact"), None, "function"), end="")
    def check(candidate):
        assert candidate(2, 3) == [5]
    """
    if rule.compare == "checker":
        return None
    name = "numbers" if rule.compare == "tokens" and rule.tolerance else rule.compare
    assertions = [ASSERTIONS[name].format(*_sides(case, harness, kind)) for case in cases]
    support = [
        text.replace("{tolerance}", repr(rule.tolerance))
        for text in ASSERTION_SUPPORT.get(name, ())
    ]
    body = "".join(f"    {assertion}\n" for assertion in assertions)
    first = ""
    if entry_point in (CHECK, CALL if harness else CHECK):
        # The text defines this name anew, so `check(entry_point)` would be given what it defines.
        first = f"_entry_point = {entry_point}\n"
        body = f"    candidate = _entry_point\n{body}"
    return joined(first, harness or "", *support, f"def {CHECK}(candidate):\n{body}")


def _sides(case: TestCase, harness: str | None, kind: str) -> tuple[str, str]:
    """The expressions of a test's result and of what is expected."""
    if kind == "stdio":
        return f"candidate({case.input!r})", repr(case.output)
    if harness:
        return f"call(candidate, {case.input})", case.output
    return f"candidate{case.input}", case.output  # a tuple's text is a list of arguments
