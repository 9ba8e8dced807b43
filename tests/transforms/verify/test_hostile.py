"""Hostile problems and hostile answers: each is rejected with a reason, and nothing stops the rest."""

import time
from collections.abc import Iterator

import pytest

from tests.support.contest_rows import problem
from transforms.lib.trials.candidate import Candidate
from transforms.lib.trials.environments import Sandboxes
from transforms.verify.decision import decide

ANSWERS = {
    "a huge int": "return 10**6000",
    "deep": "v = []\n    for _ in range(100_000): v = [v]\n    return v",
    "as deep as data may be": "v = []\n    for _ in range(90): v = [v]\n    return v",
    "deep and wide, not by this encoder": (
        "import os\n    body = b'[\"tuple\",\"returned\",' + b'[\"list\",' * 90 + b'1,' * 10**5 + b'1'"
        " + b']' * 90 + b',null]'\n    data = (len(body).to_bytes(4) + body) * 8\n"
        "    while data: data = data[os.write(201, data):]\n    os._exit(0)"
    ),
    "cyclic": "v = []; v.append(v)\n    return v",
    "of many kinds": "return [float('nan'), None, {1: 2}, {3}, 10**6000, range(10**6000), '\\ud800']",
    "large": "return list(range(3 * 10**6))",
    "none": "import os; os._exit(0)",
    "an object that equals everything": "return type('E', (), {'__eq__': lambda *a: True, '__hash__': lambda s: 0})()",
    "half a surrogate pair that is raised": "raise ValueError('\\ud800' * 1000)",
    "the harness's own name": "global _quire_call\n    _quire_call = None\n    return 5",
}


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Sandboxes]:
    with Sandboxes() as started:
        yield started


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("compare", ["exact", "float", "unordered_nested"])
def test_answers(sandboxes: Sandboxes, answer: str, compare: str) -> None:
    row = problem(
        "f", f"    {ANSWERS[answer]}\n", [(1, [2]), (2, [4])], compare=compare, tolerance=1e-5
    )
    begin = time.process_time()
    decision = decide(Candidate.of(row), sandboxes, None)
    assert time.process_time() - begin < 3  # of this process; the program's own are not counted
    assert decision.reason == "reference_fails"
    assert [verdict["outcome"] for verdict in decision.verdicts] == ["failed"]
    decision.value.encode()


ROWS = {
    "deep arguments": (
        "not_literal",
        {"tests": [{"input": "(" * 5000 + ")" * 5000, "output": "1", "origin": ""}] * 2},
    ),
    "a huge int": (
        "not_literal",
        {"tests": [{"input": f"({'9' * 5000},)", "output": "1", "origin": ""}] * 2},
    ),
    "no tuple": ("not_literal", {"tests": [{"input": "5", "output": "1", "origin": ""}] * 2}),
    "a deep program": ("reference_limit", {"canonical_solution": f"    return {'-' * 100_000}1\n"}),
    "a prompt that does not end": ("reference_does_not_load", {"prompt": "def f(x:\n"}),
    "an entry point that is none": ("reference_fails", {"entry_point": "g"}),
    "a program that ends at once": (
        "reference_fails",
        {"prompt": "import os; os._exit(0)\ndef f(x):\n"},
    ),
    "an import in the body of what nobody lends": (
        "needs_library",
        {"canonical_solution": "    import sortedcontainers\n    return x\n"},
    ),
    "a rule that nobody knows": ("needs_checker", {"compare": "as you like"}),
}


@pytest.mark.parametrize("row", ROWS)
def test_rows(sandboxes: Sandboxes, row: str) -> None:
    reason, more = ROWS[row]
    made = problem("f", "    return x\n", [(1, 1), (2, 2)]) | more
    assert decide(Candidate.of(made), sandboxes, None).reason == reason


def test_a_function_that_has_the_name_of_its_test(sandboxes: Sandboxes) -> None:
    row = problem("check", "    return 2 * x\n", [(1, 2), (2, 4)])
    decision = decide(Candidate.of(row), sandboxes, None)
    assert decision.reason is None
    assert decision.columns["test"].startswith("_entry_point = check\n")


@pytest.mark.parametrize(
    ("tests", "output", "reason"),
    [
        ("f(1) == Sum(1) and '== Sum(1)', f(2) == Sum(2)", "['== Sum(1)', True]", "trivial_passes"),
        ("f(1) == Sum(1), f(2).total", "[True, 2]", None),
    ],
)
def test_objects_that_agree_with_all_are_tried(
    sandboxes: Sandboxes, tests: str, output: str, reason: str | None
) -> None:
    """Where each test compares objects of the program's own class, the class can always agree."""
    row = problem(
        "f",
        "    return Sum(x)\n",
        [],
        head="class Sum:\n    def __init__(self, total): self.total = total\n"
        "    def __eq__(self, other): return self.total == other.total\n\n\ndef f(x):\n",
        harness=f"def probe(f): return [{tests}]\n_PROBES = {{'probe': probe}}\n"
        "Sum\ndef call(candidate, arguments): return _PROBES[arguments[0]](candidate)\n",
        tests=[{"input": "('probe',)", "output": output, "origin": ""}],
    )
    assert decide(Candidate.of(row), sandboxes, None).reason == reason


def test_a_sandbox_that_is_gone_is_started_anew(sandboxes: Sandboxes) -> None:
    good = Candidate.of(problem("f", "    return x\n", [(1, 1), (2, 2)]))
    bomb = Candidate.of(
        problem("f", "    import os, signal\n    os.kill(0, signal.SIGKILL)\n", [(1, 1), (2, 2)])
    )
    assert decide(bomb, sandboxes, None).reason == "reference_fails"
    assert decide(good, sandboxes, None).reason is None
