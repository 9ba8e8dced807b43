"""What programs have of time and memory at least, where tests need more than HumanEval's."""

from dataclasses import replace
from typing import Any

from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.sandbox import Limits

LEAST_LIMITS: dict[str, dict[str, Any]] = {
    # All inputs together: they may be thousands. EvalPlus gives a second to each, and 4 GB.
    "inputs": {"cpu": 10, "wall": 120.0, "memory": 4 << 30, "output": 64 << 20},
    # Packages of tables, figures and models take seconds to import, and reserve addresses.
    "test_class": {
        "cpu": 30,
        "wall": 240.0,
        "memory": 8 << 30,
        "file_size": 64 << 20,
        "disk": 256 << 20,
    },
}


def limits_of(task: RunnableTask, limits: Limits) -> Limits:
    """The limits of a program of a task: those that are asked for, or the least if that is more."""
    least = LEAST_LIMITS.get(task.judged_by, {})
    return replace(limits, **{name: max(getattr(limits, name), least[name]) for name in least})
