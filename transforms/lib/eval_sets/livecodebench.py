"""LiveCodeBench (arXiv:2403.07974): test.jsonl, test2.jsonl, … of its releases.

The set has no solutions. Its private tests are a pickle, which quire never opens.
"""

import os
from collections.abc import Iterator

from transforms.lib.eval_sets.eval_task import EvalTask, starter_name
from transforms.lib.records.record import Record

LICENCE = "CC-BY-4.0"


def task(record: Record, suite: str) -> EvalTask:
    """The task of a problem, with its public tests."""
    starter = record.optional("starter_code")
    return EvalTask(
        suite=suite,
        version=os.path.basename(record.path).split(".")[0],
        split="test",
        task_id=record.text("question_id"),
        entry_point=starter_name(starter),
        prompt=record.text("question_content"),
        doc=record.text("question_content"),
        signature=starter.strip(),
        solutions=(),
        tests="\n".join(_tests(record)),
        test="",
        licence=LICENCE,
    )


def _tests(record: Record) -> Iterator[str]:
    cases = record.values.get("public_test_cases") or []
    if isinstance(cases, str):
        cases = record.parsed("public_test_cases", cases)
    if not isinstance(cases, list) or not all(isinstance(case, dict) for case in cases):
        raise record.fault("field 'public_test_cases' is not a list of objects")
    for case in cases:
        yield f"{case.get('input')!r}, {case.get('output')!r}"
