"""LiveCodeBench's outputs: `question_id` and `code_list`, whole programs."""

from collections.abc import Collection, Iterator

from transforms.lib.completions.given_sample import GivenSample, one_of_record, sources_of
from transforms.lib.records.record import Record


def fits(record: Record) -> bool:
    """Whether a record has a list of programs."""
    return "code_list" in record.values


def samples(record: Record, tasks: Collection[str]) -> Iterator[GivenSample]:
    """The programs of one problem."""
    task_id = record.text("question_id", "task_id")
    for program in sources_of(record, "code_list"):
        yield one_of_record(record, task_id, program, "program")
