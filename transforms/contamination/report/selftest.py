"""The self-test: leaks tasks into real texts, and counts how many of the leaks the check finds."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from transforms.contamination.examine import examine
from transforms.contamination.patterns.task_index import TaskIndex
from transforms.contamination.report.mutations import CARRIED, MUTATIONS, seeded
from transforms.contamination.verdict import HIT
from transforms.lib.eval_sets import EvalTask
from transforms.lib.python.parsing import parse_or_none

LEAKED_TASKS = 24  # rounded up to the same number of every set
CARRIER_STRIDE = 4  # of so many tasks one is put into each carrier
MAX_HOSTS = 20  # texts into which they are leaked
HOST_CHARACTERS = range(500, 20_000)  # of a text of middle size


@dataclass(frozen=True)
class Recall:
    """How many leaks were made by one mutation, and how many of them the check called hits."""

    mutation: str
    seeded: int
    found: int


def sample_tasks(tasks: Sequence[EvalTask]) -> list[EvalTask]:
    """Tasks to leak: of every set those with the lowest digests, which is a random choice."""
    ordered = sorted(tasks, key=lambda task: task.sha256)
    suites = sorted({task.suite for task in tasks})
    of_suite = -(-LEAKED_TASKS // len(suites))
    return [
        task
        for suite in suites
        for task in [task for task in ordered if task.suite == suite][:of_suite]
    ]


def choose_hosts(contents: Iterable[str]) -> list[str]:
    """The first texts of middle size that are Python programs."""
    hosts: list[str] = []
    for text in contents:
        if len(hosts) == MAX_HOSTS:
            break
        if len(text) in HOST_CHARACTERS and parse_or_none(text):
            hosts.append(text)
    return hosts


def run_selftest(index: TaskIndex, tasks: Sequence[EvalTask], hosts: Sequence[str]) -> list[Recall]:
    """The recall of each mutation, when it leaks each of the tasks into a random host.

    Without hosts a leak is a text of its own.
    """
    numbers = {(task.suite, task.task_id): number for number, task in enumerate(index.tasks)}
    leaked = [numbers[task.suite, task.task_id] for task in tasks]
    recalls = []
    for name, mutate, line_end in MUTATIONS:
        rng = random.Random(name)
        stride = CARRIER_STRIDE if name in CARRIED else 1
        leaks = [mutate(task, rng) if i % stride == 0 else None for i, task in enumerate(tasks)]
        texts = [_leak(leak, hosts, line_end, rng) for leak in leaks]
        seeded_rows = [row for row, text in enumerate(texts) if text is not None]
        contents = pa.array([texts[row] for row in seeded_rows], pa.string())
        findings = examine(contents, index).findings
        hits = {(seeded_rows[f.row], f.task) for f in findings if f.verdict == HIT}
        count = sum((row, task) in hits for row, task in enumerate(leaked))
        recalls.append(Recall(name, len(seeded_rows), count))
    return recalls


def _leak(leak: str | None, hosts: Sequence[str], end: str, rng: random.Random) -> str | None:
    return None if leak is None else seeded(rng.choice(hosts or [""]), leak, end, rng)
