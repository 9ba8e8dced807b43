"""The word for how a run ended."""

import pytest

from transforms.lib.sandbox import Ending
from transforms.lib.sandbox.verdicts import outcome


@pytest.mark.parametrize(
    ("ending", "passed", "word"),
    [
        (Ending("t"), True, "passed"),
        (Ending("t"), False, "failed"),
        (Ending("t", "cpu"), False, "timed_out"),
        (Ending("t", "memory"), False, "limit"),
        (Ending("t", exit_code=None), False, "lost"),
    ],
)
def test_outcomes(ending: Ending, passed: bool, word: str) -> None:
    assert outcome(ending, passed) == word
