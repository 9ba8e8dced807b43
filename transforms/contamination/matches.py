"""How much of each pattern one text holds, and where: exact, for candidates of the first pass."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from transforms.contamination.grams.canonical_trees import canonical_tree
from transforms.contamination.grams.enclosing_functions import FunctionBlocks
from transforms.contamination.grams.gram_table import find_grams
from transforms.contamination.grams.ngrams import GRAM_SIZES, grams
from transforms.contamination.grams.raw_tokens import Tokens
from transforms.contamination.patterns.task_index import TaskIndex
from transforms.contamination.patterns.task_patterns import (
    GRAMS_OF_CHANNEL,
    MIN_CONTAINMENT,
    MIN_STRONG_LINE_NODES,
    MIN_STRONG_TREE_NODES,
    TREE,
)
from transforms.contamination.views.layers import Layer
from transforms.lib.compiled import kernel
from transforms.lib.python.lexing import LINE_FEED
from transforms.lib.python.syntax_trees import size

# How much longer than the pattern the window may be in which its n-grams are counted: comments,
# messages and layout come between them, other functions of a long file do not.
WINDOW_FACTOR, WINDOW_SLACK = 1.5, 8  # the slack is words or tokens


@dataclass(frozen=True)
class Match:
    """A pattern that a text holds, all or in part, between the bytes `begin` and `end`.

    found: how many of the `total` n-grams of the pattern; for a tree (channel A) both are its
    nodes. all_or_nothing: whether only all n-grams together are evidence; helpers: whether a text
    may have as many without the entry point; part: which of the examined parts of a row it is in.
    """

    task: int
    channel: str
    pattern: int
    found: int
    total: int
    begin: int
    end: int
    all_or_nothing: bool
    helpers: bool = False
    part: int = 0

    @property
    def score(self) -> float:
        """The containment: which part of the pattern the text holds, from 0 to 1."""
        return self.found / self.total


@dataclass(frozen=True)
class KnownGrams:
    """The n-grams of a text that are keys of the index's table.

    positions: int64, the words or tokens they begin with; keys: int32, the keys; tokens: all of
    the text.
    """

    positions: NDArray[np.int64]
    keys: NDArray[np.int32]
    tokens: Tokens


@dataclass
class ExaminedText:
    r"""A text or a piece or a view of one, with `\n` line breaks, and what is computed of it.

    layer, text: the layer and its text that it is part of; start: the byte of the layer at which
    it begins.
    """

    content: bytes
    index: TaskIndex
    layer: Layer
    text: int
    start: int
    _known_grams: dict[int, KnownGrams] = field(default_factory=dict)

    def known_grams(self, kind: int) -> KnownGrams:
        """The text's n-grams of a kind that some pattern has."""
        if kind not in self._known_grams:
            hashes, tokens, _ = grams(self.content, kind)
            keys = find_grams(hashes, self.index.table)
            positions = np.flatnonzero(keys >= 0)
            self._known_grams[kind] = KnownGrams(positions, keys[positions], tokens)
        return self._known_grams[kind]

    @cached_property
    def functions(self) -> FunctionBlocks:
        """The functions of the text, which are parsed when they are asked for."""
        return FunctionBlocks(self.content.decode("utf-8", "replace").split("\n"))

    @cached_property
    def line_offsets(self) -> list[int]:
        """The byte at which each line begins, and the length of the text."""
        breaks = np.flatnonzero(np.frombuffer(self.content, np.uint8) == LINE_FEED) + 1
        return [0, *breaks.tolist(), len(self.content)]

    @property
    def view(self) -> str:
        """The views that led to it, as `hits` names them; "" for the text as it is."""
        return self.layer.view(self.text)

    def line_of(self, offset: int) -> int:
        """The line of `content`, from 1, that a byte belongs to."""
        return self.content.count(b"\n", 0, offset) + 1

    def line_in_row(self, offset: int) -> int:
        """The line of the row that is checked, from 1, from which a byte of `content` comes."""
        if self.layer.below is None:
            return self.layer.line_of(self.text, self.start) - 1 + self.line_of(offset)
        return self.layer.line_of(self.text, self.start + offset)


