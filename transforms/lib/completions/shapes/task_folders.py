"""EvalPlus's folders: a program in each file TASK/N.py, with `_` for the `/` of a task id."""

from collections.abc import Collection, Iterator

from transforms.lib.completions.given_sample import GivenSample, one_of_record
from transforms.lib.completions.sample_records import FILE, FOLDER, SOURCE
from transforms.lib.records.record import Record


def fits(record: Record) -> bool:
    """Whether a record was a file in a folder."""
    return set(record.values) == {FOLDER, FILE, SOURCE}


def samples(record: Record, tasks: Collection[str]) -> Iterator[GivenSample]:
    """The program that a file is."""
    if not fits(record):
        raise record.fault("not a file TASK/N.py in a folder")
    folder = record.values[FOLDER]
    ids = [task_id for task_id in tasks if task_id.replace("/", "_") == folder]
    if len(ids) > 1:
        raise record.fault(f"the folder stands for the tasks {ids[0]!r} and {ids[1]!r}")
    task_id = ids[0] if ids else folder
    yield one_of_record(record, task_id, record.values[SOURCE], "program")
