"""How a program is judged: an open set, by the kind of tests that its task has.

A judge takes a sandbox, a task, a whole program and the limits of its run.
"""

from collections.abc import Callable

from transforms.evaluate.judges import (
    check_program,
    function_answers,
    json_answers,
    printed_lines,
    problem_tests,
    test_class,
)
from transforms.evaluate.judges.judged import Judged
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.sandbox import Limits, Sandbox

Judge = Callable[[Sandbox, RunnableTask, str, Limits], Judged]

JUDGES: tuple[tuple[str, Judge], ...] = (
    ("check", check_program.judge),
    ("inputs", function_answers.judge),
    ("answers", json_answers.judge),
    ("printed", printed_lines.judge),
    ("test_class", test_class.judge),
    ("problem", problem_tests.judge),
)
