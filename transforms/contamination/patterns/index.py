"""The index of all evaluation tasks: built once by the launcher, loaded once by every worker."""

import io
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from transforms.contamination.grams.scan import Table, table
from transforms.contamination.patterns.stoplist import Stoplist
from transforms.contamination.patterns.task_patterns import (
    CHANNELS,
    DOC,
    FEWEST,
    NAME,
    TEST,
    TREE,
    TREE_NODES,
    Pattern,
    Tree,
    patterns_of,
    trees_of,
)
from transforms.lib.eval_sets import EvalTask

SHOWN = 4_000  # characters of a pattern's text that are kept, to show as evidence
ARRAYS = ("task", "total", "length", "whole", "bounds", "places")
CHECKED, EMPTY, SHORT, COMMON = "checked", "empty", "short", "common"


@dataclass(frozen=True)
class Held:
    """What a report says of a task, and which channels can check it: CHECKED or why not."""

    suite: str
    version: str
    split: str
    task_id: str
    entry_point: str
    licence: str
    sha256: str
    states: dict[str, str]

    def checkable(self) -> bool:
        """Whether any channel that can give a verdict by itself checks it."""
        return any(self.states[channel] == CHECKED for channel in CHANNELS if channel != NAME)


@dataclass(frozen=True)
class Index:
    """Tasks, patterns and trees.

    task, total, length: int32, whole: bool, by pattern; places: int32, the keys of the table that
    pattern i has are places[bounds[i]:bounds[i + 1]], sorted; trees: task to {digest: nodes}.
    """

    tasks: tuple[Held, ...]
    channels: tuple[str, ...]
    texts: tuple[str, ...]
    task: NDArray[np.int32]
    total: NDArray[np.int32]
    length: NDArray[np.int32]
    whole: NDArray[np.bool_]
    bounds: NDArray[np.int32]
    places: NDArray[np.int32]
    trees: dict[int, dict[int, int]]
    table: Table

    def keys_of(self, pattern: int) -> NDArray[np.int32]:
        """Sorted places of a pattern's n-grams in the table."""
        return self.places[self.bounds[pattern] : self.bounds[pattern + 1]]

    def largest_tree(self, task: int) -> int:
        """How many nodes the largest tree of a task has."""
        return max(self.trees.get(task, {}).values(), default=0)

    @property
    def nbytes(self) -> int:
        """Memory of the arrays and texts."""
        arrays: list[NDArray] = [*self.table, *(getattr(self, name) for name in ARRAYS)]
        return sum(array.nbytes for array in arrays) + sum(map(len, self.texts))


def make_index(tasks: Sequence[EvalTask], stoplist: Stoplist) -> Index:
    """The index of tasks of any sets."""
    trees = trees_of(tasks, stoplist)
    patterns = patterns_of(tasks, stoplist, {tree.task for tree in trees})
    states = _states(tasks, patterns, trees)
    held = tuple(
        Held(t.suite, t.version, t.split, t.task_id, t.entry_point, t.licence, t.sha256, state)
        for t, state in zip(tasks, states, strict=True)
    )
    return Index(
        tasks=held,
        channels=tuple(p.channel for p in patterns),
        texts=tuple(p.text[:SHOWN] for p in patterns),
        trees=_by_task((tree.task, tree.digest, tree.nodes) for tree in trees),
        **_arrays(patterns),
    )


def _by_task(trees: Iterable[tuple[int, int, int]]) -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = {}
    for task, digest, nodes in trees:
        found.setdefault(task, {})[digest] = nodes
    return found


def _arrays(patterns: list[Pattern]) -> dict:
    sizes = np.array([len(p.grams) for p in patterns], np.int32)
    owners = np.repeat(np.arange(len(patterns), dtype=np.int32), sizes)
    grams = np.concatenate([np.empty(0, np.uint64), *(p.grams for p in patterns)])
    need = np.array([p.need for p in patterns], np.int32)
    made = table(grams, owners, need)
    places = np.searchsorted(made.keys, grams).astype(np.int32)
    return {
        "task": np.array([p.task for p in patterns], np.int32),
        "total": sizes,
        "length": np.array([p.length for p in patterns], np.int32),
        "whole": np.array([p.whole for p in patterns], np.bool_),
        "bounds": np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        "places": places,
        "table": made,
    }


def _states(
    tasks: Sequence[EvalTask], patterns: list[Pattern], trees: list[Tree]
) -> list[dict[str, str]]:
    """CHECKED, or why a channel cannot check a task."""
    most: dict[tuple[int, str], int] = {}
    for pattern in patterns:
        key = pattern.task, pattern.channel
        most[key] = max(most.get(key, 0), len(pattern.grams))
    largest: dict[int, int] = {}
    for tree in trees:
        largest[tree.task] = max(largest.get(tree.task, 0), tree.nodes)
    return [
        {c: _state(task, c, most.get((i, c), 0), largest.get(i, 0)) for c in CHANNELS}
        for i, task in enumerate(tasks)
    ]


def _state(task: EvalTask, channel: str, grams: int, nodes: int) -> str:
    given = {DOC: task.doc, TEST: task.tests, NAME: task.entry_point}
    if not given.get(channel, "".join(task.solutions)).strip():
        return EMPTY
    if channel == TREE:
        return CHECKED if nodes >= TREE_NODES and grams else SHORT
    if channel == NAME:
        return CHECKED if grams else COMMON
    return CHECKED if grams >= FEWEST[channel] else SHORT


def save(index: Index) -> bytes:
    """The index as a file, which `load` reads."""
    trees = [(task, *tree) for task, held in index.trees.items() for tree in held.items()]
    words = {
        "tasks": [vars(task) for task in index.tasks],
        "channels": index.channels,
        "texts": index.texts,
        "trees": trees,
    }
    packed = zlib.compress(json.dumps(words).encode())
    arrays = {name: getattr(index, name) for name in ARRAYS}
    arrays |= {f"table_{name}": array for name, array in index.table._asdict().items()}
    sink = io.BytesIO()
    np.savez(sink, words=np.frombuffer(packed, np.uint8), **arrays)
    return sink.getvalue()


def load(content: bytes) -> Index:
    """The index of such a file."""
    with np.load(io.BytesIO(content)) as file:
        words = json.loads(zlib.decompress(file["words"].tobytes()))
        found = Table(*(file[f"table_{name}"] for name in Table._fields))
        arrays = {name: file[name] for name in ARRAYS}
    trees = _by_task(words["trees"])
    held = tuple(Held(**task) for task in words["tasks"])
    channels, texts = tuple(words["channels"]), tuple(words["texts"])
    return Index(held, channels, texts, trees=trees, table=found, **arrays)
