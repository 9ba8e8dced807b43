"""What a run needs of an evaluation task."""

import ast
import re
from dataclasses import dataclass

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
