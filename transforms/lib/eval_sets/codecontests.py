"""CodeContests (arXiv:2203.07814): Parquet or JSON Lines in the fields of its rows."""

from collections.abc import Iterator
from typing import Any

from transforms.lib.eval_sets.eval_task import EvalTask
from transforms.lib.records.record import Record

LICENCE = "CC-BY-4.0"
PYTHON_LANGUAGES = (1, 3, "PYTHON", "PYTHON3")  # as `language` of a solution may be written
MAX_PYTHON_SOLUTIONS = 20  # that are kept of one problem: some have thousands
TEST_FIELDS = ("public_tests", "private_tests")  # generated tests are published nowhere else


def task(record: Record, suite: str) -> EvalTask:
    """The task of a problem, with its first Python solutions."""
    return EvalTask(
        suite=suite,
        version="",
        split=record.optional("split"),
        task_id=record.text("name"),
        entry_point="",
        prompt=record.text("description"),
        doc=record.text("description"),
        signature="",
        solutions=tuple(_solutions(record))[:MAX_PYTHON_SOLUTIONS],
        tests="\n".join(_tests(record)),
        test="",
        licence=LICENCE,
    )


def _solutions(record: Record) -> Iterator[str]:
    for row in _rows(record, "solutions"):
        if row.get("language") in PYTHON_LANGUAGES:
            yield str(row.get("solution", ""))


def _tests(record: Record) -> Iterator[str]:
    for name in TEST_FIELDS:
        for row in _rows(record, name):
            yield f"{row.get('input')!r}, {row.get('output')!r}"


def _rows(record: Record, name: str) -> list[dict[str, Any]]:
    """A field's list of objects; in Parquet it is an object of lists."""
    value = record.values.get(name) or []
    if isinstance(value, dict):
        columns = [column for column in value.values() if isinstance(column, list)]
        return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=False)]
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise record.fault(f"field {name!r} is not a list of objects")
    return value
