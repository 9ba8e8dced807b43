"""EvalPlus (arXiv:2305.01210): HumanEvalPlus.jsonl(.gz) and MbppPlus.jsonl(.gz)."""

from transforms.lib.eval_sets import humaneval
from transforms.lib.eval_sets.eval_task import EvalTask
from transforms.lib.records.record import Record

INPUT_FIELDS = ("base_input", "plus_input")


def task(record: Record, suite: str) -> EvalTask:
    """The task of a record in HumanEval's fields; its tests are a program or lists of arguments."""
    test = record.optional("test")
    return humaneval.with_tests(record, suite, "", test or _calls(record), test)


def _calls(record: Record) -> str:
    """A line of code for each list of arguments, which calls the entry point with them."""
    name = record.text("entry_point")
    lists = (record.listed(field, record.values.get(field)) for field in INPUT_FIELDS)
    inputs = [arguments for inputs_of_field in lists for arguments in inputs_of_field]
    return "\n".join(
        f"{name}({', '.join(map(repr, arguments))})"
        if isinstance(arguments, list)
        else f"{name}({arguments!r})"
        for arguments in inputs
    )
