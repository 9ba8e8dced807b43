"""The functions of a text by its lines: cheaper than its whole tree, and there in broken files."""

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from transforms.contamination.canonical import programs
from transforms.syntax import Function, parse

DEF_LINE = re.compile(r"[ \t]*(?:async[ \t]+)?def[ \t]")
ABOVE = 200  # lines above a place where the function around it may begin


@dataclass(frozen=True)
class Program:
    """A function, or a module without any (""), and its lines (from 1, the last included)."""

    name: str
    node: Function | ast.Module
    first: int
    last: int


def all_programs(lines: Sequence[str]) -> list[Program]:
    """The functions of a text; where it is no Python as a whole, those of every block that is."""
    tree = parse("\n".join(lines))
    if tree:
        return list(_programs(tree, 0))
    heads = (number for number, line in enumerate(lines) if DEF_LINE.match(line))
    return [found for block in _blocks(lines, heads) for found in block or ()]


def programs_at(lines: Sequence[str], first: int, last: int) -> list[Program] | None:
    """The functions that begin in or around lines first to last (from 1); None where lines alone
    do not tell, as in a string that goes on at the margin."""
    inside = [n for n in range(first - 1, last) if DEF_LINE.match(lines[n])]
    found: list[Program] = []
    for block in _blocks(lines, [*_around(lines, first - 1), *inside]):
        if block is None:
            return None
        found += block
    return found


def _around(lines: Sequence[str], place: int) -> Iterator[int]:
    """The `def` lines that a line is deeper than, the nearest of each depth."""
    depth = _depth(lines[place])
    for number in range(place - 1, max(-1, place - ABOVE), -1):
        if not _goes_on(lines[number]) and _depth(lines[number]) < depth:
            depth = _depth(lines[number])
            if DEF_LINE.match(lines[number]):
                yield number


def _blocks(lines: Sequence[str], heads: Iterable[int]) -> Iterator[list[Program] | None]:
    """The programs of each block, from its `def` to the first line that is no deeper; None where
    it is no Python."""
    for head in heads:
        depth = _depth(lines[head])
        rest = range(head + 1, len(lines))
        end = next((n for n in rest if not _goes_on(lines[n]) and _depth(lines[n]) <= depth),
                   len(lines))  # fmt: skip
        tree = parse(textwrap.dedent("\n".join(lines[head:end])))
        yield list(_programs(tree, head)) if tree else None


def _goes_on(line: str) -> bool:
    """Whether a line ends no block, however deep: it is empty, a comment or a closing bracket."""
    return line.lstrip()[:1] in ("", "#", ")", "]", "}")


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _programs(tree: ast.Module, before: int) -> Iterator[Program]:
    """The functions of a tree, or all of it; `before` are the lines before it in the text."""
    for name, node in programs(tree):
        first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", None)
        yield Program(name, node, before + first, before + (last or first))
