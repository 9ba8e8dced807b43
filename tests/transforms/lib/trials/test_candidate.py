"""A problem as it is tried: its tests are literals."""

import pytest

from tests.support.contest_rows import problem
from transforms.lib.trials.candidate import Candidate, Unfit


def candidate(**more: object) -> Candidate:
    return Candidate.of(problem("f", "    return x\n", [(1, 1), (2, 2)], **more))


def test_what_is_not_a_literal_is_refused() -> None:
    with pytest.raises(Unfit, match="not_literal"):
        _ = candidate(tests=[{"input": "[1]", "output": "1", "origin": ""}]).arguments
    with pytest.raises(Unfit, match="not_literal"):
        _ = candidate(tests=[{"input": "()", "output": "exit()", "origin": ""}]).expected
