"""Terms of a constraint, such as `nums[i]`, `min(n, 10^4)`, `s.length`: read and evaluated.

A term is made of closures over what may be written; no text of a statement is ever executed.
"""

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

Env = dict[str, Any]  # the values of parameters by name, and the index variables in use
Address = tuple[str | int, ...]  # ("grid", "*", "*"), ("edges", "*", 0), ("words", "*", "#")
ITEM, LENGTH = "*", "#"  # in an address: any item, and the length
MAX_TERM = 300  # characters of a comparison
MAX_EXPONENT = 400
MAX_POWER = 10**400
MAX_NESTING = 20
TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z]\w*)|(?P<text>'[^']'|\"[^\"]{0,20}\")"
    r"|(?P<sign>\*\*|[-+*/%^()\[\],.|!]))"
)
SUBSCRIPT = re.compile(r"[A-Za-z]\w*_[a-z]")  # a_i: column `a` of the i-th row
NEIGHBOURS = {"next": 1, "previous": -1}  # a_i_next is what a_{i+1} was
LENGTH_WORDS = {"length", "size", "len"}


class UnreadTerm(Exception):
    """A line of a statement that is not understood."""


class Inapplicable(Exception):
    """A term that has no value here: an index out of range, a name that is not given."""


@dataclass(frozen=True)
class Column:
    """What a name such as `a_i` stands for: a column of the rows of a parameter.

    variable: the index variable; None where the parameter itself is the row.
    """

    parameter: str
    variable: str | None
    number: int


@dataclass(frozen=True)
class TermPlace:
    """Where a term's value stands, so that it can be changed."""

    address: Address
    put: Callable[[Env, Any], None] | None = None  # None for a length
    exact: bool = (
        True  # whether the term takes every value at the address: `nums[i]`, not `nums[i + 1]`
    )


@dataclass(frozen=True)
class Term:
    """A part of a comparison.

    value: its value under an environment; raises Inapplicable. variables: the index variables and
    how many values each has, outer ones first. place: where the value stands, if it is no
    computed one.
    """

    value: Callable[[Env], Any]
    variables: tuple[tuple[str, Callable[[Env], int]], ...] = ()
    place: TermPlace | None = None
    constant: bool = False
    names: frozenset[str] = frozenset()
    plain: bool = False  # an index variable alone


@dataclass(frozen=True)
class Vocabulary:
    """The names that terms may use.

    parameters: those of the function; columns: names of columns of parameters; defined: names
    that the statement defines by a term, as `n` in `n == nums.length`.
    """

    parameters: frozenset[str]
    columns: Mapping[str, Column]
    defined: dict[str, Term]


