"""The grammar of standard input by its examples: counts, and lines whose number or length they are.

A grammar is a list of elements: a line of so many fields, a line whose length is an earlier field,
or as many lines as an earlier field says. Programs that take several test cases begin with their
number, and repeat the elements.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

FIXED, LIST, LINES = "fixed", "list", "lines"
MAX_ELEMENTS = 4
MAX_COUNTERS = 3  # fields of a case's first lines that may be counts
MAX_COUNT = 10_000
Lines = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Element:
    """One part of a case; `counter` is the line and field that its count stands in."""

    kind: str
    counter: tuple[int, int] | None = None


@dataclass(frozen=True)
class Grammar:
    """The elements of a case, and whether the number of cases stands in the first line."""

    elements: tuple[Element, ...]
    several: bool


Part = list[list[str]]  # the lines of one element
Case = list[Part]


def infer(examples: Sequence[str], several_first: bool) -> Grammar | None:
    """The shortest grammar that all examples have; None if none is found.

    >>> infer(["2\\n5 6", "3\\n1 2 3"], False).elements
    (Element(kind='fixed', counter=None), Element(kind='list', counter=(0, 0)))
    """
    lines = [lines_of(example) for example in examples]
    for grammar in _candidates(several_first):
        cases = [cases_of(grammar, each) for each in lines]
        if all(cases) and _widths_agree(grammar, [c for each in cases for c in each or ()]):
            return grammar
    return None


def lines_of(text: str) -> list[list[str]]:
    """The tokens of each line that has some."""
    return [line.split() for line in text.split("\n") if line.strip()]


def _candidates(several_first: bool) -> Iterator[Grammar]:
    for length in range(1, MAX_ELEMENTS + 1):
        for several in (several_first, not several_first):
            for elements in _sequences(length):
                yield Grammar(elements, several)


def _sequences(length: int) -> Iterator[tuple[Element, ...]]:
    """All sequences of elements; counts stand in the first two lines, and are looked for first."""
    counters = [(line, field) for line in range(2) for field in range(MAX_COUNTERS)]
    counted = [Element(kind, counter) for counter in counters for kind in (LIST, LINES)]
    options = [*counted, Element(FIXED)]
    for rest in product(options, repeat=length - 1):
        elements = (Element(FIXED), *rest)
        if all(_is_before(elements, at) for at in range(length)):
            yield elements


def _is_before(elements: tuple[Element, ...], at: int) -> bool:
    counter = elements[at].counter
    return counter is None or (counter[0] < at and elements[counter[0]].kind == FIXED)


def cases_of(grammar: Grammar, lines: Lines) -> list[Case] | None:
    """The cases in lines of tokens; None if they do not have the grammar."""
    at, count = 0, 1
    if grammar.several:
        if len(lines) < 2 or len(lines[0]) != 1 or (found := count_of(lines[0][0])) is None:
            return None
        at, count = 1, found
    cases = list[Case]()
    for _ in range(count):
        case = _case(grammar, lines, at)
        if case is None:
            return None
        cases.append(case)
        at += sum(map(len, case))
    return cases if at == len(lines) else None


def _case(grammar: Grammar, lines: Lines, at: int) -> Case | None:
    case: Case = []
    for element in grammar.elements:
        count = 1
        if element.counter is not None:
            number = counted(case, element.counter)
            if number is None or (
                element.kind == LIST and (at >= len(lines) or len(lines[at]) != number)
            ):
                return None
            count = number if element.kind == LINES else 1
        if at + count > len(lines):
            return None
        case.append([list(line) for line in lines[at : at + count]])
        at += count
    return case


def counted(case: Case, counter: tuple[int, int]) -> int | None:
    """The count that stands in a field of a case; None if there is none."""
    line, field = counter
    if len(case) <= line or not case[line] or len(case[line][0]) <= field:
        return None
    return count_of(case[line][0][field])


def count_of(token: str) -> int | None:
    """A token as a count."""
    if not (token.isascii() and token.isdigit() and len(token) < 6):
        return None
    return int(token) if 0 < int(token) <= MAX_COUNT else None


def _widths_agree(grammar: Grammar, cases: Sequence[Case]) -> bool:
    """Whether lines of fixed form have the same number of fields everywhere."""
    for at, element in enumerate(grammar.elements):
        if element.kind != LIST and len({len(line) for case in cases for line in case[at]}) > 1:
            return False
    return True
