"""Constraints that are sentences: `s consists of lowercase English letters`, `k is odd`."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from transforms.strengthen.inputs.alphabets import alphabet
from transforms.strengthen.inputs.comparisons import Bounds
from transforms.strengthen.inputs.graphs import connected, is_tree, pairs_of
from transforms.strengthen.inputs.terms import (
    LENGTH,
    Address,
    Env,
    Inapplicable,
    Term,
    TermParser,
    UnreadTerm,
    Vocabulary,
    term_values,
)

Check = Callable[[Env], bool]


@dataclass(frozen=True)
class Sentence:
    """What a sentence says: a check, and what it says of single places.

    alphabets: the characters of the text at an address; bounds: of the number; choices: the only
    values there.
    """

    check: Check
    alphabets: dict[Address, str] = field(default_factory=dict)
    bounds: dict[Address, Bounds] = field(default_factory=dict)
    choices: dict[Address, tuple[Any, ...]] = field(default_factory=dict)


NAMES = (
    r"(?:(?:both|all|each|every|the|any|strings?|characters?|letters?|values?"
    r"|words?|in|of|array|input|given) )*(?P<names>[A-Za-z]\w*(?:\[\w+\])*(?:(?:,?"
    r" and |, )[A-Za-z]\w*(?:\[\w+\])*)*)"
)
ALPHABET = re.compile(
    NAMES + r",? (?:(?:will |are |is |only |may )*(?:consists?|contains?|containing"
    r"|composed|made up|comprise[sd]?|made)"
    r"(?: only)?(?: up)?(?: of)?(?: only)?(?: of)?|(?:is|are)(?: either)?(?:"
    r" only)?) (?P<set>.*)",
    re.IGNORECASE,
)
CHOICES = re.compile(
    NAMES + r" (?:is|are|can be|will be|must be)(?: only)?(?: either)?(?: one of)?"
    r" (?P<set>[^a-zA-Z]*(?:(?:or|and)[^a-zA-Z]+|\"\w+\"[^a-zA-Z]*"
    r"|'\w+'[^a-zA-Z]*)*)",
    re.IGNORECASE,
)
LETTER = re.compile(NAMES + r" (?:is|are) an? (?P<set>.*)", re.IGNORECASE)
UNIQUE = (
    re.compile(
        r"(?:(?:all|each|every) )?(?:the )?(?:values?|nodes?|node values?|values (?:of"
        r"|in) the (?:tree|nodes.*|list)|tree nodes|Node\.val|values Node\.val"
        r"|integers? in the tree)(?: of the (?:tree|nodes?)| in the tree| values)*"
        r" (?:is|are|will be|has a|have|will have)(?: all| pairwise)? (?:unique"
        r"|distinct)(?: values?)?(?P<tree> for each node)?",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:all )?(?:the )?(?:values?|elements?|integers?|numbers?|strings?|words?"
        r"|items?|points?|characters?|letters?|pairs?|entries|ids?|nodes|names"
        r"|tuples)(?: in| of|) (?:array |string |the array"
        r" )?(?P<names>\w+(?:\[\w+\])?(?: and \w+)?) (?:is|are|will be|must be|have"
        r"|has)(?: all| pairwise)? (?:unique|distinct|different)(?: values)?",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?P<names>\w+(?:\[\w+\])?(?: and \w+)?) (?:contains?|consists? of|has|have|is"
        r"|are)(?: only| all| pairwise)? (?:unique|distinct)(?: positive)?(?: (?:values"
        r"|elements|integers|numbers|strings|words))?",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:All )?(?:the )?(?:values |elements |strings |integers )?(?:of"
        r" )?(?P<names>\w+(?:\[\w+\])?) (?:is|are|will be)(?: all| pairwise)? (?:unique"
        r"|distinct)",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<names>\w+) (?:contains|has) no duplicates?(?: \w+)?", re.IGNORECASE),
    re.compile(
        r"There (?:are|is|will be) no (?:repeated|duplicated?|multiple|duplicates? in)"
        r" (?P<names>edges?|roads?|connections|flights|\w+)(?: in the graph|"
        r" \(i\.e\..*)?",
        re.IGNORECASE,
    ),
    re.compile(
        r"All (?:the )?(?:pairs|edges|points|positions|intervals|elements)?(?: of)?"
        r" ?[\[(]?(?:\w_\w, ?)*\w+[\])]? (?:is|are) (?:unique|distinct)",
        re.IGNORECASE,
    ),
)
SORTED = re.compile(
    r"(?:the )?(?P<names>\w+(?:\[\w+\])?(?: and \w+(?:\[\w+\])?)?),? (?:is|are)(?:"
    r" sorted| guaranteed to be sorted)?(?: in)?(?: an?)? ?"
    r"(?P<strict>strictly )?(?P<order>non-decreasing|ascending|increasing"
    r"|non-increasing|descending|decreasing)"
    r"(?: order| array| fashion)?(?: order)?(?: of \w+| by \w+)?",
    re.IGNORECASE,
)
PARITY = re.compile(
    r"(?P<names>[\w.\[\]]+) is (?:an )?(?P<parity>odd|even)(?: number| integer)?", re.IGNORECASE
)
PERMUTATION = re.compile(
    r"(?P<names>\w+) is a permutation of (?:all )?(?:the )?(?:integers|numbers)?(?:"
    r" in)?(?: the)?(?: range)?(?: from)? ?\[?(?P<low>[01])(?:, [12])?(?:, \.\.\.?)?"
    r"(?:, | to | and )(?P<high>n - 1|n|\w+\.length(?: - 1)?)\]?.*",
    re.IGNORECASE,
)
MEMBER = re.compile(
    r"(?P<item>\w+(?:\[\w+\])?(?: and \w+)?) (?:is|are|will be|exists?|appears?"
    r"|occurs?)(?: guaranteed to be| always)?"
    r"(?: an?| the)?(?: \w+)?(?: element| integer| value| number| string)?(?: at"
    r" least once)? (?:in|from|of) (?:the )?(?:array |string )?(?P<names>\w+)",
    re.IGNORECASE,
)
NODES = re.compile(
    r"(?:The )?(?:total )?number of (?:the )?nodes (?:in|of) (?:the |each |both |a"
    r" )?(?P<names>(?:given |binary |linked |n-ary )*(?:trees?|lists?|root"
    r"|graph)\w*) (?:is|are|will be|is in|are in)? ?(?:in |between )?(?:the )?range"
    r" (?:of )?[\[(](?P<low>[^,\]]+), ?(?P<high>[^\])]+)[\])]",
    re.IGNORECASE,
)
RANGE = re.compile(
    r"(?P<names>[\w.\[\], ]+?) (?:is|are|will be)(?: an integer| integers)?(?: in|"
    r" between)(?: the)?(?: inclusive)?(?: range)?(?: of)? ?[\[(](?P<low>[^,\]]+),"
    r" ?(?P<high>[^\])]+)[\])]",
    re.IGNORECASE,
)
TREE = re.compile(
    r"(?:.*\b)?(?P<names>\w+)(?: and \w+)? represents? (?:an? )?(?:valid"
    r" )?(?:undirected )?trees?|.*(?:graph|input|edges|connections).{0,40} (?:valid"
    r"|is a|be a) tree.*",
    re.IGNORECASE,
)
CONNECTED = re.compile(
    r".*(?:graph|network|edges).{0,30} (?:is|always|guaranteed to be)(?: always)?"
    r" connected.*|There is (?:always )?(?:at least one|a) path between (?:any|all"
    r"|every).*",
    re.IGNORECASE,
)
LEADING = re.compile(
    r"(?P<names>\w+(?:\[\w+\])?(?:(?: and|,) \w+)*) (?:does not|do not|doesn't|will"
    r" not|is guaranteed not to)(?: contain| have)? ?(?:any )?leading zero(?:s"
    r"|es)?(?P<rest>.*)",
    re.IGNORECASE,
)
SPACES = re.compile(
    r"(?P<names>\w+(?:\[\w+\])?(?: and \w+)*) (?:does not|do not|doesn't|will not"
    r"|has no|have no)(?: contain| have)? ?(?:any )?leading (?:or|and) trailing"
    r" spaces",
    re.IGNORECASE,
)
SINGLE = re.compile(
    r"(?:All )?(?:the )?words in (?P<names>\w+(?:\[\w+\])?) are separated by"
    r" (?:exactly )?(?:a |one )?single spaces?",
    re.IGNORECASE,
)
SAME_LENGTH = re.compile(
    r"All (?:the )?(?:strings |words |elements )?(?:in |of"
    r" )?(?P<names>\w+)(?:\[\w+\])?(?:\.length)?(?: have| are| has)(?: of)?(?:"
    r" the)? (?:same|equal)(?: length)?",
    re.IGNORECASE,
)
COUNTED = re.compile(
    r"(?:(?P<names>\w+) contains|There (?:is|will be)|The (?P<grid>\w+)"
    r" contains)(?: only)? (?P<many>exactly one|one|at least one)(?: \w+){0,2}"
    r" ['\"](?P<letter>.)['\"](?: character)?(?: in (?:the )?(?P<place>\w+))?",
    re.IGNORECASE,
)
POWER = re.compile(r"(?P<names>\w+) is (?:an? )?(?:exact )?power of (?:2|two)", re.IGNORECASE)
HARMLESS = re.compile(
    r"At least one call will be made.*|The answer is guaranteed to be (?:less|at"
    r" most|within).*|"
    r"The number of nodes in the (?:tree|list) is n|The (?:height|depth) .*|"
    r"At most .* calls? (?:(?:in )?total )?will be made.*|\w+(?:, \w+)*(?: and \w+)?"
    r" will be called at most.*|There will be at most.* calls.*"
    r"|.*(?:answer|result|output|return value|product|sum|value of expression|total"
    r"|score)s?\b.*(?:fits?|within|not exceed|less than or equal|at most|does not"
    r" overflow|in the range of) .*(?:bit|10\^|integer|2\^).*"
    r"|\w+(?:\[\w+\])? ?==? ?[\[(][\w, +]+[\])]|Follow.*|Note.*|Accepted.*"
    r"|.*\bcalls will be made to\b.*|\w+ will be (?:called|executed) .*"
    r"|Answers within 10.*|.*(?:answers?|results?) within .* (?:accepted|correct).*"
    r"|The depth of the .* (?:not exceed|less than|at most|range).*|-?"
    r"|Constraints:?|.*is given as an? (?:string|array|integer).*"
    r"|\w+(?:\[\w+\])* (?:is|are) (?:an? )?(?:positive |non-negative )?(?:32-bit"
    r" )?(?:signed |unsigned )?integers?|The height of the .*",
    re.IGNORECASE,
)


def read_sentence(line: str, vocabulary: Vocabulary, roots: frozenset[str]) -> Sentence | None:
    """What a sentence says; None if it says nothing that an input could break.

    roots: the parameters that are trees or linked lists. Raises Unreadable if it is not
    understood.
    """
    reader = _SentenceReader(vocabulary, roots)
    for pattern, read in reader.patterns():
        if match := pattern.fullmatch(line):
            try:
                return read(match)
            except UnreadTerm:
                continue
    if HARMLESS.fullmatch(line):
        return None
    raise UnreadTerm(line)


class _SentenceReader:
    def __init__(self, vocabulary: Vocabulary, roots: frozenset[str]) -> None:
        self._vocabulary = vocabulary
        self._roots = roots

    def patterns(self) -> Iterator[tuple[re.Pattern[str], Callable[[re.Match[str]], Sentence]]]:
        """The patterns of sentences, each with what reads it, in the order that they are tried."""
        yield NODES, self._nodes
        yield RANGE, self._range
        yield PARITY, self._parity
        yield PERMUTATION, self._permutation
        yield SORTED, self._sorted
        for pattern in UNIQUE:
            yield pattern, self._unique
        yield LEADING, self._leading
        yield SPACES, self._spaces
        yield SINGLE, self._single
        yield SAME_LENGTH, self._same_length
        yield POWER, self._power
        yield CHOICES, self._choices
        yield LETTER, self._alphabet
        yield ALPHABET, self._alphabet
        yield MEMBER, self._member
        yield COUNTED, self._counted
        yield TREE, self._tree
        yield CONNECTED, self._connected

    def _terms(self, names: str) -> list[Term]:
        parts = re.split(r",? and |, ", names.strip())
        terms = [term for part in parts for term in self._term(part)]
        if not terms:
            raise UnreadTerm(names)
        return terms

    def _term(self, name: str) -> list[Term]:
        if name.lower().replace("node.", "node") in ("nodeval", "node values"):
            return [each for root in sorted(self._roots) for each in self._term(root)]
        return TermParser(name, self._vocabulary).all_terms()

    def _every(self, names: str, holds: Callable[[Any], bool]) -> Check:
        terms = self._terms(names)
        return lambda env: all(holds(value) for term in terms for value in term_values(term, env))

    def _every_text(self, names: str, holds: Callable[[str], bool]) -> Check:
        return self._every(names, lambda value: all(map(holds, _texts(value))))

    def _parity(self, match: re.Match[str]) -> Sentence:
        rest = 1 if match["parity"].lower() == "odd" else 0
        return Sentence(self._every(match["names"], lambda v: isinstance(v, int) and v % 2 == rest))

    def _power(self, match: re.Match[str]) -> Sentence:
        return Sentence(
            self._every(match["names"], lambda v: isinstance(v, int) and v > 0 and not v & (v - 1))
        )

    def _unique(self, match: re.Match[str]) -> Sentence:
        names = match.groupdict().get("names") or ""
        if "tree" in match.re.groupindex:
            if not self._roots:
                raise UnreadTerm("no tree")
            names = " and ".join(sorted(self._roots))
            terms = self._terms(names)
            return Sentence(lambda env: all(_distinct(term.value(env)) for term in terms))
        if not names or names not in self._vocabulary.parameters and " and " not in names:
            names = self._only_rows() if not names or names.lower() in EDGE_WORDS else names
        if names.lower() in ("node.val", "tree", "nodes", "node", "list", "val"):
            names = " and ".join(sorted(self._roots))
        terms = [self._whole(term) for term in self._terms(names)]
        return Sentence(lambda env: all(_distinct(term.value(env)) for term in terms))

    def _whole(self, term: Term) -> Term:
        """The list that a term's values stand in: of `nums[i]` that is `nums`."""
        if not term.variables:
            return term
        return Term(lambda env: list(term_values(term, env)))

    def _only_rows(self) -> str:
        """The one parameter whose rows have named columns."""
        rows = {column.parameter for column in self._vocabulary.columns.values()}
        for name in ("edges", "roads", "connections"):
            if name in self._vocabulary.parameters:
                return name
        if len(rows) != 1:
            raise UnreadTerm("rows")
        return next(iter(rows))

    def _sorted(self, match: re.Match[str]) -> Sentence:
        order = match["order"].lower()
        down = order in ("non-increasing", "descending", "decreasing")
        strict = bool(match["strict"])
        return Sentence(self._every(match["names"], lambda v: _in_order(v, down, strict)))

    def _permutation(self, match: re.Match[str]) -> Sentence:
        low = int(match["low"])
        return Sentence(
            self._every(match["names"], lambda v: sorted(v) == list(range(low, low + len(v))))
        )

    def _leading(self, match: re.Match[str]) -> Sentence:
        lone = "except" in match["rest"]
        return Sentence(
            self._every(
                match["names"], lambda v: _no_leading_zero(v) or (v == "0" and (lone or True))
            )
        )

    def _spaces(self, match: re.Match[str]) -> Sentence:
        return Sentence(self._every_text(match["names"], lambda v: v == v.strip(" ")))

    def _single(self, match: re.Match[str]) -> Sentence:
        return Sentence(self._every_text(match["names"], lambda v: "  " not in v))

    def _same_length(self, match: re.Match[str]) -> Sentence:
        return Sentence(self._every(match["names"], lambda v: len(set(map(len, v))) <= 1))

    def _member(self, match: re.Match[str]) -> Sentence:
        items = self._terms(match["item"])
        (whole,) = self._terms(match["names"])
        return Sentence(
            lambda env: all(
                value in whole.value(env) for term in items for value in term_values(term, env)
            )
        )

    def _nodes(self, match: re.Match[str]) -> Sentence:
        low, high = self._ends(match)
        roots = sorted(self._roots)
        if not roots or low is None:
            raise UnreadTerm("range")
        bounds: dict[Address, Bounds] = {(root, LENGTH): (low, high) for root in roots}
        return Sentence(
            lambda env: all(low <= _nodes(env[r]) <= high for r in roots if r in env), bounds=bounds
        )

    def _ends(self, match: re.Match[str]) -> tuple[Any, Any]:
        low, high = (
            TermParser(match[end], self._vocabulary).all_terms()[0] for end in ("low", "high")
        )
        if not low.constant or not high.constant:
            raise UnreadTerm("range")
        return low.value({}), high.value({})

    def _range(self, match: re.Match[str]) -> Sentence:
        low, high = self._ends(match)
        terms = self._terms(match["names"])
        bounds = {t.place.address: (low, high) for t in terms if t.place}
        return Sentence(self._every(match["names"], lambda v: low <= v <= high), bounds=bounds)

    def _choices(self, match: re.Match[str]) -> Sentence:
        values = tuple(_values_in(match["set"]))
        if not values or RANGE_WORD.search(match["set"]):
            raise UnreadTerm("choices")
        terms = self._terms(match["names"])
        texts = all(isinstance(value, str) and len(value) == 1 for value in values)
        places = [term.place.address for term in terms if term.place]
        known: dict[Address, tuple[Any, ...]] = dict.fromkeys(places, values)
        return Sentence(
            self._every(match["names"], lambda v: v in values),
            alphabets={
                place[:-1]: "".join(values) for place in places if texts and place[-1] == "*"
            },
            choices=known,
        )

    def _alphabet(self, match: re.Match[str]) -> Sentence:
        characters = alphabet(match["set"])
        if characters is None:
            raise UnreadTerm("alphabet")
        allowed = frozenset(characters)
        terms = self._terms(match["names"])
        places = [term.place.address for term in terms if term.place]
        found = dict.fromkeys(places, characters)
        found |= {place[:-1]: characters for place in places if place[-1] == "*"}
        return Sentence(self._every(match["names"], lambda v: _all_in(v, allowed)), alphabets=found)

    def _counted(self, match: re.Match[str]) -> Sentence:
        (term,) = self._terms(match["names"] or match["grid"] or match["place"] or "grid")
        once, letter = "exactly" in match["many"].lower(), match["letter"]

        def check(env: Env) -> bool:
            count = sum(text.count(letter) for text in _texts(term.value(env)))
            return count == 1 if once else count > 0

        return Sentence(check)

    def _tree(self, match: re.Match[str]) -> Sentence:
        return Sentence(self._graph(is_tree))

    def _connected(self, match: re.Match[str]) -> Sentence:
        return Sentence(self._graph(connected))

    def _graph(self, holds: Callable[[int, list[tuple[int, int]]], bool]) -> Check:
        names = [name for name in GRAPH_NAMES if name in self._vocabulary.parameters]
        if not names:
            raise UnreadTerm("no edges")

        def check(env: Env) -> bool:
            for name in names:
                pairs = pairs_of(env.get(name))
                n = env.get("n", len(pairs) + 1)
                if not isinstance(n, int) or not holds(n, pairs):
                    return False
            return True

        return check


