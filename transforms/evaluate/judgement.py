"""The verdict on one sample: its program under the task's check, in the sandbox."""

from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.sandbox import Checked, Limits, Sandbox


def judge(sandbox: Sandbox, task: RunnableTask, program: str, limits: Limits) -> Checked:
    """The result of the task's check on a program.

    Where the sandbox itself was lost, the program is run once more: another program may have
    caused it.
    """
    for _ in range(2):
        checked = sandbox.check(
            program,
            task.entry_point,
            task.test,
            limits,
            prelude=task.prelude,
            objects=task.is_class,
        )
        if checked.ending.exit_code is not None:
            break
    return checked