class TermParser:
    """Reads terms from a text, one after another."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        if len(text) > MAX_TERM:
            raise UnreadTerm("too long")
        self._tokens = list(_tokens(text))
        self._at = 0
        self._depth = 0
        self._vocabulary = vocabulary

    def all_terms(self) -> list[Term]:
        """The terms of a text, which commas separate. Raises Unreadable for any other text."""
        terms = [self._sum()]
        while self._take(","):
            terms.append(self._sum())
        if self._at < len(self._tokens):
            raise UnreadTerm(self._tokens[self._at])
        return terms

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, token: str) -> bool:
        taken = self._peek() == token
        self._at += taken
        return taken

    def _need(self, token: str) -> None:
        if not self._take(token):
            raise UnreadTerm(f"no {token}")

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _sum(self) -> Term:
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise UnreadTerm("too deep")
        term = self._product()
        while self._peek() in ("+", "-"):
            term = _combined(OPERATORS[self._next()], term, self._product())
        self._depth -= 1
        return term

    def _product(self) -> Term:
        term = self._power()
        while self._peek() in ("*", "/", "%"):
            sign = self._next()
            right = self._power()
            term = _combined(_divide if sign == "/" else OPERATORS[sign], term, right)
        return term

    def _power(self) -> Term:
        if self._take("-"):
            return _applied(_of_numbers(operator.neg), self._power())
        term = self._atom()
        if self._take("^") or self._take("**"):
            return _combined(_raise, term, self._power())
        return _applied(_factorial, term) if self._take("!") else term

    def _atom(self) -> Term:
        token = self._next()
        if self._is_group(token):
            return self._group("|" if token == "|" else ")", abs if token == "|" else None)
        if token[:1].isdigit():
            number = float(token) if "." in token else int(token[:MAX_EXPONENT])
            return Term(lambda _: number, constant=True)
        if token[:1] in ("'", '"') and token:
            return Term(lambda _: token[1:-1], constant=True)
        if token in FUNCTIONS and self._peek() == "(":
            return self._call(FUNCTIONS[token], token == "sum")
        if not token[:1].isalpha():
            raise UnreadTerm(token or "end")
        return self._with_suffixes(self._named(token))

    @staticmethod
    def _is_group(token: str) -> bool:
        return token in ("(", "|")

    def _group(self, end: str, function: Callable[[Any], Any] | None) -> Term:
        term = self._sum()
        self._need(end)
        return _applied(function, term) if function else term

    def _call(self, function: Callable[..., Any], gathers: bool) -> Term:
        self._need("(")
        arguments = [self._sum()]
        while self._take(","):
            arguments.append(self._sum())
        self._need(")")
        if gathers or any(term.variables for term in arguments):
            return _gathered(function, arguments)
        return _called(function, arguments)

    def _named(self, name: str) -> Term:
        known = self._vocabulary
        if name in known.parameters:
            return Term(
                lambda env: _given(env, name),
                place=TermPlace((name,), lambda env, value: env.__setitem__(name, value)),
                names=frozenset({name}),
            )
        if name in known.columns:
            return self._column(known.columns[name])
        if name in known.defined:
            return known.defined[name]
        base, _, step = name.rpartition("_")
        if base in known.columns and step in NEIGHBOURS:
            return self._column(known.columns[base], NEIGHBOURS[step])
        raise UnreadTerm(name)

    def _column(self, column: Column, step: int = 0) -> Term:
        row = self._named(column.parameter)
        if column.variable is not None:
            row = _item(row, _moved(_variable(column.variable), step))
        return _item(row, Term(lambda _: column.number, constant=True), column.number)

    def _with_suffixes(self, term: Term) -> Term:
        while True:
            if self._take("."):
                term = self._attribute(term)
            elif self._take("["):
                term = self._indexed(term)
            else:
                return term

    def _attribute(self, term: Term) -> Term:
        name = self._next()
        if name not in LENGTH_WORDS:
            raise UnreadTerm(f".{name}")
        if self._take("("):
            self._need(")")
        return _length(term)

    def _indexed(self, term: Term) -> Term:
        token = self._peek()
        if len(token) == 1 and token.isalpha() and token not in self._vocabulary.defined:
            index, number = self._offset(_variable(self._next())), None
        else:
            index = self._sum()
            number = index.value({}) if index.constant else None
        self._need("]")
        return _item(term, index, number)

    def _offset(self, index: Term) -> Term:
        """`i + 1` and `i - 1`, whose variable has as many values as if it stood alone."""
        while self._peek() in ("+", "-"):
            sign = OPERATORS[self._next()]
            moved = _combined(sign, index, self._product())
            index = replace(moved, names=index.names)
        return index


def _tokens(text: str) -> Iterator[str]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise UnreadTerm(text[at : at + 10])
        yield match[0].strip() if not match["text"] else match["text"]
        at = match.end()


def _given(env: Env, name: str) -> Any:
    if name not in env:
        raise Inapplicable(name)
    return env[name]


def _variable(name: str) -> Term:
    key = f"[{name}]"  # no parameter has such a name
    return Term(lambda env: _given(env, key), names=frozenset({key}), plain=True)


def _moved(index: Term, step: int) -> Term:
    if not step:
        return index
    return replace(index, value=lambda env: index.value(env) + step, plain=False)


def _item(container: Term, index: Term, number: int | None = None) -> Term:
    variables = container.variables
    known = {name for name, _ in variables}
    for name in index.names:
        if name.startswith("[") and name not in known:
            variables = (*variables, (name, lambda env: _size(container.value(env))))
    place = None
    if container.place and container.place.put:
        step = ITEM if number is None else number
        is_new = index.plain and known.isdisjoint(index.names)
        exact = container.place.exact and (is_new or number is not None)
        place = TermPlace((*container.place.address, step), _put_item(container, index), exact)
    names = container.names | index.names
    return Term(
        lambda env: _at(container.value(env), index.value(env)), variables, place, names=names
    )


def _put_item(container: Term, index: Term) -> Callable[[Env, Any], None]:
    def put(env: Env, value: Any) -> None:
        items = container.value(env)
        if not isinstance(items, list):
            raise Inapplicable("no list")
        items[index.value(env)] = value

    return put


def _at(container: Any, index: Any) -> Any:
    if not isinstance(container, list | tuple | str) or not isinstance(index, int):
        raise Inapplicable("no sequence")
    if not 0 <= index < len(container):
        raise Inapplicable("out of range")
    return container[index]


def _size(container: Any) -> int:
    if not isinstance(container, list | tuple | str | dict):
        raise Inapplicable("no sequence")
    return len(container)


def _length(term: Term) -> Term:
    place = (
        replace(term.place, address=(*term.place.address, LENGTH), put=None) if term.place else None
    )
    return replace(term, value=lambda env: _size(term.value(env)), place=place)


def _merged(*terms: Term) -> dict[str, Any]:
    variables: dict[str, Callable[[Env], int]] = {}
    for term in terms:
        for name, count in term.variables:
            variables.setdefault(name, count)
    names = frozenset[str]().union(*(term.names for term in terms))
    return {"variables": tuple(variables.items()), "names": names}


def _combined(function: Callable[[Any, Any], Any], left: Term, right: Term) -> Term:
    return _called(function, [left, right])


def _applied(function: Callable[[Any], Any], term: Term) -> Term:
    return _called(function, [term])


def _called(function: Callable[..., Any], terms: list[Term]) -> Term:
    def value(env: Env) -> Any:
        return _safely(function, [term.value(env) for term in terms])

    constant = all(term.constant for term in terms)
    if constant:
        try:
            known = value({})
        except Inapplicable as error:
            raise UnreadTerm(str(error)) from error
        return Term(lambda _: known, constant=True)
    return Term(value, **_merged(*terms))


def _gathered(function: Callable[..., Any], terms: list[Term]) -> Term:
    """The sum, minimum or maximum over all items, as in `sum(words[i].length)`."""

    def value(env: Env) -> Any:
        values = [each for term in terms for each in term_values(term, env)]
        if len(values) == 1 and isinstance(values[0], list):
            values = values[0]
        return _safely(function, [values] if function is sum else values)

    return Term(value, names=_merged(*terms)["names"])


def _safely(function: Callable[..., Any], values: list[Any]) -> Any:
    try:
        return function(*values)
    except (TypeError, ValueError, ArithmeticError, IndexError) as error:
        raise Inapplicable(str(error)) from error


def _of_numbers(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which refuses what is no number: `'a' * 10^9` is a large text."""

    def safe(*values: Any) -> Any:
        if not all(isinstance(value, int | float) for value in values):
            raise TypeError("no number")
        return function(*values)

    return safe


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": _of_numbers(operator.add),
    "-": _of_numbers(operator.sub),
    "*": _of_numbers(operator.mul),
    "%": _of_numbers(operator.mod),
}


