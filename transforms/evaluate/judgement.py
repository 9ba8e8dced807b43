"""A program under a check, in the sandbox; and any run's ending as the columns of a verdict."""

from transforms.lib.completions.task import Task
from transforms.lib.sandbox import Checked, Limits, Sandbox


def judge(sandbox: Sandbox, task: Task, completion: str, limits: Limits) -> Checked:
    """What the check of a task says of a completion.

    A sandbox that was lost is asked once more: it may have been another's fault.
    """
    prompt = task.prompt if task.begins_program else ""
    for _ in range(2):
        checked = sandbox.check(
            prompt + completion,
            task.entry_point,
            task.test,
            limits,
            prelude=task.prelude,
            objects=task.is_class,
        )
        if checked.ending.exit_code is not None:
            break
    return checked
