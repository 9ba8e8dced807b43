"""What a run needs of a task: whether the prompt begins the program, and the check's prelude."""

import pytest

from transforms.lib.completions.runnable_task import RunnableTask


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
    task = RunnableTask(prompt, "f", "")
    assert (task.begins_program, task.prelude) == (begins, prelude)


@pytest.mark.parametrize(
    ("entry_point", "begins"),
    [("A.f", True), ("A.f.fget", True), ("g.func", True), ("A", True), ("B.f", False)],
)
def test_an_entry_point_may_be_a_method(entry_point: str, begins: bool) -> None:
    task = RunnableTask(
        "class A:\n    def f(self):\n        pass\n\n    def g(self):\n", entry_point, ""
    )
    assert (task.begins_program, task.is_class) == (begins, entry_point == "A")
