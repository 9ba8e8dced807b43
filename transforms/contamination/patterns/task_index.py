"""The index of all evaluation tasks: the launcher builds it once, and every worker loads it."""

import io
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transforms.contamination.grams.gram_table import GramTable, make_gram_table
from transforms.contamination.patterns.stoplist import Stoplist
from transforms.contamination.patterns.task_patterns import (
    DOC,
    MIN_GRAMS,
    MIN_STRONG_TREE_NODES,
    NAME,
    STATE_COLUMNS,
    TEST,
    TREE,
    Pattern,
    TaskTree,
    patterns_of,
    trees_of,
)
from transforms.lib.eval_sets import EvalTask

KEPT_TEXT_CHARACTERS = 4_000  # of a pattern's text, to show it as evidence
ARRAY_FIELDS = ("task", "length", "all_or_nothing", "helpers", "bounds", "key_numbers")
# States of a channel of a task, as `eval_tasks` has them: it is checked, or why it is not.
CHECKED, EMPTY, SHORT, COMMON = "checked", "empty", "short", "common"


@dataclass(frozen=True)
class IndexedTask:
    """What `eval_tasks` says of a task; states: by channel, CHECKED or why it cannot check it."""

    suite: str
    version: str
    split: str
    task_id: str
    entry_point: str
    licence: str
    sha256: str
    states: dict[str, str]

    def checkable(self) -> bool:
        """Whether any channel checks it that can give a verdict by itself."""
        return any(self.states[channel] == CHECKED for channel in STATE_COLUMNS if channel != NAME)


@dataclass(frozen=True)
class TaskIndex:
    """All tasks, their patterns and their trees.

    By pattern: channels; texts, cut; task and length (of its text in words or tokens), int32;
    all_or_nothing, bool (whether only all n-grams together are evidence); helpers, bool (whether
    enough of them are of other functions than the entry point). The n-grams of pattern i
    are the table's keys number key_numbers[bounds[i]:bounds[i + 1]], int32, sorted. trees: by task,
    {digest: nodes}.
    """

    tasks: tuple[IndexedTask, ...]
    channels: tuple[str, ...]
    texts: tuple[str, ...]
    task: NDArray[np.int32]
    length: NDArray[np.int32]
    all_or_nothing: NDArray[np.bool_]
    helpers: NDArray[np.bool_]
    bounds: NDArray[np.int32]
    key_numbers: NDArray[np.int32]
    trees: dict[int, dict[int, int]]
    table: GramTable

    def keys_of(self, pattern: int) -> NDArray[np.int32]:
        """The sorted keys of the table that are a pattern's n-grams."""
        return self.key_numbers[self.bounds[pattern] : self.bounds[pattern + 1]]

    def largest_tree(self, task: int) -> int:
        """How many nodes the largest tree of a task has; 0 if it has no tree."""
        return max(self.trees.get(task, {}).values(), default=0)

    @property
    def nbytes(self) -> int:
        """The bytes that arrays and texts take in memory."""
        arrays: list[NDArray] = [*self.table, *(getattr(self, name) for name in ARRAY_FIELDS)]
        return sum(array.nbytes for array in arrays) + sum(map(len, self.texts))


def make_index(tasks: Sequence[EvalTask], stoplist: Stoplist) -> TaskIndex:
    """The index of tasks, which may be of several sets."""
    trees = trees_of(tasks, stoplist)
    patterns = patterns_of(tasks, stoplist, {tree.task for tree in trees})
    states = _states(tasks, patterns, trees)
    indexed = tuple(
        IndexedTask(
            t.suite, t.version, t.split, t.task_id, t.entry_point, t.licence, t.sha256, state
        )
        for t, state in zip(tasks, states, strict=True)
    )
    return TaskIndex(
        tasks=indexed,
        channels=tuple(p.channel for p in patterns),
        texts=tuple(p.text[:KEPT_TEXT_CHARACTERS] for p in patterns),
        trees=_by_task((tree.task, tree.digest, tree.nodes) for tree in trees),
        **_arrays(patterns),
    )


