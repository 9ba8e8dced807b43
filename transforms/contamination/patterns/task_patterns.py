"""Evaluation tasks as patterns: the sets of n-grams whose presence in a text is evidence."""

import ast
import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from transforms.contamination.grams.canonical_trees import (
    BUILTIN_NAMES,
    bound_names,
    canonical_tree,
    comparable_parts,
)
from transforms.contamination.grams.ngrams import (
    CODE_GRAMS,
    DEFINED_NAMES,
    SIGNATURES,
    TEST_GRAMS,
    WORD_GRAMS,
    grams,
)
from transforms.contamination.patterns.stoplist import Stoplist, are_common
from transforms.contamination.views.plain_characters import plain_text
from transforms.lib.eval_sets import EvalTask
from transforms.lib.eval_sets.eval_task import function_of, signature, top_functions
from transforms.lib.python.parsing import parse_or_none
from transforms.lib.python.syntax_trees import Function, bare_string, unparsed, walk

# The channels that are searched: documentation, tests, code, syntax tree, name of the entry point,
# and its whole signature.
DOC, TEST, CODE, TREE, NAME, SIGNATURE = CHANNELS = ("D", "T", "C", "A", "N", "S")
# The column of `eval_tasks` that holds the state of a channel, for those that have one.
STATE_COLUMNS = {DOC: "doc", TEST: "tests", CODE: "code", TREE: "tree", NAME: "name"}
# The n-grams of each channel. A tree is looked for where n-grams of its code are found.
GRAMS_OF_CHANNEL = {
    DOC: WORD_GRAMS,
    TEST: TEST_GRAMS,
    CODE: CODE_GRAMS,
    TREE: CODE_GRAMS,
    NAME: DEFINED_NAMES,
    SIGNATURE: SIGNATURES,
}
# The fewest n-grams by which a channel can check a task: with fewer, chance would find them.
MIN_GRAMS = {DOC: 3, TEST: 6, CODE: 8, TREE: 1, NAME: 1, SIGNATURE: 1}
# The part of a pattern's n-grams that makes a text a candidate. Below it `verdict` would ignore a
# D, T or C match, and no function is compared for A.
MIN_CONTAINMENT = {DOC: 0.5, TEST: 0.4, CODE: 0.5, TREE: 0.7, NAME: 1.0, SIGNATURE: 1.0}
MIN_WEAK_TEST_GRAMS = 5  # n-grams of tests, see `verdict`
MIN_FAINT_CODE_GRAMS = 4  # n-grams of code that count beside other evidence
MIN_STRONG_TREE_NODES = 12  # of a function: when it is the same, that is evidence by itself
MIN_STRONG_LINE_NODES = 20  # of a function that is one simple statement: many write the same
MIN_FAINT_TREE_NODES = 6  # of a function: when it is the same, that counts beside other evidence
MIN_ANNOTATIONS = 2  # in a signature whose name is common, or it is common too
MAX_HELPERS = 0.75  # the part of a program that is a hit by itself
MAX_SHARING_TASKS = 8  # an n-gram that more tasks of one set share is the set's boilerplate
MAX_FIELD_CHARACTERS = 100_000  # read of a field: some sets have megabytes of tests for a task
MAX_TASK_SOLUTIONS = 8  # read of a task
MAX_PATTERN_GRAMS = 512  # a longer text keeps only those with the lowest hashes, as a sample
# Where examples begin in the words of a task; the words before them are a pattern of their own.
EXAMPLES_BEGIN = re.compile(r">>>|\n\s*(?:[Ee]xamples?|[Ff]or [Ee]xample|[Ss]ample|e\.g\.)\b")


