"""The compare rules of a problem, the strictest first."""

import pytest

from tests.support.contest_rows import IN_PLACE, problem
from transforms.lib.trials.candidate import Candidate, Unfit
from transforms.lib.trials.rules_to_try import rules_to_try


def candidate(**more: object) -> Candidate:
    return Candidate.of(problem("f", "    return x\n", [(1, 1), (2, 2)], **more))


@pytest.mark.parametrize(
    ("more", "kinds"),
    [
        ({"compare": "exact"}, [("exact", 0.0), ("equal", 0.0)]),
        ({"compare": "equal"}, [("equal", 0.0)]),
        ({"compare": "inplace", "harness": IN_PLACE}, [("exact", 0.0), ("equal", 0.0)]),
        (
            {"compare": "float", "tolerance": 1e-6, "compare_origin": "type"},
            [("float", t) for t in (1e-12, 1e-9, 1e-7, 1e-6)],
        ),
        ({"compare": "float", "tolerance": 1e-2, "compare_origin": "statement"}, [("float", 1e-2)]),
        ({"compare": "unordered"}, [("unordered", 0.0)]),
        ({"compare": "tokens", "tolerance": 1e-9}, [("tokens", 1e-9)]),
    ],
)
def test_rules(more: dict, kinds: list) -> None:
    assert [(rule.kind, rule.tolerance) for rule in rules_to_try(candidate(**more))] == kinds


def test_what_needs_a_checker() -> None:
    with pytest.raises(Unfit, match="needs_checker"):
        rules_to_try(candidate(compare="checker"))
