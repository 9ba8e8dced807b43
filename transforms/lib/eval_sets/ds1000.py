"""DS-1000 (arXiv:2211.11501): ds1000.jsonl(.gz)."""

from transforms.lib.eval_sets.task import EvalTask
from transforms.lib.records.record import Record

LICENCE = "CC-BY-SA-4.0"
ANSWER = "\nA:\n"  # what follows it in a prompt is code that many tasks share


def task(record: Record, suite: str) -> EvalTask:
    """A problem; its tests are the context in which an answer runs."""
    return EvalTask(
        suite=suite,
        version="",
        split="test",
        task_id=f"DS-1000/{_number(record)}",
        entry_point="",
        prompt=record.text("prompt"),
        doc=record.text("prompt").split(ANSWER)[0],
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
