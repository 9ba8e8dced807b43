"""BigCodeBench (arXiv:2406.15877): Parquet or JSON Lines in the fields of its rows."""

import json

from transforms.lib.eval_sets.cases import Cases
from transforms.lib.eval_sets.eval_task import EvalTask, documentation, signature
from transforms.lib.records.record import Record

LICENCE = "Apache-2.0"


def task(record: Record, suite: str) -> EvalTask:
    """The task of a record; its documentation is the docstring of the prompt for completion."""
    entry_point = record.text("entry_point")
    prompt = record.text("complete_prompt", "code_prompt")
    program = prompt + record.text("canonical_solution")
    return EvalTask(
        suite=suite,
        version="",
        split="test",
        task_id=record.text("task_id"),
        entry_point=entry_point,
        prompt=prompt,
        doc=documentation(program, entry_point) or record.optional("instruct_prompt"),
        signature=signature(program, entry_point),
        solutions=(program,),
        tests=record.text("test"),
        test="",
        licence=LICENCE,
    )


def cases(record: Record) -> Cases:
    """The test class of a record, which is a program by itself."""
    return Cases("test_class", json.dumps({"test": record.text("test")}))
