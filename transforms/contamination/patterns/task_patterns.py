"""Evaluation tasks as patterns: the sets of n-grams whose presence in a text is evidence."""

import ast
import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from transforms.contamination.grams.canonical import (
    KNOWN,
    Canonical,
    bound_names,
    canonical,
    programs,
)
from transforms.contamination.grams.ngrams import CODE, DEFINED, TESTS, WORDS, grams
from transforms.contamination.patterns.stoplist import Stoplist, common
from transforms.lib.eval_sets import EvalTask
from transforms.lib.eval_sets.task import function_of
from transforms.lib.python.parsing import parse_or_none
from transforms.lib.python.syntax_trees import unparsed, walk

# Channels: documentation, tests, code, tree, name of the entry point.
DOC, TEST, PROGRAM, TREE, NAME = CHANNELS = ("D", "T", "C", "A", "N")
KINDS = {DOC: WORDS, TEST: TESTS, PROGRAM: CODE, TREE: CODE, NAME: DEFINED}
# The fewest n-grams by which a field can be checked, and the part of them that a text must hold,
# somewhere, to be looked at: below it no verdict could be reached.
FEWEST = {DOC: 3, TEST: 6, PROGRAM: 8, TREE: 1, NAME: 1}
PART = {DOC: 0.5, TEST: 0.4, PROGRAM: 0.5, TREE: 0.7, NAME: 1.0}
FEW_CODE = 4  # n-grams of code that count beside other evidence
TREE_NODES = 12  # of a function whose identity is evidence by itself
SMALL_NODES = 6  # of one whose identity counts beside other evidence
SHARED = 8  # tasks of one set that share an n-gram: it is the set's own boilerplate
FIELD_CHARACTERS = 100_000  # of a field that are read: some sets have megabytes of tests
SOLUTIONS = 8  # of a task
SAMPLE = 512  # n-grams of a pattern: beyond, those with the lowest hashes stand for all
# Where examples begin in a text that asks for a function; words before it are checked alone too.
EXAMPLES = re.compile(r">>>|\n\s*(?:[Ee]xamples?|[Ff]or [Ee]xample|[Ss]ample|e\.g\.)\b")


@dataclass
class Pattern:
    """Distinct n-grams (sorted uint64) of one text of a task; length in words or tokens."""

    task: int
    channel: str
    text: str
    grams: NDArray[np.uint64]
    length: int
    whole: bool = False  # whether all of it must be there

    @property
    def need(self) -> int:
        """Different n-grams that make a text a candidate."""
        least = {PROGRAM: FEW_CODE, TEST: 5}.get(self.channel, 1)
        few = self.whole or len(self.grams) < FEWEST[self.channel]
        part = 1.0 if few else PART[self.channel]
        return max(least, ceil(part * len(self.grams)))


@dataclass(frozen=True)
class Tree:
    """A function of a task, that is as good as its name for the task."""

    task: int
    digest: int
    nodes: int


def patterns_of(
    tasks: Sequence[EvalTask], stoplist: Stoplist, trees: Container[int]
) -> list[Pattern]:
    """The patterns of all tasks, without what is common or boilerplate; none is empty.

    trees: the tasks that have any; of others there is nothing to look for by A.
    """
    found = [
        p for i, task in enumerate(tasks) for p in _all(i, task) if p.channel != TREE or i in trees
    ]
    for channel in (DOC, TEST, PROGRAM):
        for suite in sorted({task.suite for task in tasks}):
            mine = [p for p in found if p.channel == channel and tasks[p.task].suite == suite]
            _leave_out_boilerplate(mine)
    known = {PROGRAM: stoplist.code, NAME: stoplist.name}
    for pattern in found:
        if pattern.channel in known:
            pattern.grams = pattern.grams[~common(pattern.grams, known[pattern.channel])]
        pattern.grams = np.sort(pattern.grams)[:SAMPLE]
    return [pattern for pattern in found if len(pattern.grams)]


def _all(number: int, task: EvalTask) -> Iterator[Pattern]:
    doc, tests = task.doc[:FIELD_CHARACTERS], task.tests[:FIELD_CHARACTERS]
    yield _pattern(number, DOC, doc)
    if (prose := EXAMPLES.split(doc)[0]) != doc:
        yield _pattern(number, DOC, prose)
    yield _pattern(number, TEST, tests)
    for solution in _solutions(task):
        for variant in _variants(solution):
            yield _pattern(number, PROGRAM, variant)
        for variant in _variants(_entry(solution, task.entry_point)):
            yield _pattern(number, TREE, variant)
    if task.entry_point:
        yield _pattern(number, NAME, f"def {task.entry_point}(")


def _pattern(task: int, channel: str, text: str) -> Pattern:
    found, _, length = grams(text.encode("utf-8", "replace"), KINDS[channel])
    return Pattern(task, channel, text, np.unique(found[found != 0]), length)


def _solutions(task: EvalTask) -> list[str]:
    return [solution[:FIELD_CHARACTERS] for solution in task.solutions[:SOLUTIONS]]


def _entry(solution: str, entry_point: str) -> str:
    """The function that is asked for, or the whole program."""
    function = function_of(solution, entry_point)
    return (function and ast.get_source_segment(solution, function)) or solution


def _variants(program: str) -> list[str]:
    """A program as it is, and as it would be with its own names where it shadows builtins."""
    tree = parse_or_none(program)
    if tree is None:
        return [program]
    shadowed = bound_names(tree) & KNOWN
    for node in walk(tree):
        if isinstance(node, ast.Name) and node.id in shadowed:
            node.id = f"own_{node.id}"
        elif isinstance(node, ast.arg) and node.arg in shadowed:
            node.arg = f"own_{node.arg}"
    return [program, unparsed(tree) or program]


def _leave_out_boilerplate(patterns: list[Pattern]) -> None:
    """Take away what many tasks of one set share, such as the frame of HumanEval's tests.

    Of documentation that is hardly more ("Write a function to find …") all must be there instead.
    """
    by_task: dict[int, set[int]] = {}
    for pattern in patterns:
        by_task.setdefault(pattern.task, set()).update(pattern.grams.tolist())
    counts = Counter(gram for held in by_task.values() for gram in held)
    most = max(2, min(SHARED, len(by_task) // 2))
    shared = np.array([gram for gram, count in counts.items() if count > most], np.uint64)
    for pattern in patterns:
        kept = pattern.grams[~np.isin(pattern.grams, shared)]
        few = len(kept) < FEWEST[DOC] <= len(pattern.grams)
        pattern.whole = pattern.channel == DOC and few
        pattern.grams = pattern.grams if pattern.whole else kept


def trees_of(tasks: Sequence[EvalTask], stoplist: Stoplist) -> list[Tree]:
    """The canonical functions of all tasks that are neither tiny nor common."""
    found = []
    for number, task in enumerate(tasks):
        for solution in _solutions(task):
            for form in _forms(solution, task.entry_point):
                if form.nodes >= SMALL_NODES:
                    found.append(Tree(number, form.digest, form.nodes))
    digests = np.array([tree.digest for tree in found], np.uint64)
    kept = ~common(digests, stoplist.tree)
    return [tree for tree, keep in zip(found, kept, strict=True) if keep]


def _forms(solution: str, entry_point: str) -> Iterator[Canonical]:
    function, tree = function_of(solution, entry_point), parse_or_none(solution)
    if function:
        yield canonical(function)
    elif tree:
        yield from (canonical(node) for _, node in programs(tree))
