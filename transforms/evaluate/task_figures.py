"""Figures of each task of an evaluation: samples, passed, CPU time, tests."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from transforms.evaluate.pass_at_k import pass_at_k


@dataclass(frozen=True)
class TaskFigures:
    """One task: how many samples it has and how many passed, and pass@1.

    Means and the maximum of CPU seconds are over its samples, that of `tests_passed` is the share
    of its tests that a sample passes; None where their number is not known.
    """

    task_id: str
    n: int
    c: int
    pass_at_1: float
    mean_cpu: float
    max_cpu: float
    tests: int | None
    tests_passed: float | None


def task_figures(task_id: str, verdicts: list[dict[str, Any]]) -> TaskFigures:
    """The figures of a task with these verdicts."""
    n, c = len(verdicts), sum(each["passed"] for each in verdicts)
    seconds = [each["cpu"] for each in verdicts]
    tests = max((each["tests"] for each in verdicts if each["tests"] is not None), default=None)
    passed = sum(each["tests_passed"] for each in verdicts) / (n * tests) if tests else None
    return TaskFigures(
        task_id, n, c, pass_at_k(n, c, 1), sum(seconds) / n, max(seconds), tests, passed
    )


def slowest(tasks: Iterable[TaskFigures], count: int) -> list[TaskFigures]:
    """The tasks with the greatest mean of CPU seconds, the slowest first."""
    return sorted(tasks, key=lambda task: -task.mean_cpu)[:count]