def _divide(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        return left // right
    return left / right


def _raise(base: Any, exponent: Any) -> Any:
    if not isinstance(exponent, int) or not isinstance(base, int):
        raise Inapplicable("power")
    if -MAX_EXPONENT <= exponent < 0 != base and abs(base) <= 10**6:
        return base**exponent
    if not 0 <= exponent <= MAX_EXPONENT or abs(base) > 10**6:
        return MAX_POWER
    return min(base**exponent, MAX_POWER)


def _factorial(number: Any) -> Any:
    return math.factorial(number) if isinstance(number, int) and 0 <= number <= 100 else MAX_POWER


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "min": lambda *values: min(values),
    "max": lambda *values: max(values),
    "sum": sum,
    "floor": math.floor,
    "ceil": math.ceil,
    "abs": abs,
    "len": _size,
    "nodes": lambda tree: sum(value is not None for value in tree),  # as implied_names writes it
    "int": int,
}


def rounds(variables: tuple[tuple[str, Callable[[Env], int]], ...], env: Env) -> Iterator[None]:
    """Set the index variables in an environment to each of their values in turn."""
    if not variables:
        yield
        return
    (name, count), *rest = variables
    for number in range(count(env)):
        env[name] = number
        yield from rounds(tuple(rest), env)
    env.pop(name, None)


def term_values(term: Term, env: Env) -> Iterator[Any]:
    """All values of a term, one for each value of its index variables."""
    for _ in rounds(term.variables, env):
        try:
            yield term.value(env)
        except Inapplicable:
            if not term.variables:
                raise


def values_at(address: Address, env: Env) -> list[Any]:
    """All values at an address. Raises Inapplicable if a part of it is not there."""
    values = [_given(env, str(address[0]))]
    for step in address[1:]:
        if step == LENGTH:
            values = [_size(value) for value in values]
        elif step == ITEM:
            values = [item for value in values for item in _items(value)]
        else:
            values = [_at(value, step) for value in values]
    return values


def _items(value: Any) -> Any:
    if not isinstance(value, list | tuple | str):
        raise Inapplicable("no sequence")
    return value
