"""An evaluation task as far as running a completion of it needs it."""

import re
from dataclasses import dataclass

from transforms.lib.python.parsing import parse_or_none

# What makes a prompt that ends after a header a module that compiles: nothing if it has a body
# already (a docstring is one), else the body of a function or of a method.
BODIES = ("", "\n    pass\n", "\n        pass\n")


@dataclass(frozen=True)
class RunnableTask:
    """The fields of HumanEval that a run needs; `test` defines `check(candidate)`.

    A set whose tests are no such program has them in `cases`, as JSON for the judge that
    `judged_by` names, one of the stage evaluate. `reference` is a whole program that must pass,
    and is empty if the set has none.
    """

    prompt: str
    entry_point: str
    test: str
    judged_by: str = "check"
    cases: str = ""
    reference: str = ""

    @property
    def begins_program(self) -> bool:
        """Whether a completion continues the prompt.

        If not, the prompt is prose and the completion is the whole program. An entry point may be
        a method (`Class.method`), whose class the prompt begins.
        """
        name = self.entry_point.partition(".")[0]
        return self._defines("def", name) or self._defines("class", name)

    def program(self, completion: str) -> str:
        """The whole program that a completion makes."""
        return self.prompt + completion if self.begins_program else completion

    @property
    def is_class(self) -> bool:
        """Whether the task asks for a class, whose objects the check uses."""
        return self._defines("class", self.entry_point)

    @property
    def prelude(self) -> str:
        """The prompt as a module that compiles, for the names that the check uses of it.

        A function without a body gets an empty one. The text is empty if the prompt is prose, or
        if it ends in the middle of a statement.
        """
        modules = (f"{self.prompt}{body}" for body in BODIES) if self.begins_program else ()
        return next((text for text in modules if parse_or_none(text)), "")

    def _defines(self, keyword: str, name: str) -> bool:
        pattern = rf"^[ \t]*(async )?{keyword}[ \t]+{re.escape(name)}\b"
        return re.search(pattern, self.prompt, re.MULTILINE) is not None
