"""What of a text is Python: all of it, or those of its top-level statements that parse.

Linear in the length of the text: each statement is parsed by itself, but for the last lines of one
that does not parse, of which few are given up.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from transforms.lib.completions.open_strings import OpenString
from transforms.lib.python.parsing import Rejected, TreeBounds, parse

# No answer of a model is longer; what is behind it is not looked at.
BOUNDS = TreeBounds(characters=100_000, depth=150, nodes=100_000)
# How a line at the left edge begins that is code, and rarely prose.
CODE = re.compile(
    r"(?:@\w|(?:import|from|def|class|async|if|for|while|try|with|assert|return|raise|del|global"
    r"|type|match)\b|[A-Za-z_][\w.]*(?:\[[^\]\n]{0,80}\])?\s{0,4}(?:[-+*/|&^%]?=|[(.:,\[])"
    r"|\([A-Za-z_])"
)
CONTINUED = re.compile(r"[#)\]}]|(?:else|elif|except|finally)\b")
LONGEST_STATEMENT = 20_000  # characters of one that is parsed by itself, and perhaps cut
GIVEN_UP = 12  # of the last lines of a statement, one after the other
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
SPACES = dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"), " ")


@dataclass(frozen=True)
class Code:
    """A text that parses, its tree, and whether nothing had to be left out for that."""

    text: str
    tree: ast.Module
    whole: bool


def code_in(text: str) -> Code:
    r"""The Python in a text.

    >>> code_in("So:\ndef f(x):\n    return x\nThat is all.\n").text
    'def f(x):\n    return x\n'
    """
    text = text[: BOUNDS.characters].replace("\r\n", "\n").replace("\r", "\n")
    for variant in _variants(text):
        if tree := parsed(variant):
            return Code(variant, tree, True)
    return _by_statements(text)


def lines_of(text: str) -> list[str]:
    """The lines of a text as Python counts them, with their ends, which are `\\n`.

    `splitlines` would end lines at form feeds and separators, too.
    """
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def parsed(text: str) -> ast.Module | None:
    """The tree of a text, or None if it is no Python."""
    try:
        return parse(text, BOUNDS)
    except Rejected:
        return None


def _variants(text: str) -> Iterator[str]:
    """A text, and the same with plain spaces and without tabs, where it has others."""
    yield text
    plain = text.translate(SPACES | INVISIBLE)
    if plain != text:
        yield plain
    if "\t" in text:
        yield "\n".join(map(_without_tabs, plain.split("\n")))


def _without_tabs(line: str) -> str:
    code = line.lstrip(" \t")
    return line[: len(line) - len(code)].expandtabs(4) + code


def _by_statements(text: str) -> Code:
    pieces = [piece for statement in _statements(text) if (piece := _longest(statement))]
    code = "".join(pieces)
    tree = parsed(code)
    return Code(code, tree, False) if tree else Code("", ast.Module([], []), False)


def _statements(text: str) -> Iterator[str]:
    """The texts of what looks like statements, without the prose between them."""
    string, begun = OpenString(), list[str]()
    for line in lines_of(text):
        if begun and not string.is_open and _begins(line, begun):
            yield "".join(begun)
            begun.clear()
        begun.append(line)
        string.read(line)
    yield "".join(begun)


def _begins(line: str, before: list[str]) -> bool:
    """Whether a line is the first of a statement, and not more of the one before it."""
    if line[:1].isspace() or CONTINUED.match(line):
        return False
    return not before[-1].startswith("@")


def _longest(statement: str) -> str:
    """The longest beginning of a statement that parses, up to the end of a line; maybe empty."""
    if not CODE.match(statement):
        return ""
    statement = statement[:LONGEST_STATEMENT]
    whole = next(filter(parsed, _variants(statement)), None)
    if whole is not None:
        return whole if whole.endswith("\n") else f"{whole}\n"
    lines = lines_of(next(reversed(list(_variants(statement)))))
    return _without_last_lines(lines) or _without_last_statements(lines)


def _without_last_lines(lines: list[str]) -> str:
    shorter = ("".join(lines[:-less]) for less in range(1, min(GIVEN_UP, len(lines))))
    return next(filter(parsed, shorter), "")


def _without_last_statements(lines: list[str]) -> str:
    """The longest beginning that ends with a statement of the body, by bisection."""
    places = _ends_in_body(lines)
    low, high = 0, len(places)  # the first `low` places do, as far as is known
    best = ""
    while low < high:
        middle = (low + high + 1) // 2
        text = "".join(lines[: places[middle - 1]])
        if parsed(text):
            best, low = text, middle
        else:
            high = middle - 1
    return best


def _ends_in_body(lines: list[str]) -> list[int]:
    """The numbers of lines after which a statement of the body may have ended."""
    widths = [len(line) - len(line.lstrip()) if line.strip() else 0 for line in lines]
    least = min((width for width in widths if width), default=0)
    return [number for number in range(2, len(lines)) if widths[number] == least]
