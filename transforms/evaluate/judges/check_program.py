"""Tests that are a program with `check(candidate)`, as HumanEval has them."""

from transforms.evaluate.judges.judged import Judged
from transforms.evaluate.marked_check import count_tests, mark_tests
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.sandbox import Limits, Sandbox


def judge(sandbox: Sandbox, task: RunnableTask, program: str, limits: Limits) -> Judged:
    """Run the check in one process and the program in another."""
    check = mark_tests(task.test)
    checked = sandbox.check(
        program,
        task.entry_point,
        check.text,
        limits,
        prelude=task.prelude,
        objects=task.is_class,
        marked=bool(check.tests),
    )
    return Judged(checked.ending, checked.passed, checked.why, count_tests(check, checked))