def matches(text: ExaminedText, patterns: Sequence[int]) -> Iterator[Match]:
    """The matches of these patterns in the text, each where its n-grams stand densest.

    Small trees count beside other evidence only, so a task that has no larger one is searched for
    trees only if the first pass found a pattern of another channel too.
    """
    channels, tasks = text.index.channels, text.index.task
    trees = [pattern for pattern in patterns if channels[pattern] == TREE]
    others = [pattern for pattern in patterns if channels[pattern] != TREE]
    yield from filter(None, (_densest_match(text, pattern) for pattern in others))
    traced = {int(tasks[pattern]) for pattern in others}
    for pattern in trees:
        task = int(tasks[pattern])
        if task in traced or text.index.largest_tree(task) >= MIN_STRONG_TREE_NODES:
            match = _densest_match(text, pattern)
            if match and match.score >= MIN_CONTAINMENT[TREE]:
                yield from _equal_trees(text, match)


def _densest_match(text: ExaminedText, pattern: int) -> Match | None:
    """The window of the text with the most different n-grams of a pattern; None if it has none."""
    index, channel = text.index, text.index.channels[pattern]
    kind = GRAMS_OF_CHANNEL[channel]
    known, keys = text.known_grams(kind), index.keys_of(pattern)
    is_of_pattern = np.isin(known.keys, keys)
    grams_of_pattern = np.searchsorted(keys, known.keys[is_of_pattern])
    width = int(WINDOW_FACTOR * index.length[pattern]) + WINDOW_SLACK
    found, first, last = densest_window(
        known.positions[is_of_pattern], grams_of_pattern, len(keys), width
    )
    if not found:
        return None
    return Match(
        task=int(index.task[pattern]),
        channel=channel,
        pattern=pattern,
        found=found,
        total=len(keys),
        begin=int(known.tokens.start[first]),
        end=int(known.tokens.stop[last + GRAM_SIZES[kind] - 1]),
        all_or_nothing=bool(index.all_or_nothing[pattern]),
        helpers=bool(index.helpers[pattern]),
    )


@kernel
def densest_window(positions, grams_of_pattern, count, width):  # type: ignore[no-untyped-def]
    """The first window with the most different n-grams: how many, its first and last position.

    positions: sorted; grams_of_pattern: which n-gram begins there, from 0 to count - 1; width: the
    most by which the last position may be greater than the first.

    >>> positions, grams_of_pattern = np.array([0, 1, 50, 51, 52]), np.array([0, 0, 0, 2, 1])
    >>> [int(number) for number in densest_window(positions, grams_of_pattern, 3, 10)]
    [3, 50, 52]
    """
    inside = np.zeros(count, np.int32)
    different = best = low = first = last = 0
    for high in range(len(positions)):
        different += inside[grams_of_pattern[high]] == 0
        inside[grams_of_pattern[high]] += 1
        while positions[high] - positions[low] > width:
            inside[grams_of_pattern[low]] -= 1
            different -= inside[grams_of_pattern[low]] == 0
            low += 1
        if different > best:
            best, first, last = different, positions[low], positions[high]
    return best, first, last


def _equal_trees(text: ExaminedText, match: Match) -> Iterator[Match]:
    """A match for each function around the match of a tree's n-grams that has the task's tree."""
    trees = text.index.trees.get(match.task, {})
    # Docstring, annotations and decorators are not part of the tree, but make a function larger.
    most = 2 * max(MIN_STRONG_LINE_NODES, text.index.largest_tree(match.task))
    first, last = text.line_of(match.begin), text.line_of(match.end)
    for function in text.functions.around(first, last):
        if function.last < first or function.first > last or size(function.node, most) > most:
            continue
        tree = canonical_tree(function.node)
        if tree.digest in trees:
            begin = text.line_offsets[function.first - 1]
            end = text.line_offsets[function.last]
            nodes = trees[tree.digest]
            yield replace(match, found=nodes, total=nodes, begin=begin, end=end)
