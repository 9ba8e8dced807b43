"""One text against the patterns that the first pass found in it: exact scores and places."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from transforms.contamination.blocks import Program, all_programs, programs_at
from transforms.contamination.canonical import canonical
from transforms.contamination.grams import SIZES, grams
from transforms.contamination.index import Index
from transforms.contamination.lexer import NEWLINE, Tokens
from transforms.contamination.patterns import KINDS, PART, TREE
from transforms.contamination.scan import densest, places
from transforms.syntax import size

# How much longer than the pattern the place may be where its n-grams are counted: comments,
# messages and layout come between, other functions of a long file do not.
STRETCH, SLACK = 1.5, 8


@dataclass(frozen=True)
class Match:
    """A pattern found in a text; begin and end are bytes of the text.

    hit of total n-grams; of a tree its nodes, twice; score is their quotient.
    """

    task: int
    channel: str
    pattern: int
    hit: int
    total: int
    begin: int
    end: int
    whole: bool  # whether less than all of the pattern is nothing

    @property
    def score(self) -> float:
        """Containment: the part of the pattern that the text holds."""
        return self.hit / self.total


@dataclass
class Text:
    """One text, with what is computed of it on demand."""

    content: bytes
    index: Index
    _found: dict[int, tuple[NDArray[np.int32], Tokens]] = field(default_factory=dict)

    def found(self, kind: int) -> tuple[NDArray[np.int32], Tokens]:
        """The keys of the n-grams of a kind, by token (-1 for none), and the tokens."""
        if kind not in self._found:
            hashes, tokens, _ = grams(self.content, kind)
            self._found[kind] = places(hashes, self.index.table), tokens
        return self._found[kind]

    @cached_property
    def lines(self) -> list[str]:
        """The lines, without their ends."""
        return self.content.decode("utf-8", "replace").split("\n")

    @cached_property
    def begins(self) -> list[int]:
        """Where each line begins, and the end; bytes."""
        breaks = np.flatnonzero(np.frombuffer(self.content, np.uint8) == NEWLINE) + 1
        return [0, *breaks.tolist(), len(self.content)]

    def line(self, place: int) -> int:
        """The line, from 1, that a byte stands in."""
        return self.content.count(b"\n", 0, place) + 1

    @cached_property
    def programs(self) -> list[Program]:
        """All of its functions."""
        return all_programs(self.lines)

    def programs_at(self, first: int, last: int) -> list[Program]:
        """Its functions that begin in or around these lines, or more."""
        near = programs_at(self.lines, first, last) if b"def " in self.content else None
        return self.programs if near is None else near


def matches(text: Text, patterns: Iterable[int]) -> Iterator[Match]:
    """What stands in the text of these patterns, each at its densest place."""
    for pattern in patterns:
        match = _densest(text, pattern)
        if match is None or (match.channel == TREE and match.score < PART[TREE]):
            continue
        if match.channel == TREE:
            yield from _trees(text, match)
        else:
            yield match


def _densest(text: Text, pattern: int) -> Match | None:
    index, channel = text.index, text.index.channels[pattern]
    kind = KINDS[channel]
    found, tokens = text.found(kind)
    keys = index.keys_of(pattern)
    positions = np.flatnonzero(np.isin(found, keys))
    kinds = np.searchsorted(keys, found[positions])
    width = int(STRETCH * index.length[pattern]) + SLACK
    hit, first, last = densest(positions, kinds, len(keys), width)
    if not hit:
        return None
    end = tokens.stop[last + SIZES[kind] - 1]
    return Match(int(index.task[pattern]), channel, pattern, hit, len(keys),
                 int(tokens.start[first]), int(end), bool(index.whole[pattern]))  # fmt: skip


def _trees(text: Text, match: Match) -> Iterator[Match]:
    """The functions around a match of tokens that are the task's function."""
    known = text.index.trees.get(match.task, {})
    most = max(known.values(), default=0)
    first, last = text.line(match.begin), text.line(match.end)
    for program in text.programs_at(first, last):
        if program.last < first or program.first > last or size(program.node, 2 * most) > 2 * most:
            continue
        form = canonical(program.node)
        if form.digest in known:
            begin, end = text.begins[program.first - 1], text.begins[program.last]
            yield replace(match, hit=form.nodes, total=form.nodes, begin=begin, end=end)
