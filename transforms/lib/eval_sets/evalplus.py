"""EvalPlus (arXiv:2305.01210): HumanEvalPlus.jsonl(.gz) and MbppPlus.jsonl(.gz)."""

from transforms.lib.eval_sets import humaneval
from transforms.lib.eval_sets.task import EvalTask
from transforms.lib.records.record import Record

INPUTS = ("base_input", "plus_input")


def task(record: Record, suite: str) -> EvalTask:
    """A task in HumanEval's fields; its tests are a program or lists of arguments."""
    test = record.optional("test")
    return humaneval.with_tests(record, suite, "", test or _calls(record), test)


def _calls(record: Record) -> str:
    """A call for each list of arguments, as a test would write it."""
    name = record.text("entry_point")
    given = (record.listed(field, record.values.get(field)) for field in INPUTS)
    inputs = [arguments for each in given for arguments in each]
    return "\n".join(
        f"{name}({', '.join(map(repr, arguments))})"
        if isinstance(arguments, list)
        else f"{name}({arguments!r})"
        for arguments in inputs
    )
