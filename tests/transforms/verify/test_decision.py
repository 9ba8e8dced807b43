"""The results that a problem's tests expect."""

from tests.support.contest_rows import STEPS, problem
from transforms.lib.trials.candidate import Candidate
from transforms.verify.decision import expected_results


def candidate(**more: object) -> Candidate:
    return Candidate.of(problem("f", "    return x\n", [(1, 1), (2, 2)], **more))


def test_expected_results() -> None:
    assert list(expected_results(candidate())) == [1, 2]
    design = candidate(
        kind="design",
        harness=STEPS,
        tests=[{"input": "()", "output": "[None, 1, None, 2]", "origin": ""}],
    )
    assert list(expected_results(design)) == [1, 2]
    assert design.with_harness("class f: pass").endswith(
        "def _quire_call(*arguments):\n    return call(f, arguments)\n"
    )
