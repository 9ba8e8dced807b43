"""The verdict on one program: what the judge of its task's tests says of it."""

from transforms.evaluate.judges import JUDGES
from transforms.evaluate.judges.judged import Judged
from transforms.evaluate.least_limits import limits_of
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.sandbox import Limits, Sandbox


def judge(sandbox: Sandbox, task: RunnableTask, program: str, limits: Limits) -> Judged:
    """The verdict on a whole program.

    Where the sandbox itself was lost, the program is run once more: another may have caused it.
    """
    limits = limits_of(task, limits)
    of_task = dict(JUDGES)[task.judged_by]
    judged = of_task(sandbox, task, program, limits)
    if judged.ending.exit_code is not None:
        return judged
    return of_task(sandbox, task, program, limits)
