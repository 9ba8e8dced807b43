"""One text against the patterns that the first pass found in it: exact scores and places."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from transforms.contamination.grams.blocks import Blocks
from transforms.contamination.grams.canonical import canonical
from transforms.contamination.grams.lexer import NEWLINE, Tokens
from transforms.contamination.grams.ngrams import SIZES, grams
from transforms.contamination.grams.scan import densest, places
from transforms.contamination.patterns.index import Index
from transforms.contamination.patterns.task_patterns import KINDS, PART, TREE, TREE_NODES
from transforms.lib.python.syntax_trees import size

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


@dataclass(frozen=True)
class Found:
    """positions: int64, tokens at which an n-gram begins that is a key; keys: int32, which."""

    positions: NDArray[np.int64]
    keys: NDArray[np.int32]
    tokens: Tokens


@dataclass
class Text:
    """One text, with what is computed of it on demand."""

    content: bytes
    index: Index
    _found: dict[int, Found] = field(default_factory=dict)

    def found(self, kind: int) -> Found:
        """Its n-grams of a kind that any pattern has."""
        if kind not in self._found:
            hashes, tokens, _ = grams(self.content, kind)
            keys = places(hashes, self.index.table)
            positions = np.flatnonzero(keys >= 0)
            self._found[kind] = Found(positions, keys[positions], tokens)
        return self._found[kind]

    @cached_property
    def blocks(self) -> Blocks:
        """Its functions."""
        return Blocks(self.content.decode("utf-8", "replace").split("\n"))

    @cached_property
    def begins(self) -> list[int]:
        """Where each line begins, and the end; bytes."""
        breaks = np.flatnonzero(np.frombuffer(self.content, np.uint8) == NEWLINE) + 1
        return [0, *breaks.tolist(), len(self.content)]

    def line(self, place: int) -> int:
        """The line, from 1, that a byte stands in."""
        return self.content.count(b"\n", 0, place) + 1


def matches(text: Text, patterns: Sequence[int]) -> Iterator[Match]:
    """What stands in the text of these patterns, each at its densest place.

    Small trees count beside other evidence only: without a trace of any they are not looked for.
    """
    channels, tasks = text.index.channels, text.index.task
    trees = [pattern for pattern in patterns if channels[pattern] == TREE]
    others = [pattern for pattern in patterns if channels[pattern] != TREE]
    yield from filter(None, (_densest(text, pattern) for pattern in others))
    traced = {int(tasks[pattern]) for pattern in others}
    for pattern in trees:
        task = int(tasks[pattern])
        if task in traced or text.index.largest_tree(task) >= TREE_NODES:
            match = _densest(text, pattern)
            if match and match.score >= PART[TREE]:
                yield from _trees(text, match)


def _densest(text: Text, pattern: int) -> Match | None:
    index, channel = text.index, text.index.channels[pattern]
    kind = KINDS[channel]
    found, keys = text.found(kind), index.keys_of(pattern)
    mine = np.isin(found.keys, keys)
    kinds = np.searchsorted(keys, found.keys[mine])
    width = int(STRETCH * index.length[pattern]) + SLACK
    hit, first, last = densest(found.positions[mine], kinds, len(keys), width)
    if not hit:
        return None
    begin, end = found.tokens.start[first], found.tokens.stop[last + SIZES[kind] - 1]
    return Match(
        int(index.task[pattern]),
        channel,
        pattern,
        hit,
        len(keys),
        int(begin),
        int(end),
        bool(index.whole[pattern]),
    )


def _trees(text: Text, match: Match) -> Iterator[Match]:
    """The functions around a match of tokens that are the task's function."""
    known = text.index.trees.get(match.task, {})
    most = text.index.largest_tree(match.task)
    first, last = text.line(match.begin), text.line(match.end)
    for program in text.blocks.at(first, last):
        if program.last < first or program.first > last or size(program.node, 2 * most) > 2 * most:
            continue
        form = canonical(program.node)
        if form.digest in known:
            begin, end = text.begins[program.first - 1], text.begins[program.last]
            yield replace(match, hit=form.nodes, total=form.nodes, begin=begin, end=end)
