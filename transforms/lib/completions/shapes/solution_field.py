"""Samples of EvalPlus and BigCodeBench: `task_id` and `solution`, a whole program."""

from collections.abc import Collection, Iterator

from transforms.lib.completions.given_sample import GivenSample, source_of, whole_record
from transforms.lib.records.record import Record


def fits(record: Record) -> bool:
    """Whether a record has a solution."""
    return "solution" in record.values


def samples(record: Record, tasks: Collection[str]) -> Iterator[GivenSample]:
    """The sample that a record is."""
    yield whole_record(record, record.text("task_id"), source_of(record, "solution"), "program")
