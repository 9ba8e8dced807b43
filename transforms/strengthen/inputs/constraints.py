"""What a statement says of inputs: ranges, lengths, characters and relations to be kept."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from transforms.strengthen.inputs.comparisons import Bounds, Comparison, Pair, read_comparison
from transforms.strengthen.inputs.implied_names import implied_definitions
from transforms.strengthen.inputs.sentences import Sentence, read_sentence
from transforms.strengthen.inputs.terms import (
    Address,
    Column,
    Env,
    Inapplicable,
    Term,
    TermParser,
    UnreadTerm,
    Vocabulary,
)

# What a check raises on values that a line does not speak of.
NOT_THERE = (Inapplicable, AttributeError, TypeError, ValueError, KeyError, IndexError)
# Words of a line that says what generated inputs would break without an error being raised.
DOUBT = re.compile(
    r"valid|guarante|generated|such that|possible|represent|format|permutation"
    r"|traversal|solution|balanced"
    r"|\btree|connected|cycl|follow|special|beautiful|at least one|exactly"
    r"|exists?\b|expression"
    r"|\"[^\"]{2,20}\""
    r"|\b(?:once|twice|times|always|starts?|ends?|unique|distinct|sorted|not be in|is in)\b",
    re.IGNORECASE,
)
MAX_STATEMENT = 100_000  # characters that are looked at
MAX_LINES = 60
MAX_LINE = 300  # characters; a longer one is not read
HEADING = re.compile(r"^[ \t*_#>]*Constraints?[ \t*_]*:?[ \t*_]*$", re.IGNORECASE | re.MULTILINE)
ENDING = re.compile(
    r"[ \t*_#>]*(?:follow[ -]?up|notes?|example|hints?|input|output)\b", re.IGNORECASE
)
ROW = re.compile(
    r"\b([A-Za-z]\w{0,30})(?:\[([a-z])\]|_([a-z]))? ?==?"
    r" ?[\[(]((?:[A-Za-z]\w{0,30}, ?){1,8}[A-Za-z]\w{0,30})[\])]"
)
NUMBERED = re.compile(r"^\d{1,2}[.)] (?=\S)")
DEFINITION = re.compile(r"[a-zA-Z]\w{0,30}")
# "a_i" with the index after it written as "i+1" or "i + 1" below the line.
NEXT_ITEM = re.compile(r"\b([A-Za-z]\w*_[a-z])([+-]1)\b")
PRELUDE = re.compile(
    r"(?:(?:the|all|each) )?(?:inputs?|test cases?|tests?) (?:is|are) generated"
    r" (?:such|so)(?: that)? |"
    r"it(?: is|'s)? guaranteed that |it is guaranteed |(?:the )?(?:test cases"
    r"|input)s? guarantee that |for (?:all|each|every|any) (?:valid"
    r" )?[a-z]\[?[a-z]?\]?, ",
    re.IGNORECASE,
)
NO_POWER = re.compile(r"(?<![\w)\]])\^")  # a raised sign: `^-10 <= x`
QUANTIFIER = re.compile(
    r",? (?:for|where) (?:all|every|each|any)(?: valid)?(?: index)?(?: indices)?(?:"
    r" [a-z])?(?: and [a-z])?$|"
    r",? for (?:all|every|each) 0 <= [a-z] < (?:n|\w+\.length)$|,? \(?0-indexed\)?$"
    r"|,? \(?inclusive\)?$"
)
# "for all i >= 1", "for i != 0", "for all 1 <= i < n", "where i lies in the range [1, n - 1]"
FROM_INDEX = re.compile(
    r",? (?:for|where) (?:all |every |each |any )?(?:(?P<low>\d) <= )?(?P<name>[a-z])"
    r"(?: >= (?P<least>\d)| > (?P<above>\d)| != (?P<but>0)| <=? [\w.]+(?: - 1)?"
    r"| (?:lies )?in (?:the range )?\[(?P<start>\d), ?[^\]]{1,30}\])(?: \(0-indexed\))?$"
)


@dataclass(frozen=True)
class Constraint:
    """One line that is understood.

    sentence: what it says where it
    is no comparison.
    """

    line: str
    comparisons: tuple[Comparison, ...] = ()
    sentence: Sentence | None = None

    def holds(self, env: Env) -> bool:
        """Whether it holds for the values of an environment, or does not speak of them."""
        try:
            if self.sentence:
                return self.sentence.check(env)
            return all(pair.holds(env) for pair in self.pairs)
        except NOT_THERE:
            return True

    def speaks_of(self, env: Env) -> bool:
        """Whether it can be evaluated there."""
        try:
            if self.sentence:
                self.sentence.check(env)
            else:
                return any(True for pair in self.pairs for _ in pair.judged(env))
        except NOT_THERE:
            return False
        return True

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """The relations between two terms that it is made of."""
        return tuple(pair for comparison in self.comparisons for pair in comparison.pairs())


@dataclass(frozen=True)
class Constraints:
    """The constraints of a statement.

    read, unread: lines that are understood and that are not; those that say nothing that an input
    could break are in `read`. bounds, alphabets, choices: what they say of single places.
    """

    read: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    items: tuple[Constraint, ...] = ()
    bounds: dict[Address, Bounds] = field(default_factory=dict)
    alphabets: dict[Address, str] = field(default_factory=dict)
    choices: dict[Address, tuple[Any, ...]] = field(default_factory=dict)

    def keep(self, env: Env) -> bool:
        """Whether values of parameters, by name, keep all that is understood."""
        return all(item.holds(env) for item in self.items)

    @property
    def doubtful(self) -> tuple[str, ...]:
        """The unread lines that generated inputs could break."""
        return tuple(line for line in self.unread if DOUBT.search(line) or _relates(line))

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """The relations between two terms."""
        return tuple(pair for item in self.items for pair in item.pairs)


def _relates(line: str) -> bool:
    """Whether a line compares things that an input holds with one another."""
    sides = re.split(r"[<>=!≤≥]+", line[:MAX_LINE])
    named = [side for side in sides if re.search(r"[A-Za-z]", side)]
    return len(sides) > 1 and len(named) > 1


def constraint_lines(statement: str) -> list[str]:
    """The lines below the heading "Constraints" of a statement, without marks of lists."""
    headings = list(HEADING.finditer(statement[:MAX_STATEMENT]))
    if not headings:
        return []
    lines = list[str]()
    for line in statement[headings[-1].end() : MAX_STATEMENT].split("\n"):
        text = line.strip().lstrip("-*•").strip() if not _is_negative(line) else line.strip()
        if ENDING.match(text) and not SENTENCE_START.match(text):
            break
        text = NUMBERED.sub("", text)
        if text:
            lines.append(text)
    return lines[:MAX_LINES]


SENTENCE_START = re.compile(
    r"(?:input|output|notes?|hints?)\b[^:]*$|inputs? (?:is|are)", re.IGNORECASE
)


def _is_negative(line: str) -> bool:
    """Whether a line without the mark of a list begins with a negative number."""
    return bool(re.match(r"\s*-\d", line))


def read_constraints(
    statement: str, parameters: Sequence[str], roots: Iterable[str], seeds: Sequence[Env]
) -> Constraints:
    """The constraints of a statement on values of these parameters.

    roots: the parameters that are trees or linked lists. A line that a seed does not keep is
    misunderstood, and stays unread.
    """
    lines = constraint_lines(statement)
    vocabulary = _vocabulary(statement[:MAX_STATEMENT], lines, frozenset(parameters))
    for name, text in implied_definitions(
        statement[:MAX_STATEMENT], lines, seeds, frozenset(roots)
    ):
        _define(vocabulary, name, text)
    read, unread, items = list[str](), list[str](), list[Constraint]()
    for line in lines:
        try:
            found = _read_line(_normal(line), vocabulary, frozenset(roots))
        except UnreadTerm:
            unread.append(line)
            continue
        if found and not _fits(found, seeds):
            unread.append(line)
            continue
        read.append(line)
        items += [found] if found else []
    return Constraints(tuple(read), tuple(unread), tuple(items), *_places(items))


def _fits(constraint: Constraint, seeds: Sequence[Env]) -> bool:
    copies = [dict(seed) for seed in seeds]
    return all(constraint.holds(seed) for seed in copies) and any(
        constraint.speaks_of(seed) for seed in copies
    )


def _normal(line: str) -> str:
    text = line.translate(PLAIN).rstrip(" .;,")
    text = (
        NEXT_ITEM.sub(lambda m: f"{m[1]}_{'next' if m[2][0] == '+' else 'previous'}", text)
        .replace("`", "")
        .replace("\\", "")
    )
    text = PRELUDE.sub("", text, count=1)
    return text.strip()


PLAIN = str.maketrans(
    {
        "≤": "<=",
        "≥": ">=",
        "×": "*",
        "–": "-",
        "−": "-",
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "≠": "!=",
    }
)


def _read_line(text: str, vocabulary: Vocabulary, roots: frozenset[str]) -> Constraint | None:
    if len(text) > MAX_LINE:
        raise UnreadTerm("too long")
    if re.search(r"[<>=]", text) and not ROW.fullmatch(text):
        text, first = _first_index(NO_POWER.sub("", text))
        text = QUANTIFIER.sub("", text)
        parts = re.split(r",? and (?=[\w.\[\]]+ *[<>=!])", text)
        try:
            read = (read_comparison(part, vocabulary) for part in parts)
            return Constraint(text, tuple(replace(each, first=first) for each in read))
        except UnreadTerm:
            pass
        if either := _alternatives(text, vocabulary):
            return Constraint(text, sentence=either)
        if by_root := _of_nodes(text, vocabulary, roots):
            return by_root
    sentence = read_sentence(text, vocabulary, roots)
    return Constraint(text, sentence=sentence) if sentence else None


def _first_index(text: str) -> tuple[str, tuple[str, int] | None]:
    """A comparison without the words for the indices it is about; the variable and the first."""
    match = FROM_INDEX.search(text)
    if match is None:
        return text, None
    low = match["low"] or match["least"] or match["start"]
    first = int(low or 0) if match["above"] is None else int(match["above"]) + 1
    variable = f"[{match['name']}]"
    return text[: match.start()], (variable, 1 if match["but"] else first)


ALTERNATIVES = re.compile(r"([\w.\[\]]+) ?==? ?([^<>=]+?) or (?:\1 ?==? ?)?([^<>=]+)")


def _alternatives(text: str, vocabulary: Vocabulary) -> Sentence | None:
    """`x == 0 or 1` and `x == 'L' or x == 'R'`: the only values of a term."""
    match = ALTERNATIVES.fullmatch(text)
    return match and read_sentence(f"{match[1]} is {match[2]} or {match[3]}", vocabulary, NO_ROOTS)


NO_ROOTS = frozenset[str]()
NODE_VALUE = re.compile(r"\b(?:Node|node|root|\w+Node|ListNode|TreeNode)\.val(?:ue)?\b")


def _of_nodes(text: str, vocabulary: Vocabulary, roots: frozenset[str]) -> Constraint | None:
    """A comparison that speaks of the value of each node."""
    if not NODE_VALUE.search(text) or not roots:
        return None
    comparisons = []
    for root in sorted(roots):
        comparison = read_comparison(NODE_VALUE.sub(f"{root}[i]", text), vocabulary)
        comparisons.append(comparison)
    return Constraint(text, tuple(comparisons))


def _vocabulary(statement: str, lines: Sequence[str], parameters: frozenset[str]) -> Vocabulary:
    columns = dict[str, Column]()
    for match in ROW.finditer(statement):
        name, variable = match[1], match[2] or match[3]
        if name not in parameters:
            name = f"{name}s" if f"{name}s" in parameters else name
        if name not in parameters:
            continue
        for number, column in enumerate(match[4].split(",")):
            key = column.strip()
            if key not in parameters and key not in columns:
                columns[key] = Column(name, variable, number)
                if variable and key.endswith(f"_{variable}"):
                    columns[f"{key[: -len(variable)]}j"] = Column(name, "j", number)
    vocabulary = Vocabulary(parameters, columns, {})
    for name, text in _definitions(lines, parameters | set(columns)):
        _define(vocabulary, name, text)
    return vocabulary


def _define(vocabulary: Vocabulary, name: str, text: str) -> None:
    """Let a name stand for a term, if it has no meaning yet and the term can be read."""
    if name in (vocabulary.parameters | set(vocabulary.columns) | set(vocabulary.defined)):
        return
    try:
        terms = TermParser(text, vocabulary).all_terms()
    except UnreadTerm:
        return
    if len(terms) == 1 and not terms[0].constant:
        is_alias = text in vocabulary.parameters
        vocabulary.defined[name] = terms[0] if is_alias else _first_of(terms[0])


def _first_of(term: Term) -> Term:
    """The term at the first index: `n == grid[i].length` makes n the length of the first row."""
    if not term.variables:
        return Term(term.value, names=term.names)

    def value(env: Env) -> Any:
        own = {**env, **{name: 0 for name, _ in term.variables}}
        return term.value(own)

    return Term(value, names=term.names)


def _definitions(lines: Sequence[str], known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Names that are no parameters and what lines say that they equal."""
    for line in lines:
        if "=" not in line or len(line) > MAX_LINE:
            continue
        for part in line.translate(PLAIN).rstrip(".").split("<"):
            sides = [side.strip() for side in part.replace("==", "=").lstrip("=").split("=")]
            for name in sides:
                if DEFINITION.fullmatch(name) and name not in known:
                    yield from ((name, side) for side in sides if side != name)


def _places(
    items: Iterable[Constraint],
) -> tuple[dict[Address, Bounds], dict[Address, str], dict[Address, tuple[Any, ...]]]:
    bounds = dict[Address, Bounds]()
    alphabets, choices = dict[Address, str](), dict[Address, tuple[Any, ...]]()
    for item in items:
        of_item = [each for comparison in item.comparisons for each in comparison.bounds()]
        if item.sentence:
            of_item += item.sentence.bounds.items()
            alphabets |= item.sentence.alphabets
            choices |= item.sentence.choices
        for address, (low, high) in of_item:
            bounds[address] = narrower(bounds.get(address, (None, None)), (low, high))
    return bounds, alphabets, choices


def narrower(a: Bounds, b: Bounds) -> Bounds:
    """The bounds that both allow."""
    lows = [low for low in (a[0], b[0]) if isinstance(low, int | float)]
    highs = [high for high in (a[1], b[1]) if isinstance(high, int | float)]
    return max(lows, default=None), min(highs, default=None)
