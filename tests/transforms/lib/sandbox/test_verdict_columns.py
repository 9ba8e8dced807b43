"""The ending of a run as the columns of a verdict."""

import pytest

from transforms.lib.sandbox import Ending
from transforms.lib.sandbox.verdict_columns import verdict_outcome


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
    assert verdict_outcome(ending, passed) == word
