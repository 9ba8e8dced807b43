"""A sample as some file gives it, before it is known to be of a task."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from transforms.lib.errors import UsageError
from transforms.lib.records.record import Record

# What a sample is: what follows the prompt, a whole program, or an answer in a chat.
Form = Literal["completion", "program", "answer"]
FIELD_OF_FORM = {"completion": "completion", "program": "solution", "answer": "response"}


@dataclass(frozen=True)
class GivenSample:
    """One sample in a record, which may hold several.

    `values` has the fields that say more of it, such as log-probabilities, and `row` is what is
    copied into results.
    """

    record: Record
    task_id: str
    text: str
    form: Form
    values: dict[str, Any]
    row: dict[str, Any]


def whole_record(record: Record, task_id: str, text: str, form: Form) -> GivenSample:
    """The sample that a record is, with all its fields."""
    return GivenSample(record, task_id, text, form, record.values, record.values)


def one_of_record(
    record: Record, task_id: str, text: str, form: Form, values: dict[str, Any] | None = None
) -> GivenSample:
    """One of the samples in a record."""
    row = {"task_id": task_id, FIELD_OF_FORM[form]: text}
    return GivenSample(record, task_id, text, form, values or {}, row)


def source_of(record: Record, field: str) -> str:
    """A field that holds a sample: any string, lone surrogates too.

    The sandbox fails such a sample, and the run goes on. Raises UsageError for anything else.
    """
    if field not in record.values:
        raise record.fault(f"no field {field!r}")
    return checked_source(record, f"field {field!r}", record.values[field])


def checked_source(record: Record, place: str, value: Any) -> str:
    """A value that must be a string; UsageError that names its place in the record if not."""
    if not isinstance(value, str):
        raise record.fault(f"{place} is not a string")
    return value


def sources_of(record: Record, field: str) -> list[str]:
    """A field that holds a list of samples."""
    values = record.values.get(field)
    if not isinstance(values, list):
        raise record.fault(f"field {field!r} is no list")
    return [
        checked_source(record, f"field {field!r}, item {number}", value)
        for number, value in enumerate(values, 1)
    ]


def numbered(record: Record, tasks: Collection[str]) -> str:
    """The task at the place of a record; UsageError if tasks have no order, or are fewer."""
    if isinstance(tasks, set | frozenset):
        raise UsageError(f"{record.path}: gives no task ids, and the tasks here have no order")
    if record.number >= len(tasks):
        raise record.fault(f"one list for each task, and there are {len(tasks)} tasks")
    return list(tasks)[record.number]
