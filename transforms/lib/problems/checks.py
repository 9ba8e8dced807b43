"""`check(candidate)` in the manner of HumanEval, made of structured tests and a rule."""

from collections.abc import Sequence
from dataclasses import dataclass

from transforms.lib.problems.compare_rule import Rule
from transforms.lib.python.modules import joined

CLOSE = """def _close(result, expected):
    if isinstance(expected, dict):
        same = isinstance(result, dict) and result.keys() == expected.keys()
        return same and all(_close(result[key], expected[key]) for key in expected)
    if isinstance(expected, (list, tuple)):
        same = isinstance(result, (list, tuple)) and len(result) == len(expected)
        return same and all(map(_close, result, expected))
    if isinstance(expected, float) or isinstance(result, float):
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
ASSERTS = {
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
SUPPORT = {
    "float": (CLOSE,),
    "unordered": (UNORDERED,),
    "unordered_nested": (UNORDERED_NESTED,),
    "unordered_items": (UNORDERED_ITEMS,),
    "tokens": (TOKENS,),
    "tokens_caseless": (CASELESS,),
    "numbers": (CLOSE, NUMBERS),
}


@dataclass(frozen=True)
class Case:
    """A test: literals of a tuple of arguments and of the result, or for a stdio problem standard
    input and output as they are; `origin` tells where it comes from."""

    input: str
    output: str
    origin: str


def check_text(cases: Sequence[Case], rule: Rule, harness: str | None, kind: str) -> str | None:
    """The text of `check`; None where no text tells right from wrong (the rule `checker`).

    The candidate of a stdio problem takes standard input and returns standard output.
    """
    if rule.compare == "checker":
        return None
    name = "numbers" if rule.compare == "tokens" and rule.tolerance else rule.compare
    shape = ASSERTS[name]
    lines = [shape.format(*_sides(case, harness, kind)) for case in cases]
    support = [text.replace("{tolerance}", repr(rule.tolerance)) for text in SUPPORT.get(name, ())]
    body = "".join(f"    {line}\n" for line in lines)
    return joined(harness or "", *support, "def check(candidate):\n" + body)


def _sides(case: Case, harness: str | None, kind: str) -> tuple[str, str]:
    if kind == "stdio":
        return f"candidate({case.input!r})", repr(case.output)
    if harness:
        return f"call(candidate, {case.input})", case.output
    return f"candidate{case.input}", case.output  # a tuple's text is a list of arguments
