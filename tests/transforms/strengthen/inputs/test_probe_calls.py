"""Functions whose tests are probes: direct calls, which the harness makes by itself."""

import pytest

from tests.support.contest_rows import problem
from transforms.lib.problems.probes.probe_harness import CALL_PROBE
from transforms.lib.trials.candidate import Candidate
from transforms.lib.trials.environments import Sandboxes
from transforms.strengthen.inputs import NoInputs, Proposals
from transforms.strengthen.strengthening import strengthen_problem

PROBE = "def test_it(candidate):\n    return [candidate(3), candidate(-4)]\n"
HARNESS = f'{PROBE}_PROBES = {{"test_it": test_it}}\n\n{CALL_PROBE}'
SIZE = problem(
    "size",
    "    return x if x >= 0 else -x\n",
    [(("test_it",), [3, 4])],
    harness=HARNESS,
    compare="equal",
)


def test_direct_calls_become_tests() -> None:
    with Sandboxes() as sandboxes:
        made = strengthen_problem(SIZE, sandboxes)
    assert made.strength["outcome"] == "strengthened"
    assert {test["input"]: test["output"] for test in made.tests}["('', 0)"] == "0"
    assert all(test["input"].startswith("('', ") for test in made.tests)


def test_probes_that_make_no_known_call_propose_nothing() -> None:
    row = SIZE | {"harness": HARNESS.replace("candidate(3)", "f").replace("candidate(-4)", "f")}
    with pytest.raises(NoInputs, match="probes"):
        Proposals.of(Candidate.of(row), "", None)
