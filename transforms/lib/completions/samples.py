"""Samples of tasks, from files and folders of every shape that `shapes` has."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from transforms.lib.completions.given_sample import Form, GivenSample
from transforms.lib.completions.logprobs import LogProbs, read_logprobs
from transforms.lib.completions.sample_records import sample_records
from transforms.lib.completions.shapes import shape_of
from transforms.lib.errors import UsageError

TRUNCATED = "length"  # the `finish_reason` of an OpenAI-style server at a limit of tokens


@dataclass(frozen=True)
class Sample:
    """One sample of a task.

    `number` counts the samples of its task from 0, `line` all samples of the file from 1.
    `completion` is the text, and `form` what it is; `truncated` says that the server ended it at a
    limit of tokens (`finish_reason`).
    """

    task_id: str
    number: int
    line: int
    completion: str
    logprobs: LogProbs
    truncated: bool = False
    form: Form = "completion"


def read_samples(
    path: str,
    tasks: Collection[str],
    where: str,
    content: BinaryIO | None = None,
    *,
    shape: str = "",
) -> Iterator[Sample]:
    """The samples of a file or folder in order, duplicates included; `.gz` files are unpacked.

    `tasks` are the ids that may occur, in their order if they have one, and `where` says in
    messages where they come from ("in contest_problems of ./data"). `content` is the file at `path`
    where the caller has opened it. `shape` is the name of one of SHAPES; without it, the first
    record decides. Raises UsageError that names line and field of a faulty sample, and for a file
    without any.
    """
    samples_of: Counter[str] = Counter()
    for line, given in enumerate(_given(path, tasks, where, content, shape), 1):
        number = samples_of[given.task_id]
        truncated = given.values.get("finish_reason") == TRUNCATED
        logprobs = _logprobs(given)
        yield Sample(given.task_id, number, line, given.text, logprobs, truncated, given.form)
        samples_of[given.task_id] += 1
    if not samples_of:
        raise UsageError(f"{path}: no samples here")


def read_rows(
    path: str, tasks: Collection[str], where: str, *, shape: str = ""
) -> Iterator[dict[str, Any]]:
    """A row for each sample, to be copied into results: its record, where it is one.

    A sample that shares its record with others is a row of its own, with `task_id` and one of
    `completion`, `solution` and `response`.
    """
    return (given.row for given in _given(path, tasks, where, None, shape))


def _given(
    path: str, tasks: Collection[str], where: str, content: BinaryIO | None, shape_name: str
) -> Iterator[GivenSample]:
    shape = None
    for record in sample_records(path, content):
        shape = shape or shape_of(record, shape_name)
        for given in shape.samples(record, tasks):
            if given.task_id not in tasks:
                raise record.fault(f"field 'task_id': no task {given.task_id!r} {where}")
            yield given


def _logprobs(given: GivenSample) -> LogProbs:
    try:
        return read_logprobs(given.values)
    except (ValueError, OverflowError) as error:
        raise given.record.fault(f"field {str(error)!r} holds no log-probabilities") from error
