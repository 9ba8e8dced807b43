"""The verdict on one completion: its program under the task's check, in the sandbox."""

from transforms.evaluate.marked_check import mark_tests
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.sandbox import Checked, Limits, Sandbox


def judge(sandbox: Sandbox, task: RunnableTask, completion: str, limits: Limits) -> Checked:
    """The result of the task's check on a completion.

    Where the sandbox itself was lost, the completion is run once more: another program may have
    caused it.
    """
    check = mark_tests(task.test)
    for _ in range(2):
        checked = sandbox.check(
            task.program(completion),
            task.entry_point,
            check.text,
            limits,
            prelude=task.prelude,
            objects=task.is_class,
            marked=bool(check.tests),
        )
        if checked.ending.exit_code is not None:
            break
    return checked
