"""How a result is compared with the expected one, told by statement, types and outputs.

Nothing is accepted silently: a rule other than plain equality carries the sentence that it comes
from, and what has more than one right answer is marked `checker`. The patterns were measured on
the 3,335 problems of a tree of LeetCode statements, each judged by hand where a rule is not plain.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from transforms.lib.problems.compare_rule import Rule

TOLERANCE = 1e-5  # where a statement gives none; LeetCode's own
MAX_SENTENCE = 1000  # characters
SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+(?=[-•*])|\n{2,}")
FILLING = r"(?:(?:the|an?|its|their|size|length|index|indices|to|of|out|one|back)\s+){0,4}"
VERB = r"\b(?:return|returns|print|output|construct|find|report)\s+"
NOT = r"(?:\bnot|n't|\bcannot|\bunable to|\bimpossible to)\s+(?:\w+\s+){0,2}"
RETURNED = r"^(?=.*\b(?:return(?:ed)?|output|print|answers?|solutions?|results?)\b)"
ANY_ORDER = re.compile(
    rf"{RETURNED}.*\bany (?:arbitrary )?order\b(?! that satisf)(?!.*\bsame\b)"
    rf"|{RETURNED}.*\border\b.{{0,60}}\b(?:does not|doesn't|do not) matter\b",
    re.IGNORECASE,
)
# All that there is, and no word in the whole statement of how it is sorted.
ALL = re.compile(
    r"\b(?:return|find|generate|list|print|output)s? (?:an? (?:array|list) (?:of|containing) )?"
    r"(?:all|every)\b(?! (?:the )?(?:elements (?:of|from)|answers|results))",
    re.IGNORECASE,
)
ORDERED = re.compile(
    r"\b(?:sort(?:ed|ing)?|order(?:ed)?|(?:non-)?(?:in|de)creasing|ascending|descending|"
    r"lexicograph\w+|alphabetical\w*|rank\w*|consecutive|respectively|same sequence)\b",
    re.IGNORECASE,
)
# Results whose items are unordered in themselves.
SETS = re.compile(
    r"\ball (?:the )?(?:\w+ ){0,3}(?:combinations|subsets|triplets|quadruplets|connections|"
    r"duplicate files)\b|^group (?:the|all|together)\b|[,.] group (?:the|all|together)\b",
    re.IGNORECASE,
)
INSIDE = re.compile(r"\bin (?:the|each|both) lists?\b", re.IGNORECASE)
MANY_ANSWERS = re.compile(
    rf"^(?!.*{NOT}{VERB}{FILLING}any).*{VERB}{FILLING}"
    r"any\b(?! (?:order|extra|two adjacent|substring|adjacent))"
    r"|\bany(?: one)?(?: of them| valid| correct)? (?:answers?|of (?:them|these)|solutions?|"
    r"answer \w+)\b.*\b(?:accepted|correct|fine|valid)\b"
    r"|\bany (?:one )?(?:is|will be) (?:ok|fine|accepted)\b"
    r"|\bany order that satisf",
    re.IGNORECASE,
)
# These say so only where the result is more than a number: an optimum is one, whatever attains it.
CHOICE = re.compile(
    r"^(?!.*\bwe\b).*\b(?:choose|output|give|print) any (?:one )?(?:answer|solution|of them)\b"
    r"|\b(?:also|still) (?:be )?(?:considered )?"
    r"(?:accepted|correct|an? (?:accepted|correct|valid) answer|"
    r"(?:accepted|correct|valid) (?:answers?|solutions?|outputs?|permutations?))\b(?!.*\bbut\b)"
    r"|\bother (?:answers|solutions|outputs)\b.*\b(?:accepted|valid|correct)\b"
    r"|(?<!than )\bone possible (?:answer|solution|output)\b",
    re.IGNORECASE,
)
SEVERAL = re.compile(
    r"\b(?<!as )(?:multiple|many|several|more than one) (?:\w+ ){0,2}(?:answers?|solutions?)\b",
    re.IGNORECASE,
)
# Then only one of the several answers is right.
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
ERROR = re.compile(
    r"^(?=.*\b(?:within|error|precision|accepted|accuracy|tolerance|differ)).*?"
    r"10\s*(?:\^|\*\*)?\s*\{?\s*[-−–]\s*(?P<digits>\d{1,2})"
    r"|^(?=.*\b(?:within|error|precision|accuracy)\b).*?\b(?P<decimal>0\.0{0,11}1)\b",
    re.IGNORECASE,
)
NUMBERS = re.compile(r"\bfloat\b|\bDecimal\b")
LISTS = re.compile(r"\b(?:[Ll]ist|[Ss]equence|[Ii]terable|[Tt]uple)\b")
NESTED = re.compile(r"\b[Ll]ist\[(?:Optional\[)?(?:[Ll]ist|[Tt]uple)\[")


@dataclass(frozen=True)
class Answer:
    """What is known of a result: its annotation, values that are expected, whether it is that of
    each step of a design problem, and whether the solution draws random numbers."""

    annotation: str | None
    outputs: tuple[Any, ...]
    steps: bool = False
    random: bool = False

    @property
    def is_list(self) -> bool:
        """Whether it is a list, so that it has an order."""
        if self.annotation is None:
            return any(isinstance(value, list | tuple) for value in self.outputs)
        return LISTS.search(self.annotation) is not None

    @property
    def is_nested(self) -> bool:
        """Whether its items are lists."""
        if self.annotation is None:
            return any(
                isinstance(item, list | tuple)
                for value in self.outputs
                if isinstance(value, list | tuple)
                for item in value
            )
        return NESTED.search(self.annotation) is not None

    @property
    def is_number(self) -> bool:
        """Whether it is one number or truth value."""
        return all(isinstance(value, int | float) for value in self.outputs)

    @property
    def is_truth(self) -> bool:
        """Whether it is one truth value."""
        return all(isinstance(value, bool) for value in self.outputs)

    @property
    def has_floats(self) -> bool:
        """Whether values that are expected have a fraction."""
        return _has_float(list(self.outputs))


def _has_float(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_float, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_float, value))
    return isinstance(value, float)


def sentences(statement: str) -> list[str]:
    """The sentences of a statement; an item of a list is one."""
    parts = (" ".join(part.split()) for part in SENTENCE.split(statement))
    return [part[:MAX_SENTENCE] for part in parts if part]


def rule(statement: str, answer: Answer) -> Rule:
    """The rule by which an answer is compared."""
    said = sentences(statement)
    if not answer.is_truth and (evidence := _several_answers(said, answer)):
        return Rule("checker", "statement", evidence)
    if answer.is_list and (found := _order_rule(statement, said, answer)):
        return found
    if not answer.is_number and (evidence := _choice(said)):
        return Rule("checker", "statement", evidence)
    return _float_rule(said, answer) or Rule()


def _several_answers(said: list[str], answer: Answer) -> str | None:
    """The sentence that says that more than one answer is right."""
    for sentence in said:
        if answer.random and RANDOM.search(sentence):
            return sentence
        if MANY_ANSWERS.search(sentence) and not ERROR.search(sentence):
            return sentence
    return None


def _choice(said: list[str]) -> str | None:
    for sentence in said:
        several = SEVERAL.search(sentence) and not CHOSEN.search(sentence)
        if several or (CHOICE.search(sentence) and not ERROR.search(sentence)):
            return sentence
    return None


def _order_rule(statement: str, said: list[str], answer: Answer) -> Rule | None:
    """The rule for a list that has no order of its own."""
    own = (s for s in said if not s.startswith("Input:"))  # an example tells of its input, too
    origin, evidence = "statement", _first(ANY_ORDER, own)
    if evidence is None and not answer.steps and not ORDERED.search(statement):
        whole = (s for s in said if not s.startswith("-") and " for each " not in s)
        origin, evidence = "inferred", _first(ALL, whole)
    if evidence is None:
        return None
    if answer.steps or INSIDE.search(evidence):
        return Rule("unordered_items", origin, evidence)
    nested = answer.is_nested and _first(SETS, said)
    return Rule("unordered_nested" if nested else "unordered", origin, evidence)


def _first(pattern: re.Pattern[str], said: Iterable[str]) -> str | None:
    return next((sentence for sentence in said if pattern.search(sentence)), None)


def _float_rule(said: list[str], answer: Answer) -> Rule | None:
    tolerance, evidence = tolerance_of(said)
    typed = answer.annotation is not None and NUMBERS.search(answer.annotation) is not None
    if not typed and not answer.has_floats:
        return None
    if evidence:
        return Rule("float", "statement", evidence, tolerance)
    origin = "type" if typed else "outputs"
    return Rule("float", origin, answer.annotation if typed else None, TOLERANCE)


def tolerance_of(said: Iterable[str]) -> tuple[float | None, str | None]:
    """The error that a statement allows, and the sentence that does."""
    for sentence in said:
        if match := ERROR.search(sentence):
            digits = match["digits"]
            return (10.0 ** -int(digits) if digits else float(match["decimal"])), sentence
    return None, None


def stdio_rule(said: list[str]) -> Rule:
    """The rule for what a program prints: tokens, with an error if the statement allows one."""
    for sentence in said:
        free = ANY_ORDER.search(sentence) or (MANY_ANSWERS.search(sentence))
        if free and not ERROR.search(sentence):
            return Rule("checker", "statement", sentence)
    if evidence := _choice(said):
        return Rule("checker", "statement", evidence)
    if evidence := _first(ANY_CASE, said):
        return Rule("tokens_caseless", "statement", evidence)
    tolerance, evidence = tolerance_of(said)
    return Rule("tokens", "statement" if evidence else "kind", evidence, tolerance)
