"""The functions around given lines of a text.

Only the blocks around the lines are parsed, which is cheaper than to parse the whole text, and
works in files that Python refuses as a whole.
"""

import ast
import re
import textwrap
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from transforms.contamination.grams.canonical_trees import comparable_parts
from transforms.lib.python.parsing import parse_or_none
from transforms.lib.python.syntax_trees import Function

DEF_LINE = re.compile(r"[ \t]*(?:async[ \t]+)?def[ \t]")
# `def` lines above a place that are tried: a function that encloses the place is missed only if
# so many others begin between its head and the place.
DEFS_ABOVE = 50


@dataclass(frozen=True)
class LocatedFunction:
    """A function with its qualified name, or a module without functions (""), and its lines.

    first and last count from 1, and last belongs to the function.
    """

    name: str
    node: Function | ast.Module
    first: int
    last: int


@dataclass
class FunctionBlocks:
    """The functions of one text, found by blocks.

    A *block* begins with a line that has a `def`, its *head* (a line number from 0), and goes on
    up to the first line that is indented no deeper.
    """

    lines: Sequence[str]
    _parsed: dict[int, list[LocatedFunction] | None] = field(default_factory=dict)
    _ends: dict[int, int] = field(default_factory=dict)

    @cached_property
    def all(self) -> list[LocatedFunction]:
        """All functions of the text; if Python refuses it, those of every block that it takes."""
        tree = parse_or_none("\n".join(self.lines))
        if tree:
            return list(_located(tree, 0))
        return [function for head in self.heads for function in self.parse_block(head) or ()]

    @cached_property
    def heads(self) -> list[int]:
        """The lines, from 0, with a `def`."""
        return [number for number, line in enumerate(self.lines) if DEF_LINE.match(line)]

    def around(self, first: int, last: int) -> list[LocatedFunction]:
        """The functions that begin in lines `first` to `last` (from 1) or enclose them.

        It may return other functions too: the caller checks their lines.
        """
        low, high = bisect_left(self.heads, first - 1), bisect_left(self.heads, last)
        above = self.heads[max(0, low - DEFS_ABOVE) : low]
        enclosing = (head for head in above if self.block_end(head) >= first)
        blocks = [self.parse_block(head) for head in (*enclosing, *self.heads[low:high])]
        # A block that does not parse may be cut, as where a string goes on at the margin; a text
        # without any `def` may be one module. Then the whole text is parsed.
        if None in blocks or not self.heads:
            return self.all
        return [function for block in blocks for function in block or ()]

    def block_end(self, head: int) -> int:
        """The number of the last line of a block, from 1."""
        if head not in self._ends:
            depth, rest = _indentation(self.lines[head]), range(head + 1, len(self.lines))
            inside = (n for n in rest if not _continues_any_block(self.lines[n]))
            ends = (n for n in inside if _indentation(self.lines[n]) <= depth)
            self._ends[head] = next(ends, len(self.lines))
        return self._ends[head]

    def parse_block(self, head: int) -> list[LocatedFunction] | None:
        """The functions of a block; None if Python refuses it."""
        if head not in self._parsed:
            tree = parse_or_none(
                textwrap.dedent("\n".join(self.lines[head : self.block_end(head)]))
            )
            self._parsed[head] = list(_located(tree, head)) if tree else None
        return self._parsed[head]


def _continues_any_block(line: str) -> bool:
    """Whether a line ends no block, however little it is indented."""
    return line.lstrip()[:1] in ("", "#", ")", "]", "}")


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _located(tree: ast.Module, before: int) -> Iterator[LocatedFunction]:
    """The functions of a tree, whose source follows `before` lines of the text."""
    for name, node in comparable_parts(tree):
        first, last = getattr(node, "lineno", 1), getattr(node, "end_lineno", None)
        yield LocatedFunction(name, node, before + first, before + (last or first))
