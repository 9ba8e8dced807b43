"""Any set as JSON Lines, by a map from the fields of EvalTask to its own."""

from transforms.lib.errors import UsageError
from transforms.lib.eval_sets.task import EvalTask
from transforms.lib.records.record import Record

FIELDS = (
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
LISTS = ("solutions", "tests")


def task(record: Record, suite: str, fields: dict[str, str]) -> EvalTask:
    """A task; fields: {"doc": "question", …}.

    A field that is mapped must be there; one that is not is looked for by its own name.
    """
    found = {name: _values(record, name, fields) for name in FIELDS}
    solutions = found.pop("solutions")
    texts = {name: "\n".join(values) for name, values in found.items()}
    texts["tests"] = texts["tests"] or texts["test"]
    return EvalTask(suite=suite, version="", solutions=solutions, **texts)


def _values(record: Record, name: str, fields: dict[str, str]) -> tuple[str, ...]:
    source = fields.get(name, name)
    if name in fields or name == "task_id":
        record.value(source)
    return record.texts(source) if name in LISTS else (record.optional(source),)


def field_map(text: str) -> dict[str, str]:
    """The map that `doc=question,solutions=code` spells; UsageError if it is none."""
    pairs = [pair.partition("=") for pair in text.split(",") if pair]
    for name, _, source in pairs:
        if name not in FIELDS or not source:
            raise UsageError(f"--fields {text}: not FIELD=NAME, with FIELD of {', '.join(FIELDS)}")
    return {name: source for name, _, source in pairs}
