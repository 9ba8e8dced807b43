"""Samples of `quire sample --chat`: `task_id` and `response`, the text of a chat's answer."""

from collections.abc import Collection, Iterator

from transforms.lib.completions.given_sample import GivenSample, source_of, whole_record
from transforms.lib.records.record import Record


def fits(record: Record) -> bool:
    """Whether a record has an answer as text."""
    return isinstance(record.values.get("response"), str)


def samples(record: Record, tasks: Collection[str]) -> Iterator[GivenSample]:
    """The sample that a record is. Its `reasoning` is no part of the answer."""
    yield whole_record(record, record.text("task_id"), source_of(record, "response"), "answer")
