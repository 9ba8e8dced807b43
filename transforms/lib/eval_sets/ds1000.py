"""DS-1000 (arXiv:2211.11501): ds1000.jsonl(.gz)."""

from transforms.lib.eval_sets.eval_task import EvalTask
from transforms.lib.records.record import Record

LICENCE = "CC-BY-SA-4.0"
ANSWER_MARK = "\nA:\n"  # in a prompt, code that many tasks share follows it


def task(record: Record, suite: str) -> EvalTask:
    """The task of a problem; its tests are the program in which an answer is run."""
    return EvalTask(
        suite=suite,
        version="",
        split="test",
        task_id=f"DS-1000/{_number(record)}",
        entry_point="",
        prompt=record.text("prompt"),
        doc=record.text("prompt").split(ANSWER_MARK)[0],
        signature="",
        solutions=(record.text("reference_code"),),
        tests=record.optional("code_context"),
        test="",
        licence=LICENCE,
    )


def _number(record: Record) -> str:
    metadata = record.value("metadata")
    if not isinstance(metadata, dict) or "problem_id" not in metadata:
        raise record.fault("field 'metadata' has no 'problem_id'")
    return str(metadata["problem_id"])
