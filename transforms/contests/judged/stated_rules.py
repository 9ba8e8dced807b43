"""The compare rule of a problem, as its statement, its types and its expected outputs imply it.

No tolerance is silent: a rule other than plain equality carries the sentence that it follows from,
and a problem with more than one right answer is marked `checker`. The patterns were measured on
the 3,335 problems of a tree of LeetCode statements; each problem whose rule is not plain equality
was judged by hand.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from transforms.lib.problems.compare_rule import CompareRule

DEFAULT_TOLERANCE = 1e-5  # where a statement gives none; LeetCode's own
MAX_SENTENCE = 1000  # characters
SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+(?=[-•*])|\n{2,}")
# Parts of the patterns below.
FILLING = r"(?:(?:the|an?|its|their|size|length|index|indices|to|of|out|one|back)\s+){0,4}"
VERB = r"\b(?:return|returns|print|output|construct|find|report)\s+"
NOT = r"(?:\bnot|n't|\bcannot|\bunable to|\bimpossible to)\s+(?:\w+\s+){0,2}"
RETURNED = r"^(?=.*\b(?:return(?:ed)?|output|print|answers?|solutions?|results?)\b)"
ANY_ORDER = re.compile(
    rf"{RETURNED}.*\bany (?:arbitrary )?order\b(?! that satisf)(?!.*\bsame\b)"
    rf"|{RETURNED}.*\border\b.{{0,60}}\b(?:does not|doesn't|do not) matter\b",
    re.IGNORECASE,
)
# The statement asks for all of something; the result has no order unless a word of ORDERED occurs.
ALL = re.compile(
    r"\b(?:return|find|generate|list|print|output|compute)s? "
    r"(?:an? (?:array|list) (?:of|containing) )?"
    r"(?:all|every)\b(?! (?:the )?(?:elements (?:of|from)|answers|results))",
    re.IGNORECASE,
)
ORDERED = re.compile(
    r"\b(?:sort(?:ed|ing)?|order(?:ed)?|(?:non-)?(?:in|de)creasing|ascending|descending|"
    r"lexicograph\w+|alphabetical\w*|rank\w*|consecutive|respectively|same sequence)\b",
    re.IGNORECASE,
)
# Results whose items are themselves unordered.
SETS = re.compile(
    r"\ball (?:the )?(?:\w+ ){0,3}(?:combinations|subsets|triplets|quadruplets|connections|"
    r"duplicate files|pairs of (?:\w+ )?(?:integers|numbers|elements))\b"
    r"|^group (?:the|all|together)\b|[,.] group (?:the|all|together)\b|\bin the same group\b",
    re.IGNORECASE,
)
INSIDE_LISTS = re.compile(r"\bin (?:the|each|both) lists?\b", re.IGNORECASE)
# Lists of indices in any order, where a result is several such lists.
LISTS_OF_INDICES = re.compile(r"\bthe indices of\b", re.IGNORECASE)
MANY_ANSWERS = re.compile(
    rf"^(?!.*{NOT}{VERB}{FILLING}any).*{VERB}{FILLING}"
    r"any\b(?! (?:order|extra|two adjacent|substring|adjacent))"
    r"|\bany(?: one)?(?: of them| valid| correct)? (?:answers?|of (?:them|these)|solutions?|"
    r"answer \w+)\b.*\b(?:accepted|correct|fine|valid)\b"
    r"|\bany (?:one )?(?:is|will be) (?:ok|fine|accepted)\b"
    r"|\bany order that satisf"
    r"|\breturn .{0,60}\brepresents? a valid \w+ containing\b|\beither \d+ or \d+ is the\b",
    re.IGNORECASE,
)
# These mean several right answers only where the result is not a single number: several solutions
# may reach the same optimum.
CHOICE = re.compile(
    r"^(?!.*\bwe\b).*\b(?:choose|output|give|print) any (?:one )?(?:answer|solution|of them)\b"
    r"|\b(?:also|still) (?:be )?(?:considered )?"
    r"(?:accepted|correct|an? (?:accepted|correct|valid) answer|"
    r"(?:accepted|correct|valid) (?:answers?|solutions?|outputs?|permutations?))\b(?!.*\bbut\b)"
    r"|\bother (?:answers|solutions|outputs)\b.*\b(?:accepted|valid|correct)\b"
    r"|(?<!than )\bone possible (?:answer|solution|output)\b",
    re.IGNORECASE,
)
# What a statement asks for without a word that there are several: an arrangement, or a way.
SOME_ARRANGEMENT = re.compile(
    r"^(?!.*\bonly\b).*\brearrange \w+ (?:so|such) that (?!the following)"
    r"|\binto an alternating sequence\b|\bfind (?:a path for|an order of)\b",
    re.IGNORECASE,
)
SEVERAL = re.compile(
    r"\b(?<!as )(?:multiple|many|several|more than one) (?:\w+ ){0,2}(?:answers?|solutions?)\b",
    re.IGNORECASE,
)
# With such a word only one of several answers is right.
CHOSEN = re.compile(
    r"lexicograph|smallest|largest|minimum|maximum|shortest|longest|greatest|lowest|highest"
    r"|leftmost|rightmost|earliest|latest|first|last|least|alphabetical",
    re.IGNORECASE,
)
ANY_CASE = re.compile(
    r"\b(?:any|either|arbitrary) (?:letter )?case\b|\bcase .{0,20}\b(?:arbitrar|does not matter)"
    r"|\b(?:upper|lower)(?: ?case)? or (?:in )?(?:upper|lower) ?case\b",
    re.IGNORECASE,
)
RANDOM = re.compile(r"\brandom(?:ly)?\b|\bequally likely\b|\bprobabilit", re.IGNORECASE)
ALLOWED_ERROR = re.compile(
    r"^(?=.*\b(?:within|error|precision|accepted|accuracy|tolerance|differ)).*?"
    r"10\s*(?:\^|\*\*)?\s*\{?\s*[-−–]\s*(?P<digits>\d{1,2})"
    r"|^(?=.*\b(?:within|error|precision|accuracy)\b).*?\b(?P<decimal>0\.0{0,11}1)\b",
    re.IGNORECASE,
)
FLOAT_TYPES = re.compile(r"\bfloat\b|\bDecimal\b")
LIST_TYPES = re.compile(r"\b(?:[Ll]ist|[Ss]equence|[Ii]terable|[Tt]uple)\b")
NESTED_LIST_TYPES = re.compile(r"\b[Ll]ist\[(?:Optional\[)?(?:[Ll]ist|[Tt]uple)\[")


@dataclass(frozen=True)
class ExpectedResults:
    """What is known of the results of a problem.

    annotation: the return type, None if there is none; outputs: the results that tests expect;
    steps: whether a result is a list of what the steps of a design problem return; random:
    whether the solution draws random numbers.
    """

    annotation: str | None
    outputs: tuple[Any, ...]
    steps: bool = False
    random: bool = False

    @property
    def is_list(self) -> bool:
        """Whether a result is a list, which has an order."""
        if self.annotation is None:
            return any(isinstance(value, list | tuple) for value in self.outputs)
        return LIST_TYPES.search(self.annotation) is not None

    @property
    def is_nested(self) -> bool:
        """Whether the items of a result are lists."""
        if self.annotation is None:
            return any(
                isinstance(item, list | tuple)
                for value in self.outputs
                if isinstance(value, list | tuple)
                for item in value
            )
        return NESTED_LIST_TYPES.search(self.annotation) is not None

    @property
    def is_number(self) -> bool:
        """Whether every result is one number or truth value."""
        return all(isinstance(value, int | float) for value in self.outputs)

    @property
    def is_truth(self) -> bool:
        """Whether every result is one truth value."""
        return all(isinstance(value, bool) for value in self.outputs)

    @property
    def has_floats(self) -> bool:
        """Whether an expected result holds a float, at any depth."""
        return _has_float(list(self.outputs))


def _has_float(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_float, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_float, value))
    return isinstance(value, float)


def sentences(statement: str) -> list[str]:
    """The sentences of a statement; each item of a list is one.

    >>> sentences("Sum all.  Note:\\n- none is 0\\n- all fit")
    ['Sum all.', 'Note:', '- none is 0', '- all fit']
    """
    parts = (" ".join(part.split()) for part in SENTENCE.split(statement))
    return [part[:MAX_SENTENCE] for part in parts if part]


def stated_rule(statement: str, results: ExpectedResults) -> CompareRule:
    """The rule by which the results of a function or class are compared.

    >>> rule = stated_rule("Return them in any order.", ExpectedResults("List[int]", ([1, 2],)))
    >>> rule.compare, rule.evidence
    ('unordered', 'Return them in any order.')
    >>> stated_rule("Return the mean.", ExpectedResults("float", (1.5,))).compare
    'float'
    """
    said = sentences(statement)
    if not results.is_truth and (evidence := _several_answers(said, results)):
        return CompareRule("checker", "statement", evidence)
    if results.is_list and (rule := _order_rule(statement, said, results)):
        return rule
    if not results.is_number and (evidence := _choice(said)):
        return CompareRule("checker", "statement", evidence)
    return _float_rule(said, results) or CompareRule()


def _several_answers(said: list[str], results: ExpectedResults) -> str | None:
    """The sentence which says that more than one answer is right, or None."""
    for sentence in said:
        if results.random and RANDOM.search(sentence):
            return sentence
        if MANY_ANSWERS.search(sentence) and not ALLOWED_ERROR.search(sentence):
            return sentence
    return None


def _choice(said: list[str]) -> str | None:
    """The sentence which says that the answer may be chosen among several, or None."""
    for sentence in said:
        several = SEVERAL.search(sentence) and not CHOSEN.search(sentence)
        if several or (CHOICE.search(sentence) and not ALLOWED_ERROR.search(sentence)):
            return sentence
    return _first(SOME_ARRANGEMENT, said)


def _order_rule(statement: str, said: list[str], results: ExpectedResults) -> CompareRule | None:
    """The rule for a list that has no order of its own; None for one that has."""
    own = (s for s in said if not s.startswith("Input:"))  # an example describes its input, too
    origin, evidence = "statement", _first(ANY_ORDER, own)
    if evidence is None and not results.steps and not ORDERED.search(statement):
        whole = (s for s in said if not s.startswith("-") and " for each " not in s)
        origin, evidence = "inferred", _first(ALL, whole)
    if evidence is None:
        return None
    indices = results.is_nested and LISTS_OF_INDICES.search(evidence)
    if results.steps or indices or INSIDE_LISTS.search(evidence):
        return CompareRule("unordered_items", origin, evidence)
    nested = results.is_nested and _first(SETS, said)
    return CompareRule("unordered_nested" if nested else "unordered", origin, evidence)


def _first(pattern: re.Pattern[str], said: Iterable[str]) -> str | None:
    """The first sentence in which a pattern is found, or None."""
    return next((sentence for sentence in said if pattern.search(sentence)), None)


def _float_rule(said: list[str], results: ExpectedResults) -> CompareRule | None:
    """The rule for results that are or hold floats; None for others."""
    tolerance, evidence = tolerance_of(said)
    typed = results.annotation is not None and FLOAT_TYPES.search(results.annotation) is not None
    if not typed and not results.has_floats:
        return None
    if evidence:
        return CompareRule("float", "statement", evidence, tolerance)
    origin = "type" if typed else "outputs"
    return CompareRule("float", origin, results.annotation if typed else None, DEFAULT_TOLERANCE)


def tolerance_of(said: Iterable[str]) -> tuple[float | None, str | None]:
    """The error that a statement allows, and the sentence that allows it; None for both if none is.

    >>> tolerance_of(["Answers within 10^-6 of the actual value will be accepted."])[0]
    1e-06
    """
    for sentence in said:
        if match := ALLOWED_ERROR.search(sentence):
            digits = match["digits"]
            return (10.0 ** -int(digits) if digits else float(match["decimal"])), sentence
    return None, None


def stdio_rule(said: list[str]) -> CompareRule:
    """The rule for what a program prints: its tokens, with an error if the statement allows one.

    `said` are the sentences of the statement.
    """
    for sentence in said:
        free = ANY_ORDER.search(sentence) or MANY_ANSWERS.search(sentence)
        if free and not ALLOWED_ERROR.search(sentence):
            return CompareRule("checker", "statement", sentence)
    if evidence := _choice(said):
        return CompareRule("checker", "statement", evidence)
    if evidence := _first(ANY_CASE, said):
        return CompareRule("tokens_caseless", "statement", evidence)
    tolerance, evidence = tolerance_of(said)
    return CompareRule("tokens", "statement" if evidence else "kind", evidence, tolerance)
