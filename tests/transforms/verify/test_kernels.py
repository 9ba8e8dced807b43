"""The pure parts of verification: orders of tests, trivial programs, rules, expected results."""

import pytest

from tests.contest_rows import IN_PLACE, STEPS, problem
from transforms.verify.candidate import Candidate, Unfit
from transforms.verify.decision import expected_results
from transforms.verify.environments import REFERENCE_RUNS, RUNS_IN_ORDER, order_of_tests
from transforms.verify.rules_to_try import rules_to_try
from transforms.verify.trivial_programs import trivial_programs


def candidate(**more: object) -> Candidate:
    return Candidate.of(problem("f", "    return x\n", [(1, 1), (2, 2)], **more))


def test_the_environments_differ_as_they_should() -> None:
    assert len(REFERENCE_RUNS) == 5
    assert len({run.hash_seed for run in REFERENCE_RUNS}) == 3
    assert (
        len({run.time_zone for run in REFERENCE_RUNS})
        == len({run.directory for run in REFERENCE_RUNS})
        == 2
    )


def test_orders_are_shuffled_and_the_same_each_time() -> None:
    orders = [order_of_tests(20, "id", run) for run in range(len(REFERENCE_RUNS))]
    assert all(sorted(each) == list(range(20)) for each in orders)
    assert [each == list(range(20)) for each in orders] == [
        run < RUNS_IN_ORDER for run in range(len(REFERENCE_RUNS))
    ]
    assert orders == [order_of_tests(20, "id", run) for run in range(len(REFERENCE_RUNS))]
    assert order_of_tests(20, "other", 3) != orders[3]


def test_trivial_programs() -> None:
    program = "LIMIT = 5\ndef help(): return 1\ndef f(x):\n    'doc'\n    return x\n"
    assert trivial_programs(program, "f", False) == {
        "pass": "LIMIT = 5\n\ndef help():\n    return 1\n\ndef f(x):\n    pass\n",
        "stub": "LIMIT = 5\n\ndef help():\n    return 1\n\ndef f(x):\n    raise NotImplementedError\n",
    }
    methods = (
        "class F:\n    n = 1\n    def __init__(self): self.n = 2\n    async def g(self): return 3\n"
    )
    assert trivial_programs(methods, "F", False)["pass"] == (
        "class F:\n    n = 1\n\n    def __init__(self):\n        pass\n\n    async def g(self):\n        pass\n"
    )
    assert trivial_programs("print(1)", "", True)["pass"] == ""


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


def test_what_is_expected_results() -> None:
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


def test_what_is_not_a_literal_is_refused() -> None:
    with pytest.raises(Unfit, match="not_literal"):
        _ = candidate(tests=[{"input": "[1]", "output": "1", "origin": ""}]).arguments
    with pytest.raises(Unfit, match="not_literal"):
        _ = candidate(tests=[{"input": "()", "output": "exit()", "origin": ""}]).expected
