"""The self-test: known leaks in real texts, and how many of them the check finds."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from transforms.contamination.examine import examine
from transforms.contamination.patterns.index import Index
from transforms.contamination.report.mutations import MUTATIONS, seeded
from transforms.contamination.verdict import HIT
from transforms.lib.eval_sets import EvalTask
from transforms.lib.python.parsing import parse_or_none

TASKS = 24  # that are leaked
HOSTS = 20  # texts that they are leaked into
HOST_CHARACTERS = range(500, 20_000)


@dataclass(frozen=True)
class Recall:
    """Of `seeded` leaks of one mutation `found` are hits."""

    mutation: str
    seeded: int
    found: int


def sample(tasks: Sequence[EvalTask]) -> list[EvalTask]:
    """Tasks to leak: some of every set, by their digests, that is by chance."""
    ordered = sorted(tasks, key=lambda task: task.sha256)
    suites = sorted({task.suite for task in tasks})
    each = -(-TASKS // len(suites))
    return [
        task
        for suite in suites
        for task in [task for task in ordered if task.suite == suite][:each]
    ]


def hosts(contents: Iterable[str]) -> list[str]:
    """The first real programs of middle size."""
    found: list[str] = []
    for text in contents:
        if len(found) == HOSTS:
            break
        if len(text) in HOST_CHARACTERS and parse_or_none(text):
            found.append(text)
    return found


def selftest(index: Index, tasks: Sequence[EvalTask], hosts: Sequence[str]) -> list[Recall]:
    """Leak every task by every mutation, and look for it."""
    numbers = {(held.suite, held.task_id): i for i, held in enumerate(index.tasks)}
    wanted = [numbers[task.suite, task.task_id] for task in tasks]
    found = []
    for name, mutate, line_end in MUTATIONS:
        rng = random.Random(name)
        texts = [_leak(mutate(task, rng), hosts, line_end, rng) for task in tasks]
        there = [row for row, text in enumerate(texts) if text is not None]
        cases = examine(pa.array([texts[row] for row in there], pa.string()), index).cases
        hits = {(there[case.row], case.task) for case in cases if case.verdict == HIT}
        count = sum((row, task) in hits for row, task in enumerate(wanted))
        found.append(Recall(name, len(there), count))
    return found


def _leak(leak: str | None, hosts: Sequence[str], end: str, rng: random.Random) -> str | None:
    return None if leak is None else seeded(rng.choice(hosts or [""]), leak, end, rng)
