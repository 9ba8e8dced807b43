"""Expressions of GitHub workflows, `${{ matrix.python-version }}`, where they are known here."""

import json
import re
from collections.abc import Mapping
from typing import Any

TEMPLATE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
TOKENS = re.compile(
    r"""\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)*)
    |(?P<name>[A-Za-z_][\w-]*)|(?P<operator>\|\||&&|==|!=|<=|>=|[!().,\[\]<>*]))""",
    re.VERBOSE,
)
MAX_DEPTH = 50  # of nested parentheses
MAX_TEXT = 10_000  # characters of a value, and of all that is put into one text


class Unknown(Exception):
    """The value is not known before a workflow runs."""


def filled(text: str, context: Mapping[str, Any]) -> str:
    """A text with its expressions replaced; what is not known becomes empty.

    >>> filled("py${{ matrix.v }}-${{ matrix.c[1] || 'x' }}", {"matrix": {"v": "3.10"}})
    'py3.10-x'
    """
    left = MAX_TEXT

    def value(match: re.Match) -> str:
        nonlocal left
        known = as_text(value_of(match[1], context))
        left -= len(known)
        return known if left >= 0 else ""

    return TEMPLATE.sub(value, text)


def value_of(expression: str, context: Mapping[str, Any]) -> Any:
    """The value of an expression; None if it is not known."""
    try:
        return _Expression(expression, context).value()
    except (Unknown, RecursionError):
        return None


def is_false(condition: Any, context: Mapping[str, Any]) -> bool:
    """Whether the condition of a step or job is known not to hold."""
    if not isinstance(condition, str):
        return False
    match = TEMPLATE.fullmatch(condition.strip())
    try:
        value = _Expression(match[1] if match else condition, context).value()
    except (Unknown, RecursionError):
        return False
    return value in (False, "", "false", 0)


def as_text(value: Any) -> str:
    """A value as it stands in a text."""
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Expression:
    """Reads an expression by recursive descent."""

    def __init__(self, text: str, context: Mapping[str, Any]) -> None:
        self._tokens, self._at, self._context = _tokens(text), 0, context

    def value(self) -> Any:
        result = self._either()
        if self._at < len(self._tokens):
            raise Unknown(self._tokens[self._at])
        return result

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _either(self) -> Any:
        left = self._both()
        while self._peek() == "||":
            self._at += 1
            right = self._both()
            left = left or right
        return left

    def _both(self) -> Any:
        left = self._equal()
        while self._peek() == "&&":
            self._at += 1
            right = self._equal()
            left = left and right
        return left

    def _equal(self) -> Any:
        left = self._single()
        while self._peek() in ("==", "!="):
            operator, right = self._next(), self._single()
            same = as_text(left).lower() == as_text(right).lower()
            left = same if operator == "==" else not same
        if self._peek() in ("<", ">", "<=", ">="):
            raise Unknown(self._peek())
        return left

    def _single(self) -> Any:
        token = self._next()
        if token == "!":
            return not self._single()
        if token == "(":
            inner = self._either()
            self._next()
            return inner
        if token[:1] == "'":
            return token[1:-1].replace("''", "'")
        if token in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[token]
        if not token or not (token[0].isalnum() or token[0] in "_-"):
            raise Unknown(token)
        if token[0].isdigit() or token[0] == "-":
            return token
        return self._call(token) if self._peek() == "(" else self._path(self._root(token))

    def _root(self, name: str) -> Any:
        if name in self._context:
            return self._context[name]
        if name in ("secrets", "vars"):
            return {}
        raise Unknown(name)

    def _path(self, value: Any) -> Any:
        while self._peek() in (".", "["):
            if self._next() == ".":
                key: Any = self._next()
            else:
                key = self._either()
                self._next()
            value = _item(value, key)
        return value

    def _call(self, name: str) -> Any:
        self._next()
        arguments = []
        while self._peek() not in (")", ""):
            arguments.append(self._either())
            if self._peek() == ",":
                self._at += 1
        self._next()
        return self._path(_called(name, arguments))


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    text = text.strip()
    while at < len(text):
        match = TOKENS.match(text, at)
        if match is None:
            raise Unknown(text[at:])
        tokens.append(match[0].strip())
        at = match.end()
    if tokens.count("(") > MAX_DEPTH:
        raise Unknown("nested too deeply")
    return tokens


def _item(value: Any, key: Any) -> Any:
    if isinstance(value, Mapping):
        return value.get(str(key))
    if isinstance(value, list) and str(key).isdigit() and int(str(key)) < len(value):
        return value[int(str(key))]
    return None


def _called(name: str, arguments: list[Any]) -> Any:
    texts = [as_text(argument) for argument in arguments]
    match name, texts:
        case "fromJSON", [text]:
            try:
                return json.loads(text, parse_float=str, parse_int=str)
            except (ValueError, RecursionError) as error:
                raise Unknown(name) from error
        case "contains", [text, part]:
            whole = arguments[0]
            return part in map(as_text, whole) if isinstance(whole, list) else part in text
        case "startsWith", [text, part]:
            return text.startswith(part)
        case "endsWith", [text, part]:
            return text.endswith(part)
        case "format", [text, *parts]:
            for place, part in enumerate(parts):
                if text.count(f"{{{place}}}") * len(part) > MAX_TEXT:
                    raise Unknown(name)
                text = text.replace(f"{{{place}}}", part)
            return text
        case (("always" | "success" | "cancelled" | "failure"), []):
            return name in ("always", "success")
    raise Unknown(name)
