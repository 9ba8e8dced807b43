"""What a problem's tests let one observe."""

from tests.support.contest_rows import STEPS, problem
from transforms.verify.candidate import Candidate
from transforms.verify.decision import observed


def candidate(**more: object) -> Candidate:
    return Candidate.of(problem("f", "    return x\n", [(1, 1), (2, 2)], **more))


def test_what_is_observed() -> None:
    assert list(observed(candidate())) == [1, 2]
    design = candidate(
        kind="design",
        harness=STEPS,
        tests=[{"input": "()", "output": "[None, 1, None, 2]", "origin": ""}],
    )
    assert list(observed(design)) == [1, 2]
    assert design.callable("class f: pass").endswith(
        "def _quire_call(*arguments):\n    return call(f, arguments)\n"
    )
