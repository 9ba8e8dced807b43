"""Tests that are a program with `check(candidate)`, as HumanEval has them."""

from transforms.evaluate.judges.judged import Judged
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.sandbox import Limits, Sandbox


def judge(sandbox: Sandbox, task: RunnableTask, program: str, limits: Limits) -> Judged:
    """Run the check in one process and the program in another."""
    checked = sandbox.check(
        program,
        task.entry_point,
        task.test,
        limits,
        prelude=task.prelude,
        objects=task.is_class,
    )
    return Judged(checked.ending, checked.passed, checked.why)
