"""Logs of lm-evaluation-harness (`--log_samples`): a line for each document of a task.

What its filters made of the answers is what it scored: for HumanEval whole programs, that begin
with the prompt. Where no filter was applied, `resps` are the completions.
"""

from collections.abc import Collection, Iterator
from typing import Any

from transforms.lib.completions.given_sample import (
    Form,
    GivenSample,
    checked_source,
    one_of_record,
)
from transforms.lib.records.record import Record

ANSWERS = ("filtered_resps", "resps")


def fits(record: Record) -> bool:
    """Whether a record is a line of such a log."""
    return isinstance(record.values.get("doc"), dict) and "resps" in record.values


def samples(record: Record, tasks: Collection[str]) -> Iterator[GivenSample]:
    """The samples of one document."""
    document = record.values.get("doc")
    if not isinstance(document, dict):
        raise record.fault("field 'doc' is not a JSON object")
    task_id = Record(record.path, f"{record.place}: field 'doc'", document).text("task_id")
    field = next((name for name in ANSWERS if record.values.get(name)), None)
    if field is None:
        raise record.fault("no field 'filtered_resps' or 'resps'")
    for text in _flat(record, field, record.values[field]):
        yield one_of_record(record, task_id, text, _form(text, document))


def _flat(record: Record, field: str, values: Any) -> Iterator[str]:
    """The texts in a list, or in lists in it."""
    for value in values if isinstance(values, list) else [values]:
        for text in value if isinstance(value, list) else [value]:
            yield checked_source(record, f"field {field!r}", text)


def _form(text: str, document: dict[str, Any]) -> Form:
    prompt = document.get("prompt")
    begins = isinstance(prompt, str) and prompt.strip() and text.startswith(prompt)
    return "program" if begins else "completion"