@dataclass
class Pattern:
    """The n-grams of one text of a task, in one channel.

    grams: uint64, distinct and sorted; length: of the text, in words or tokens; all_or_nothing:
    whether only all n-grams together are evidence; helpers: whether so many n-grams are of other
    functions than the entry point that a text may have enough of them without it.
    """

    task: int
    channel: str
    text: str
    grams: NDArray[np.uint64]
    length: int
    all_or_nothing: bool = False
    helpers: bool = False

    @property
    def need(self) -> int:
        """How many different n-grams of the pattern make a text a candidate."""
        least = {CODE: MIN_FAINT_CODE_GRAMS, TEST: MIN_WEAK_TEST_GRAMS}.get(self.channel, 1)
        all_needed = self.all_or_nothing or len(self.grams) < MIN_GRAMS[self.channel]
        part = 1.0 if all_needed else MIN_CONTAINMENT[self.channel]
        return max(least, ceil(part * len(self.grams)))


@dataclass(frozen=True)
class TaskTree:
    """The canonical tree of a function of a task.

    nodes: how many count; of a function that is one line, too few to be evidence by itself.
    """

    task: int
    digest: int
    nodes: int


def patterns_of(
    tasks: Sequence[EvalTask], stoplist: Stoplist, with_trees: Container[int]
) -> list[Pattern]:
    """The patterns of all tasks, without n-grams that are common or boilerplate; none is empty.

    with_trees: the tasks that `trees_of` has trees of. The others get no pattern of channel A.
    """
    patterns = [
        pattern
        for number, task in enumerate(tasks)
        for pattern in _patterns(number, task)
        if pattern.channel != TREE or number in with_trees
    ]
    for channel in (DOC, TEST, CODE):
        for suite in sorted({task.suite for task in tasks}):
            _leave_out_boilerplate(
                [p for p in patterns if p.channel == channel and tasks[p.task].suite == suite]
            )
    common = {CODE: stoplist.code, NAME: stoplist.name}
    for pattern in patterns:
        if pattern.channel == SIGNATURE and pattern.text.count(":") < MIN_ANNOTATIONS:
            name = grams(pattern.text.encode(), DEFINED_NAMES)[0][:1]
            pattern.grams = (
                pattern.grams[:0] if are_common(name, common[NAME]).any() else pattern.grams
            )
        if pattern.channel in common:
            pattern.grams = pattern.grams[~are_common(pattern.grams, common[pattern.channel])]
        if pattern.channel == CODE and pattern.text.count("def ") > 1:
            own = np.isin(pattern.grams, _own_grams(pattern.text, tasks[pattern.task].entry_point))
            others = len(pattern.grams) - np.count_nonzero(own)
            pattern.helpers = bool(others >= MAX_HELPERS * len(pattern.grams))
        pattern.grams = np.sort(pattern.grams)[:MAX_PATTERN_GRAMS]
    return [pattern for pattern in patterns if len(pattern.grams)]


def _patterns(number: int, task: EvalTask) -> Iterator[Pattern]:
    doc, tests = task.doc[:MAX_FIELD_CHARACTERS], task.tests[:MAX_FIELD_CHARACTERS]
    yield _pattern(number, DOC, doc)
    if (prose := EXAMPLES_BEGIN.split(doc)[0]) != doc:
        yield _pattern(number, DOC, prose)
    yield _pattern(number, TEST, tests)
    for solution in _solutions(task):
        for variant in _variants(solution):
            yield _pattern(number, CODE, variant)
        for variant in _variants(_entry_function(solution, task.entry_point)):
            yield _pattern(number, TREE, variant)
    if task.entry_point:
        yield _pattern(number, NAME, f"def {task.entry_point}(")
        yield _pattern(number, SIGNATURE, _signature(task))


def _signature(task: EvalTask) -> str:
    """The `def` line of a task; "" if it has no parameters, so that it is the name alone."""
    known = task.signature or "".join(signature(s, task.entry_point) for s in task.solutions[:1])
    return "" if f"{task.entry_point}()" in known else known


def _pattern(task: int, channel: str, text: str) -> Pattern:
    text = plain_text(text)
    hashes, _, length = grams(text.encode("utf-8", "replace"), GRAMS_OF_CHANNEL[channel])
    return Pattern(task, channel, text, np.unique(hashes[hashes != 0]), length)


