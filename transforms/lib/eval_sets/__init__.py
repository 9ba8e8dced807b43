"""Evaluation sets, whose tasks training data must not hold: each read into EvalTasks.

A new set is one file here, with a function `task`, and one line in EVAL_SETS. `custom` reads sets
that quire does not know.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from transforms.lib.errors import UsageError
from transforms.lib.eval_sets import (
    apps,
    bigcodebench,
    codecontests,
    custom,
    ds1000,
    evalplus,
    humaneval,
    livecodebench,
    mbpp,
)
from transforms.lib.eval_sets.cases import Cases
from transforms.lib.eval_sets.custom import field_map
from transforms.lib.eval_sets.eval_task import EvalTask
from transforms.lib.records.input_files import digest
from transforms.lib.records.record import Record, read_records

# Makes a task of a record of the set's file and the set's name. Raises UsageError for a bad record.
MakeTask = Callable[[Record, str], EvalTask]

EVAL_SETS: tuple[tuple[str, MakeTask], ...] = (
    ("humaneval", humaneval.task),
    ("mbpp", mbpp.task),
    ("evalplus", evalplus.task),
    ("apps", apps.task),
    ("ds1000", ds1000.task),
    ("codecontests", codecontests.task),
    ("livecodebench", livecodebench.task),
    ("bigcodebench", bigcodebench.task),
)
# Of sets whose tests are no `check(candidate)`: makes Cases of a record, or None; UsageError for
# a bad one.
CASES: dict[str, Callable[[Record], Cases | None]] = {
    "evalplus": evalplus.cases,
    "bigcodebench": bigcodebench.cases,
    "livecodebench": livecodebench.cases,
}
RECORD_READERS = {"apps": apps.records}  # of sets whose files `read_records` cannot read
INSTALLED_FILES = {"humaneval": humaneval.installed_file}  # of sets that need no path


@dataclass(frozen=True)
class EvalSet:
    """The tasks of one set, and the path and sha256 of the file (or folder) they were read from.

    `cases` are the tests of tasks by id, if they were asked for and are no `check(candidate)`.
    """

    suite: str
    path: str
    sha256: str
    tasks: tuple[EvalTask, ...]
    cases: dict[str, Cases] = field(default_factory=dict)


def read_eval(spec: str, fields: dict[str, str], with_cases: bool = False) -> EvalSet:
    """The set that `NAME` or `NAME=PATH` stands for; `with_cases` for who runs its tests.

    A NAME that is not in EVAL_SETS is a set of the user's own; `fields` maps the fields of EvalTask
    to those of its records. Raises UsageError if there is no path or a record is faulty.

    >>> import json, tempfile
    >>> record = {"task_id": 7, "question": "Add them.", "answer": "def add(a, b): return a + b"}
    >>> with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
    ...     file.write(json.dumps(record)) and file.flush()
    ...     fields = {"doc": "question", "solutions": "answer"}
    ...     [task] = read_eval(f"ours={file.name}", fields).tasks
    >>> task.suite, task.task_id, task.doc, task.solutions
    ('ours', '7', 'Add them.', ('def add(a, b): return a + b',))
    """
    suite, equals, path = spec.partition("=")
    if not path and (equals or suite not in INSTALLED_FILES):
        raise UsageError(f"--eval {spec}: needs a path: --eval {suite or 'NAME'}=PATH")
    path = path or INSTALLED_FILES[suite]()
    sha256 = digest(path)
    make_task = dict(EVAL_SETS).get(suite, partial(custom.task, fields=fields))
    records = RECORD_READERS.get(suite, read_records)(path)
    make_cases = CASES.get(suite, _no_cases) if with_cases else _no_cases
    tasks: dict[str, EvalTask] = {}
    cases: dict[str, Cases] = {}
    for record in records:
        task = make_task(record, suite)
        if task.task_id in tasks:
            raise record.fault(f"field 'task_id': {task.task_id!r} for the second time")
        tasks[task.task_id] = task
        if made := make_cases(record):
            cases[task.task_id] = made
    if not tasks:
        raise UsageError(f"{path}: no tasks in it")
    return EvalSet(suite, path, sha256, tuple(tasks.values()), cases)


def _no_cases(record: Record) -> None:
    """None, for a set whose tests are a `check(candidate)` or cannot be run."""


__all__ = [
    "CASES",
    "EVAL_SETS",
    "Cases",
    "EvalSet",
    "EvalTask",
    "MakeTask",
    "field_map",
    "read_eval",
]
