"""A task's prompt: whether a program begins with it, and what a check needs of it."""

import pytest

from transforms.lib.completions.task import Task


@pytest.mark.parametrize(
    ("prompt", "begins", "prelude"),
    [
        ("def f():\n    'doc'\n", True, "def f():\n    'doc'\n"),
        ("def f():\n", True, "def f():\n\n    pass\n"),
        ("class f:\n    def g(self):\n", True, "class f:\n    def g(self):\n\n        pass\n"),
        ("Write f().", False, ""),
        ("def f(x,\n", True, ""),
        ("def ff():\n    pass\n", False, ""),
    ],
)
def test_prompts(prompt: str, begins: bool, prelude: str) -> None:
    task = Task(prompt, "f", "")
    assert (task.begins_program, task.prelude) == (begins, prelude)