def _by_task(trees: Iterable[tuple[int, int, int]]) -> dict[int, dict[int, int]]:
    by_task: dict[int, dict[int, int]] = {}
    for task, digest, nodes in trees:
        by_task.setdefault(task, {})[digest] = nodes
    return by_task


def _arrays(patterns: list[Pattern]) -> dict:
    """The fields of TaskIndex that are made of the patterns' n-grams."""
    sizes = np.array([len(p.grams) for p in patterns], np.int32)
    owners = np.repeat(np.arange(len(patterns), dtype=np.int32), sizes)
    grams = np.concatenate([np.empty(0, np.uint64), *(p.grams for p in patterns)])
    need = np.array([p.need for p in patterns], np.int32)
    table = make_gram_table(grams, owners, need)
    return {
        "task": np.array([p.task for p in patterns], np.int32),
        "length": np.array([p.length for p in patterns], np.int32),
        "all_or_nothing": np.array([p.all_or_nothing for p in patterns], np.bool_),
        "helpers": np.array([p.helpers for p in patterns], np.bool_),
        "bounds": np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        "key_numbers": np.searchsorted(table.keys, grams).astype(np.int32),
        "table": table,
    }


def _states(
    tasks: Sequence[EvalTask], patterns: list[Pattern], trees: list[TaskTree]
) -> list[dict[str, str]]:
    """By task and channel, CHECKED or why the channel cannot check the task."""
    most_grams: dict[tuple[int, str], int] = {}
    for pattern in patterns:
        key = pattern.task, pattern.channel
        most_grams[key] = max(most_grams.get(key, 0), len(pattern.grams))
    largest: dict[int, int] = {}
    for tree in trees:
        largest[tree.task] = max(largest.get(tree.task, 0), tree.nodes)
    return [
        {c: _state(task, c, most_grams.get((i, c), 0), largest.get(i, 0)) for c in STATE_COLUMNS}
        for i, task in enumerate(tasks)
    ]


def _state(task: EvalTask, channel: str, grams: int, nodes: int) -> str:
    fields = {DOC: task.doc, TEST: task.tests, NAME: task.entry_point}
    if not fields.get(channel, "".join(task.solutions)).strip():
        return EMPTY
    if channel == TREE:
        return CHECKED if nodes >= MIN_STRONG_TREE_NODES and grams else SHORT
    if channel == NAME:
        return CHECKED if grams else COMMON
    return CHECKED if grams >= MIN_GRAMS[channel] else SHORT


def dump_index(index: TaskIndex) -> bytes:
    """The index as the content of an .npz file, which `load_index` reads."""
    trees = [(task, *tree) for task, of_task in index.trees.items() for tree in of_task.items()]
    words = {
        "tasks": [vars(task) for task in index.tasks],
        "channels": index.channels,
        "texts": index.texts,
        "trees": trees,
    }
    packed = zlib.compress(json.dumps(words).encode())
    arrays = {name: getattr(index, name) for name in ARRAY_FIELDS}
    arrays |= {f"table_{name}": array for name, array in index.table._asdict().items()}
    sink = io.BytesIO()
    np.savez(sink, words=np.frombuffer(packed, np.uint8), **arrays)
    return sink.getvalue()


def load_index(content: bytes) -> TaskIndex:
    """The index that `dump_index` made the content of."""
    with np.load(io.BytesIO(content)) as file:
        words = json.loads(zlib.decompress(file["words"].tobytes()))
        table = GramTable(*(file[f"table_{name}"] for name in GramTable._fields))
        arrays = {name: file[name] for name in ARRAY_FIELDS}
    trees = _by_task(words["trees"])
    tasks = tuple(IndexedTask(**task) for task in words["tasks"])
    channels, texts = tuple(words["channels"]), tuple(words["texts"])
    return TaskIndex(tasks, channels, texts, trees=trees, table=table, **arrays)
