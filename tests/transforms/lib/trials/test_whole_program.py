"""Answers that continue a prompt, and those that are the whole program."""

from tests.support.contest_rows import problem
from transforms.lib.trials.candidate import Candidate
from transforms.lib.trials.whole_program import whole_program

HALF = problem("half", "    return x / 2\n", [(1, 0.5)])


def test_an_answer_that_is_the_whole_program() -> None:
    half, whole = Candidate.of(HALF), "import math\n\ndef half(x):\n    return x * 0.5\n"
    assert whole_program(half, HALF["prompt"] + whole) == whole
    for other in ("    return 1\n", "import math\n", "    return ][\n", "def other(): pass\n"):
        assert whole_program(half, HALF["prompt"] + other) == HALF["prompt"] + other
    assert whole_program(half, "x = ][\n") == "x = ][\n"
