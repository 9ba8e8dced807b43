"""A set of the user's own: any JSON Lines, by a map from the fields of EvalTask to its fields."""

from transforms.lib.errors import UsageError
from transforms.lib.eval_sets.eval_task import EvalTask
from transforms.lib.records.record import Record

TASK_FIELDS = (
    "task_id",
    "entry_point",
    "prompt",
    "doc",
    "signature",
    "solutions",
    "tests",
    "test",
    "split",
    "licence",
)
LIST_FIELDS = ("solutions", "tests")  # may be lists of texts; the others are one text


def task(record: Record, suite: str, fields: dict[str, str]) -> EvalTask:
    """The task of a record; fields: {"doc": "question", …}.

    A record must have the fields that are mapped, and an id. Other fields of EvalTask are read
    under their own names, and are empty if the record lacks them.
    """
    values = {name: _values(record, name, fields) for name in TASK_FIELDS}
    solutions = values.pop("solutions")
    texts = {name: "\n".join(of_field) for name, of_field in values.items()}
    texts["tests"] = texts["tests"] or texts["test"]
    return EvalTask(suite=suite, version="", solutions=solutions, **texts)


def _values(record: Record, name: str, fields: dict[str, str]) -> tuple[str, ...]:
    source = fields.get(name, name)
    if name in fields or name == "task_id":
        record.value(source)
    return record.texts(source) if name in LIST_FIELDS else (record.optional(source),)


def field_map(text: str) -> dict[str, str]:
    """The map that `--fields` spells. Raises UsageError if it spells none.

    >>> field_map("doc=question,solutions=code")
    {'doc': 'question', 'solutions': 'code'}
    """
    pairs = [pair.partition("=") for pair in text.split(",") if pair]
    for name, _, source in pairs:
        if name not in TASK_FIELDS or not source:
            names = ", ".join(TASK_FIELDS)
            raise UsageError(f"--fields {text}: write FIELD=NAME,…, where FIELD is one of {names}")
    return {name: source for name, _, source in pairs}
