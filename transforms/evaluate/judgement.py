"""A program under a check, in the sandbox; and any run's ending as the columns of a verdict."""

import ast
import re
from dataclasses import dataclass
from typing import Any

from transforms.lib.sandbox import Checked, Ending, Limits, Sandbox

WHY = 500  # characters of it that are kept
TIMES = ("wall", "cpu")
ENDINGS = ("", "\n    pass\n", "\n        pass\n")  # of a function, of a method


@dataclass(frozen=True)
class Task:
    """What a run needs of a task: HumanEval's fields."""

    prompt: str
    entry_point: str
    test: str

    @property
    def begins_program(self) -> bool:
        """Whether a completion continues the prompt; a prompt in words is none of the program."""
        return self._defines("def") or self.is_class

    @property
    def is_class(self) -> bool:
        """Whether a class is asked for, whose objects the check uses."""
        return self._defines("class")

    @property
    def prelude(self) -> str:
        """The prompt as a module of its own, for what the check uses of it: a function without a
        body has an empty one. Empty where the prompt is words, or ends in the middle of a line."""
        texts = (f"{self.prompt}{ending}" for ending in ENDINGS) if self.begins_program else ()
        return next(filter(_compiles, texts), "")

    def _defines(self, keyword: str) -> bool:
        pattern = rf"^[ \t]*(async )?{keyword}[ \t]+{re.escape(self.entry_point)}\b"
        return re.search(pattern, self.prompt, re.MULTILINE) is not None


def _compiles(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    return True


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


def run_columns(ending: Ending, passed: bool, why: str) -> dict[str, Any]:
    """What a verdict tells of a run: the columns RUN of its schema."""
    return {
        "outcome": outcome(ending, passed),
        "why": None if passed else storable(why or str(ending)),
        "limit_hit": ending.limit,
        "tier": ending.tier,
        "cpu": ending.cpu,
        "seconds": ending.seconds,
    }


def outcome(ending: Ending, passed: bool) -> str:
    """In a word."""
    if passed:
        return "passed"
    if ending.limit:
        return "timed_out" if ending.limit in TIMES else "limit"
    return "lost" if ending.exit_code is None else "failed"


def storable(text: str) -> str:
    """A text that UTF-8 can hold, no longer than it need be."""
    return text[:WHY].encode("utf-8", "backslashreplace").decode()
