"""`generations.json` of bigcode-evaluation-harness: for each task in order, a list of programs."""

from collections.abc import Collection, Iterator

from transforms.lib.completions.given_sample import (
    GivenSample,
    numbered,
    one_of_record,
    sources_of,
)
from transforms.lib.completions.sample_records import LIST
from transforms.lib.records.record import Record


def fits(record: Record) -> bool:
    """Whether a record was a list."""
    return set(record.values) == {LIST}


def samples(record: Record, tasks: Collection[str]) -> Iterator[GivenSample]:
    """The programs of one task, with their prompts."""
    task_id = numbered(record, tasks)
    for program in sources_of(record, LIST):
        yield one_of_record(record, task_id, program, "program")