def _solutions(task: EvalTask) -> list[str]:
    return [solution[:MAX_FIELD_CHARACTERS] for solution in task.solutions[:MAX_TASK_SOLUTIONS]]


def _entry_function(solution: str, entry_point: str) -> str:
    """The source of the entry point, or the whole solution if it defines no such function."""
    function = function_of(solution, entry_point)
    return (function and ast.get_source_segment(solution, function)) or solution


def _own_grams(program: str, entry_point: str) -> NDArray[np.uint64]:
    """The n-grams of code in the body of the entry point; of all if it is the only function."""
    function = function_of(program, entry_point)
    if function is None or top_functions(program) == [entry_point]:
        return grams(program.encode("utf-8", "replace"), CODE_GRAMS)[0]
    lines = program.split("\n")[function.body[0].lineno - 1 : function.end_lineno]
    return grams("\n".join(lines).encode("utf-8", "replace"), CODE_GRAMS)[0]


def _variants(program: str) -> list[str]:
    """A program as it is, and as it would be if it shadowed no builtins.

    `list = []` keeps the name `list` as it is, and a leak that renames the variable makes it
    anonymous: the second variant finds that leak.
    """
    tree = parse_or_none(program)
    if tree is None:
        return [program]
    shadowed = bound_names(tree) & BUILTIN_NAMES
    for node in walk(tree):
        if isinstance(node, ast.Name) and node.id in shadowed:
            node.id = f"own_{node.id}"
        elif isinstance(node, ast.arg) and node.arg in shadowed:
            node.arg = f"own_{node.arg}"
    return [program, unparsed(tree) or program]


def _leave_out_boilerplate(patterns: list[Pattern]) -> None:
    """Remove n-grams that many tasks of one set share, such as the frame of HumanEval's tests.

    Documentation that would keep too few ("Write a function to find …") keeps all of them, and
    then a text must have all of them too.
    """
    by_task: dict[int, set[int]] = {}
    for pattern in patterns:
        by_task.setdefault(pattern.task, set()).update(pattern.grams.tolist())
    counts = Counter(gram for task_grams in by_task.values() for gram in task_grams)
    most = max(2, min(MAX_SHARING_TASKS, len(by_task) // 2))
    shared = np.array([gram for gram, count in counts.items() if count > most], np.uint64)
    for pattern in patterns:
        kept = pattern.grams[~np.isin(pattern.grams, shared)]
        few = len(kept) < MIN_GRAMS[DOC] <= len(pattern.grams)
        pattern.all_or_nothing = pattern.channel == DOC and few
        pattern.grams = pattern.grams if pattern.all_or_nothing else kept


def trees_of(tasks: Sequence[EvalTask], stoplist: Stoplist) -> list[TaskTree]:
    """The canonical trees of all tasks' functions that are neither tiny nor common."""
    trees = []
    for number, task in enumerate(tasks):
        for solution in _solutions(task):
            for node in _compared_functions(solution, task.entry_point):
                tree = canonical_tree(node)
                tiny = tree.nodes < MIN_STRONG_LINE_NODES and _is_one_line(node)
                nodes = min(tree.nodes, MIN_STRONG_TREE_NODES - 1) if tiny else tree.nodes
                if tree.nodes >= MIN_FAINT_TREE_NODES:
                    trees.append(TaskTree(number, tree.digest, nodes))
    digests = np.array([tree.digest for tree in trees], np.uint64)
    kept = ~are_common(digests, stoplist.tree)
    return [tree for tree, keep in zip(trees, kept, strict=True) if keep]


def _compared_functions(solution: str, entry_point: str) -> Iterator[Function | ast.Module]:
    """The entry point; if there is no such function, all functions."""
    function, module = function_of(solution, entry_point), parse_or_none(solution)
    if function:
        yield function
    elif module:
        yield from (node for _, node in comparable_parts(module))


def _is_one_line(node: Function | ast.Module) -> bool:
    """Whether a function is one simple statement beside its docstring."""
    body = [statement for statement in node.body if bare_string(statement) is None]
    return len(body) == 1 and not hasattr(body[0], "body")
