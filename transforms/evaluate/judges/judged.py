"""The verdict of a judge on one program."""

from dataclasses import dataclass

from transforms.evaluate.marked_check import CountedTests
from transforms.lib.sandbox import Ending


@dataclass(frozen=True)
class Judged:
    """Whether a program passed; if not, `why` says in one line what failed.

    `counts` are those of its tests, of which a judge may leave out the ones after the first failed.
    `base_passed` and `plus_passed` are those of EvalPlus's two groups of tests; None elsewhere.
    """

    ending: Ending
    passed: bool
    why: str = ""
    counts: CountedTests = CountedTests(None, 0)
    base_passed: bool | None = None
    plus_passed: bool | None = None
