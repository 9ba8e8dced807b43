"""EvalPlus (arXiv:2305.01210): HumanEvalPlus.jsonl(.gz) and MbppPlus.jsonl(.gz).

Read as the releases have them, with `base_input` and `plus_input`, and as they are published in
tables, with a `test` that has the inputs and answers in its text.
"""

import json

from transforms.lib.eval_sets import humaneval, mbpp
from transforms.lib.eval_sets.cases import Cases
from transforms.lib.eval_sets.eval_task import EvalTask
from transforms.lib.eval_sets.mbpp_plus_inputs import evalplus_arguments
from transforms.lib.records.record import Record

INPUT_FIELDS = ("base_input", "plus_input")


def task(record: Record, suite: str) -> EvalTask:
    """The task of a record; its tests are a program or lists of arguments."""
    if "code" in record.values:
        return mbpp.plus_task(record, suite)
    test = record.optional("test")
    return humaneval.with_tests(record, suite, "", test or _calls(record), test)


def cases(record: Record) -> Cases | None:
    """The inputs of a record of a release, as JSON; None if it has none."""
    if not any(record.values.get(field) for field in INPUT_FIELDS):
        return None
    base, plus = (record.listed(field, record.values.get(field)) for field in INPUT_FIELDS)
    if not all(isinstance(arguments, list) for arguments in (*base, *plus)):
        raise record.fault("fields 'base_input', 'plus_input': not lists of arguments")
    name = record.text("task_id")
    try:
        for arguments in (*base, *plus):
            evalplus_arguments(name, arguments)
    except (AttributeError, IndexError, TypeError, ValueError) as error:
        raise record.fault(f"inputs that are not those of {name} ({error!s:.80})") from error
    tolerance = record.values.get("atol") or 0
    if isinstance(tolerance, bool) or not isinstance(tolerance, int | float):
        raise record.fault("field 'atol' is no number")
    fields = {"task": name, "base": base, "plus": plus, "atol": tolerance}
    return Cases("inputs", json.dumps(fields))


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
