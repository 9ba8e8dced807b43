"""The functions of a text by its lines: cheaper than its whole tree, and there in broken files."""

import ast
import re
import textwrap
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from transforms.contamination.grams.canonical import programs
from transforms.lib.python.parsing import parse_or_none
from transforms.lib.python.syntax_trees import Function

DEF_LINE = re.compile(r"[ \t]*(?:async[ \t]+)?def[ \t]")
ABOVE = 50  # functions above a place among which one around it is looked for


@dataclass(frozen=True)
class Program:
    """A function, or a module without any (""), and its lines (from 1, the last included)."""

    name: str
    node: Function | ast.Module
    first: int
    last: int


@dataclass
class Blocks:
    """The blocks of a text: from a `def` to the first line that is no deeper."""

    lines: Sequence[str]
    _known: dict[int, list[Program] | None] = field(default_factory=dict)
    _ends: dict[int, int] = field(default_factory=dict)

    @cached_property
    def all(self) -> list[Program]:
        """The functions of the text; where it is no Python as a whole, of every block that is."""
        tree = parse_or_none("\n".join(self.lines))
        if tree:
            return list(_programs(tree, 0))
        return [program for head in self.heads for program in self.block(head) or ()]

    @cached_property
    def heads(self) -> list[int]:
        """The lines, from 0, with a `def`."""
        return [number for number, line in enumerate(self.lines) if DEF_LINE.match(line)]

    def at(self, first: int, last: int) -> list[Program]:
        """The functions that begin in or around these lines (from 1), or more than these."""
        low, high = bisect_left(self.heads, first - 1), bisect_left(self.heads, last)
        around = (head for head in self.heads[max(0, low - ABOVE) : low] if self.end(head) >= first)
        blocks = [self.block(head) for head in (*around, *self.heads[low:high])]
        # Lines alone do not tell where a string goes on at the margin, or where there is no `def`.
        if None in blocks or not self.heads:
            return self.all
        return [program for block in blocks for program in block or ()]

    def end(self, head: int) -> int:
        """How many lines the text has up to the end of a block."""
        if head not in self._ends:
            depth, rest = _depth(self.lines[head]), range(head + 1, len(self.lines))
            inside = (n for n in rest if not _goes_on(self.lines[n]))
            end = next((n for n in inside if _depth(self.lines[n]) <= depth), len(self.lines))
            self._ends[head] = end
        return self._ends[head]

    def block(self, head: int) -> list[Program] | None:
        """The functions of a block; None where it is no Python."""
        if head not in self._known:
            tree = parse_or_none(textwrap.dedent("\n".join(self.lines[head : self.end(head)])))
            self._known[head] = list(_programs(tree, head)) if tree else None
        return self._known[head]


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