GRAPH_NAMES = ("edges", "edges1", "edges2", "roads", "connections")
EDGE_WORDS = {"edges", "edge", "roads", "road", "connections", "flights"}
RANGE_WORD = re.compile(r"\.\.|…| to |-[^\d]")
CHOICE = re.compile(r"'([^']{1,20})'|\"([^\"]{0,40})\"|(-?\d{1,18})(?![\d^.*])")


def _values_in(text: str) -> Iterator[Any]:
    for match in CHOICE.finditer(text):
        yield match[1] or match[2] or int(match[3] or 0)
    rest = CHOICE.sub("", text)
    if re.sub(r"\b(?:or|and)\b|[\s,.{}\[\]]", "", rest):
        raise UnreadTerm(rest)


def _distinct(values: Any) -> bool:
    if isinstance(values, list) and values and all(isinstance(row, list) for row in values):
        values = [repr(row) for row in values]
    if not isinstance(values, list | str):
        raise Inapplicable("no list")
    present = [value for value in values if value is not None]
    return len(set(map(repr, present))) == len(present)


def _in_order(values: Any, down: bool, strict: bool) -> bool:
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise Inapplicable("no list")
    items = list(values)
    pairs = zip(items[1:], items, strict=False) if down else zip(items, items[1:], strict=False)
    return all(a < b or (a == b and not strict) for a, b in pairs)


def _no_leading_zero(value: Any) -> bool:
    return not (str(value).lstrip("-").startswith("0") and len(str(value)) > 1)


def _nodes(value: Any) -> int:
    return sum(each is not None for each in value or ())


def _texts(value: Any) -> Iterator[str]:
    """The texts in a value, however it is nested."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    else:
        raise Inapplicable("no text")


def _all_in(value: Any, allowed: frozenset[str]) -> bool:
    if isinstance(value, list):
        return all(_all_in(each, allowed) for each in value)
    return isinstance(value, str) and allowed >= set(value)
