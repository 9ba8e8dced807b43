"""Held-out evaluation sets. A new set is one file here and one line in EVALS."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from transforms.lib.errors import UsageError
from transforms.lib.eval_sets import (
    apps,
    bigcodebench,
    codecontests,
    ds1000,
    evalplus,
    humaneval,
    jsonl,
    livecodebench,
    mbpp,
)
from transforms.lib.eval_sets.jsonl import field_map
from transforms.lib.eval_sets.task import EvalTask
from transforms.lib.records.input_files import digest
from transforms.lib.records.record import Record, read_records

Task = Callable[[Record, str], EvalTask]  # a record of the file and the suite's name to its task

EVALS: tuple[tuple[str, Task], ...] = (
    ("humaneval", humaneval.task),
    ("mbpp", mbpp.task),
    ("evalplus", evalplus.task),
    ("apps", apps.task),
    ("ds1000", ds1000.task),
    ("codecontests", codecontests.task),
    ("livecodebench", livecodebench.task),
    ("bigcodebench", bigcodebench.task),
)
RECORDS = {"apps": apps.records}  # sets that have files of their own kind
PACKAGED = {"humaneval": humaneval.packaged}  # sets that need no path


@dataclass(frozen=True)
class EvalSet:
    """The tasks of one set, and the file that they were read from."""

    suite: str
    path: str
    sha256: str
    tasks: tuple[EvalTask, ...]


def read_eval(spec: str, fields: dict[str, str]) -> EvalSet:
    """The set that `NAME` or `NAME=PATH` names; UsageError for what is missing or faulty.

    A NAME that is none of EVALS is a set of the user's own, as JSON Lines with these fields.
    """
    suite, _, path = spec.partition("=")
    if not path and suite not in PACKAGED:
        raise UsageError(f"--eval {spec}: needs a path, as --eval {suite or 'NAME'}=PATH")
    path = path or PACKAGED[suite]()
    sha256 = digest(path)
    make = dict(EVALS).get(suite, partial(jsonl.task, fields=fields))
    records = RECORDS.get(suite, read_records)(path)
    return EvalSet(suite, path, sha256, _tasks(path, records, make, suite))


def _tasks(path: str, records: Iterator[Record], make: Task, suite: str) -> tuple[EvalTask, ...]:
    """UsageError for two tasks with one id, and for none at all."""
    tasks: dict[str, EvalTask] = {}
    for record in records:
        task = make(record, suite)
        if task.task_id in tasks:
            raise record.fault(f"field 'task_id': {task.task_id!r} a second time")
        tasks[task.task_id] = task
    if not tasks:
        raise UsageError(f"{path}: no tasks here")
    return tuple(tasks.values())


__all__ = ["EVALS", "EvalSet", "EvalTask", "Task", "field_map", "read_eval"]
