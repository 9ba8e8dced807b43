"""`quire verify` on problems with tests that were made, and their evaluation against themselves."""

import json
from pathlib import Path

import pytest

from tests.conftest import Ask, Quire
from tests.support.contest_rows import STEPS, problem, put_problems
from tests.support.strengthened import figures, put_strengthened

MADE = [("(5,)", "10"), ("(0,)", "0")]
DOUBLE = "    return 2 * x\n"
SEED = [(1, 2)]
COUNTER = problem(
    "Counter",
    "    def __init__(self, n):\n        self.n = n\n    def add(self):\n        self.n += 1\n        return self.n\n",
    [([("Counter", (3,)), ("add", ()), ("add", ())], [None, 4, 5])],
    head="class Counter:\n",
    kind="design",
    harness=STEPS,
)
STDIO = problem(
    "stdio",
    "print(int(input()) * 2)\n",
    [],
    kind="stdio",
    entry_point=None,
    compare="tokens",
    head='"""Double."""\n',
    tests=[{"input": "1\n", "output": "2", "origin": "statement"}],
)
ROWS = [
    problem("strong", DOUBLE, SEED),
    problem("unstable", "    return x * (2 + (x == 7))\n", [*SEED, (2, 4)]),
    problem("untold", "    return x + x\n", [*SEED, (2, 4)]),
    problem("unfit", "    return x + 1\n", SEED),
    problem("survived", "    return x - 1\n", [(1, 0)]),
    problem("trivial", "    return x % 9\n", [(1, 1)]),
    problem("dropped", "    return x * 3\n", [(1, 3), (2, 6)]),
    problem("hungry", "    return [x] * (10**10 if x == 99 else 2)\n", [(1, [1, 1]), (2, [2, 2])]),
    COUNTER,
    STDIO,
]
OF_PROBLEMS = {
    "id-strong": (MADE, figures()),
    "id-unstable": ([("(7,)", "14"), *MADE], figures(killed_before=9, trivial_pass_before=0)),
    "id-unfit": ([], figures(mutants=None, outcome="no_inputs")),
    "id-survived": ([("(5,)", "4")], figures(equivalent=1, killed_after=7)),
    "id-trivial": ([("(2,)", "2")], figures(trivial_pass_after=1)),
    "id-dropped": ([("(3,)", "8")], figures()),
    "id-hungry": (
        [("(3,)", "[3, 3]"), ("(99,)", "[]")],
        figures(killed_before=8, trivial_pass_before=0),
    ),
    "id-Counter": ([("([('Counter', (0,)), ('add', ())],)", "[None, 1]")], figures(mutants=0)),
    "id-stdio": ([("4\n", "8\n")], figures(oracle="single", killed_after=8)),
}


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from pipelines import cli

    data = put_problems(tmp_path_factory.mktemp("made"), ROWS)
    put_strengthened(data, OF_PROBLEMS)
    assert cli.main(["verify", str(data), "--workers", "1"]) == 0
    return data


def test_problems_have_their_made_tests(verified: Path, ask: Ask, quire: Quire) -> None:
    columns = "n_tests, made_tests, unstable_tests, oracle, strength, mutants, killed"
    rows = ask(verified, f"SELECT path, {columns} FROM problems ORDER BY path")
    assert rows == [
        ("Counter", 2, 1, 0, "agreeing", "strengthened", 0, None),
        ("hungry", 2, 0, 2, None, "strengthened", 10, 0.8),
        ("stdio", 2, 1, 0, "single", "strengthened", 10, 0.8),
        ("strong", 3, 2, 0, "agreeing", "strengthened", 10, 1.0),
        ("unstable", 4, 2, 1, "agreeing", "strengthened", 10, 0.9),
        ("untold", 2, None, None, None, None, None, None),
    ]
    assert ask(verified, "SELECT test, tests FROM problems WHERE path = 'unstable'") == [
        (
            "def check(candidate):\n    assert candidate(1,) == 2\n    assert candidate(2,) == 4\n"
            "    assert candidate(5,) == 10\n    assert candidate(0,) == 0\n",
            [
                {"input": given, "output": answer, "origin": origin}
                for given, answer, origin in (
                    ("(1,)", "2", "statement"),
                    ("(2,)", "4", "statement"),
                    ("(5,)", "10", "strengthen"),
                    ("(0,)", "0", "strengthen"),
                )
            ],
        )
    ]
    assert quire("check", verified) == 0


def test_weak_tests_are_rejected(verified: Path, ask: Ask) -> None:
    assert ask(verified, "SELECT reason, value FROM rejects_verify ORDER BY ALL") == [
        ("few_tests", "id-unfit 1"),
        ("weak_tests", "id-dropped 1 of 3 trivial programs pass"),
        ("weak_tests", "id-survived 7 of 9 mutants fail"),
        ("weak_tests", "id-trivial 1 of 3 trivial programs pass"),
    ]


def test_tests_made_of_other_problems_are_refused(
    quire: Quire, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = put_problems(tmp_path, ROWS[:1])
    put_strengthened(data, OF_PROBLEMS, {"contest_problems": "0" * 64, "ci_problems": "1" * 64})
    assert quire("verify", data) == 2
    said = capsys.readouterr().err
    assert "strength: made of other `contest_problems`" in said
    assert f"run `quire strengthen {data} --overwrite` first" in said


def test_their_solutions_are_right_and_others_are_not(
    verified: Path, ask: Ask, quire: Quire, tmp_path: Path
) -> None:
    canonical, scores = tmp_path / "canonical.json", tmp_path / "scores"
    assert quire("sql", verified, "canonical", "--out", canonical) == 0
    samples = json.loads(canonical.read_text())
    assert len(samples) == 6
    wrong = [
        {"task_id": "id-strong", "completion": "    return 2\n"},
        {"task_id": "id-stdio", "completion": "print(2)\n"},
        {"task_id": "id-Counter", "completion": COUNTER["canonical_solution"].replace("1", "2")},
    ]
    whole = [{"task_id": "id-strong", "completion": "def strong(x):\n    return x + x\n"}]
    canonical.write_text(json.dumps(samples + whole + wrong))
    arguments = ("--data", scores, "-k", "1", "--workers", "1")
    assert quire("evaluate", canonical, "--eval", f"ours={verified}", *arguments) == 0
    verdicts = ask(
        scores, "SELECT suite, task_id, passed, why FROM verdicts_evaluate ORDER BY line"
    )
    assert verdicts[:7] == [("ours", each["task_id"], True, None) for each in samples + whole]
    assert verdicts[7:] == [
        ("ours", "id-strong", False, "test 1: 10 expected, 2"),
        ("ours", "id-stdio", False, "test 1: '8\\n' expected, '2\\n'"),
        ("ours", "id-Counter", False, "test 0: [None, 4, 5] expected, [None, 5, 7]"),
    ]
