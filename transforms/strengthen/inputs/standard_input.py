"""Inputs of programs: the grammar of the examples, with other counts and other fields."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from transforms.lib.trials.candidate import Candidate
from transforms.strengthen.inputs.comparisons import Bounds, read_comparison
from transforms.strengthen.inputs.constraints import PLAIN, Constraints, narrower
from transforms.strengthen.inputs.containers import Shape
from transforms.strengthen.inputs.drafts import Input, NewInputs, NoInputs
from transforms.strengthen.inputs.line_grammar import (
    FIXED,
    LINES,
    LIST,
    Case,
    Grammar,
    cases_of,
    counted,
    infer,
    lines_of,
)
from transforms.strengthen.inputs.scalars import (
    ChoiceShape,
    RealShape,
    TextShape,
    WholeShape,
    decimals_of,
)
from transforms.strengthen.inputs.terms import UnreadTerm, Vocabulary

INTEGER = re.compile(r"-?\d{1,30}", re.ASCII)
DECIMAL = re.compile(r"-?\d{1,30}\.\d{1,30}", re.ASCII)
SEVERAL = re.compile(r"number of (?:test ?cases|queries|tests)|test cases", re.IGNORECASE)
LATEX = (
    (r"\leq", "<="),
    (r"\le", "<="),
    (r"\cdot", "*"),
    (r"\times", "*"),
    ("$", ""),
    ("{", ""),
    ("}", ""),
    ("\\", ""),
    (",000", "000"),
)
RANGE = re.compile(r"-?[\d ^*.]{1,30}<=[\w ,;<=*^.+-]{1,80}")
NAME = re.compile(r"[a-zA-Z](?:_?[a-z]|_\d)?")
FIRST_LINE = re.compile(
    r"(?:first|only|single|each|next) line[^.]{0,80}? contains?"
    r" [^.]{0,40}?(?:integers?|numbers?) "
    r"((?:[a-zA-Z]\w{0,3}(?:, | and |, and )?){1,6})"
)
GUARANTEE = re.compile(r"guarante[^.]{0,300}", re.IGNORECASE)
SAFE_GUARANTEE = re.compile(r"sum of|total|exceed", re.IGNORECASE)
MAX_STATEMENT = 100_000
MAX_SEEDS = 20
CASES = 5  # of an input with several cases
COUNTS = 6  # how large a count is that no bound forbids, in small inputs
Field = tuple[int, int]  # an element and the place in its lines; -1 for every place of a list


@dataclass(frozen=True)
class Fields:
    """What stands in each field: its shape, and the count that it never exceeds in the seeds."""

    shapes: dict[Field, Shape]
    within: dict[Field, tuple[tuple[int, int], int]]  # the counter, and the lowest value: 0 or 1
    lengths: dict[Field, tuple[int, int]]  # the counter that a text has as its length


@dataclass
class InputProposals:
    """Inputs of a program: texts."""

    problem_id: str
    grammar: Grammar
    seeds: list[list[Case]]
    fields: Fields
    constraints: Constraints
    new: NewInputs
    _calls: int = 0

    def more(self, count: int, parents: Sequence[Input] = ()) -> list[Input]:
        """Up to so many new inputs."""
        self._calls += 1
        rng = Random(f"{self.problem_id}:{self._calls}")
        bred = [cases for parent in parents if (cases := self._read(parent))]
        return self.new.of(count, self._drafts(rng, bred))

    def large(self, count: int) -> list[Input]:
        """Up to so many new inputs of one case with large counts."""
        rng = Random(f"{self.problem_id}:large:{self._calls}")
        self._calls += 1
        return self.new.of(count, (self._text([self._case(rng, 300)]) for _ in range(count * 9)))

    def _read(self, parent: Input) -> list[Case] | None:
        return cases_of(self.grammar, lines_of(parent)) if isinstance(parent, str) else None

    def _drafts(self, rng: Random, bred: list[list[Case]]) -> Iterator[str | None]:
        while True:
            pool = bred if bred and rng.random() < 0.6 else self.seeds
            size = rng.choice((1, 2, 3, COUNTS, 2 * self._calls + COUNTS))
            if rng.random() < 0.4:
                cases = [self._changed(case, rng) for case in rng.choice(pool)]
            else:
                count = rng.randint(1, CASES) if self.grammar.several else 1
                cases = [self._case(rng, size) for _ in range(count)]
            yield self._text(cases)

    def _text(self, cases: list[Case]) -> str:
        lines = [" ".join(line) for case in cases for part in case for line in part]
        return "\n".join([str(len(cases)), *lines] if self.grammar.several else lines) + "\n"

    def _case(self, rng: Random, size: int) -> Case:
        """A case with fields that are drawn, counts first."""
        case: Case = []
        for at, element in enumerate(self.grammar.elements):
            rows, width = 1, len(self.seeds[0][0][at][0]) if self.seeds[0][0][at] else 1
            if element.counter is not None:
                number = counted(case, element.counter) or 1
                rows, width = (number, width) if element.kind == LINES else (1, number)
            part = list[list[str]]()
            case.append(part)
            for _ in range(rows):
                part.append([])
                for place in range(width):
                    key = (at, -1 if element.kind == LIST else place)
                    part[-1].append(self._field(key, case, rng, size))
        return case

    def _field(self, key: Field, case: Case, rng: Random, size: int) -> str:
        shape = self.fields.shapes[key]
        if key in self.fields.within:
            counter, low = self.fields.within[key]
            return str(rng.randint(low, max(low, (counted(case, counter) or low) - 1 + low)))
        if key in self.fields.lengths and isinstance(shape, TextShape):
            length = counted(case, self.fields.lengths[key]) or 1
            return TextShape(shape.alphabet, length, length).fresh(rng, 0) or "a"
        if self._is_counter(key) and isinstance(shape, WholeShape):
            most = max(1, min(shape.high, size))
            return str(rng.randint(max(1, min(shape.low, most)), most) if size < 50 else most)
        return written(shape.fresh(rng, size), shape)

    def _is_counter(self, key: Field) -> bool:
        return any(element.counter == key for element in self.grammar.elements)

    def _changed(self, case: Case, rng: Random) -> Case:
        """The case with some fields changed that are no counts."""
        copy = [[list(line) for line in part] for part in case]
        for _ in range(rng.choice((1, 1, 2, 3))):
            at = rng.randrange(len(copy))
            if not copy[at] or not copy[at][0]:
                continue
            line = rng.choice(copy[at])
            place = rng.randrange(len(line))
            is_list = self.grammar.elements[at].kind == LIST
            key = (at, -1 if is_list else place)
            if is_list and rng.random() < 0.3:
                rng.shuffle(line)
            elif not self._is_counter(key) and not self._rules(key):
                line[place] = self._field(key, copy, rng, COUNTS)
        return copy

    def _rules(self, key: Field) -> bool:
        """Whether another field may not exceed this one."""
        return any(counter == key for counter, _ in self.fields.within.values()) or key in (
            self.fields.lengths.values()
        )


def written(value: object, shape: Shape) -> str:
    """A value as a token."""
    if isinstance(shape, RealShape):
        return f"{value:.{shape.decimals}f}"
    return str(value) or "a"


def input_proposals(problem: Candidate, statement: str) -> InputProposals:
    """The proposals for a program. Raises NoInputs if its examples have no grammar."""
    texts = [text for text, _ in problem.tests[:MAX_SEEDS] if len(text) < 50_000]
    if not texts:
        raise NoInputs("no_grammar", "no examples")
    plain = _plain(statement[:MAX_STATEMENT])
    unread = [g for g in GUARANTEE.findall(plain) if not SAFE_GUARANTEE.search(g)]
    if unread and len(problem.solutions) < 2:
        raise NoInputs("unread_constraint", unread[0][:100])
    grammar = infer(texts, bool(SEVERAL.search(plain)))
    if grammar is None:
        raise NoInputs("no_grammar")
    seeds = [cases for text in texts if (cases := cases_of(grammar, lines_of(text)))]
    bounds, read = stated_bounds(plain)
    fields = _fields(grammar, [case for cases in seeds for case in cases], _names(plain), bounds)
    constraints = Constraints(tuple(read), tuple(unread))
    known = {repr("\n".join(map(" ".join, lines_of(text))) + "\n") for text in texts}
    return InputProposals(problem.problem_id, grammar, seeds, fields, constraints, NewInputs(known))


def _plain(statement: str) -> str:
    text = statement.translate(PLAIN)
    for written_so, plain in LATEX:
        text = text.replace(written_so, plain)
    return text


def stated_bounds(plain: str) -> tuple[dict[str, Bounds], list[str]]:
    """The bounds of each name in a statement, and the comparisons that say so."""
    bounds, read = dict[str, Bounds](), list[str]()
    for match in RANGE.finditer(plain):
        text = match[0].split(";")[0].strip(" .,")
        names = frozenset(NAME.findall(text))
        try:
            comparison = read_comparison(text, Vocabulary(names, {}, {}))
        except UnreadTerm:
            continue
        read.append(text)
        for address, (low, high) in comparison.bounds():
            name = str(address[0])
            bounds[name] = narrower(bounds.get(name, (None, None)), (low, high))
    return bounds, read


def _names(plain: str) -> list[list[str]]:
    """The names that the lines of input have, where the statement lists them."""
    return [re.findall(r"\b(?!and\b)[a-zA-Z]\w*", match[1]) for match in FIRST_LINE.finditer(plain)]


def _fields(
    grammar: Grammar, cases: list[Case], names: list[list[str]], bounds: dict[str, Bounds]
) -> Fields:
    found = Fields({}, {}, {})
    fixed = 0
    lists = [name for row in names for name in row if "_" in name or name in ("a", "b")]
    if grammar.several and names and len(names[0]) == 1:
        names = names[1:]
    for at, element in enumerate(grammar.elements):
        own = names[fixed] if element.kind == FIXED and fixed < len(names) else []
        fixed += element.kind == FIXED
        for place in _places(element.kind, cases, at):
            key = (at, place)
            tokens = [(case, t) for case in cases for t in _tokens(case[at], place)]
            name = own[place] if 0 <= place < len(own) else ""
            if element.kind == LIST:
                name = next((n for n in ("a_i", "a_1", *lists) if n in bounds), "")
            found.shapes[key] = token_shape([t for _, t in tokens], bounds.get(name, (None, None)))
            _tie(found, grammar, key, tokens, is_bounded=name in bounds)
    return found


def _places(kind: str, cases: list[Case], at: int) -> range:
    if kind == LIST:
        return range(-1, 0)
    return range(max((len(line) for case in cases for line in case[at]), default=0))


def _tokens(part: list[list[str]], place: int) -> list[str]:
    return [t for line in part for t in (line if place < 0 else line[place : place + 1])]


def _tie(
    fields: Fields, grammar: Grammar, key: Field, tokens: list[tuple[Case, str]], is_bounded: bool
) -> None:
    """Note the count that a field never exceeds, or that a text has as its length."""
    for line, place in dict.fromkeys((line, f) for line in range(min(key[0], 2)) for f in range(3)):
        if grammar.elements[line].kind != FIXED:
            continue
        counts = [counted(case, (line, place)) for case, _ in tokens]
        if None in counts or len(set(counts)) < 2:
            continue
        pairs = list(zip([t for _, t in tokens], counts, strict=True))
        if all(not INTEGER.fullmatch(t) and len(t) == count for t, count in pairs):
            fields.lengths[key] = (line, place)
            return
        if is_bounded or not all(INTEGER.fullmatch(t) for t, _ in pairs):
            continue
        numbers = [(int(t), count or 0) for t, count in pairs]
        for low in (1, 0):
            if all(low <= n <= count - 1 + low for n, count in numbers):
                fields.within[key] = ((line, place), low)
                return


def token_shape(tokens: Sequence[str], bounds: Bounds) -> Shape:
    """The shape of tokens: numbers, decimals, texts of the letters that are seen, or few words."""
    low, high = bounds
    if all(INTEGER.fullmatch(t) and str(int(t)) == t for t in tokens) and tokens:
        numbers = [int(t) for t in tokens]
        least, most = min(numbers), max(numbers)
        low = (min(least, 1) if least >= 0 else 2 * least) if low is None else min(low, least)
        high = 2 * max(abs(most), 4) if high is None else max(high, most)
        return WholeShape(int(low), int(high), tuple(dict.fromkeys(numbers))[:60])
    if tokens and all(DECIMAL.fullmatch(t) for t in tokens):
        values = [float(t) for t in tokens]
        return RealShape(min(values), max(values), tuple(values[:60]), decimals_of(values))
    if len(set(tokens)) <= 4 and len(tokens) >= 8 or any(len(t) > 1_000 for t in tokens):
        return ChoiceShape(tuple(dict.fromkeys(tokens)) or ("a",))
    letters = "".join(sorted({letter for token in tokens for letter in token}))
    return TextShape(
        letters, 1, 2 * max(map(len, tokens), default=1), tuple(dict.fromkeys(tokens))[:60]
    )
