"""`quire verify` as a user runs it: problems that hold, and every reason of a reject."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import Ask, Quire
from tests.support.contest_rows import IN_PLACE, STEPS, problem, put_problems
from tests.support.inputs import digests

DOUBLE = "    return 2 * x\n"
PAIRS = [(1, 2), (2, 4), (3, 6)]
FLOATS = {"compare": "float", "tolerance": 1e-5, "compare_origin": "outputs"}
THIRDS = [(1, 0.33333333333333337), (2, 0.6666666666666666)]
LETTERS = "{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'}.pop()"
FIRST = subprocess.run(
    [sys.executable, "-c", f"print({LETTERS})"],
    env={"PYTHONHASHSEED": "0"},
    capture_output=True,
    text=True,
    check=True,
).stdout.strip()
STDIO = {
    "kind": "stdio",
    "entry_point": None,
    "compare": "tokens",
    "head": '"""Double."""\n',
    "tests": [{"input": f"{n}\n", "output": f"{2 * n} ", "origin": "statement"} for n in (1, 2)],
}

HOLD = [
    problem(
        "double",
        DOUBLE,
        PAIRS,
        solutions=["", "def double(x):\n    return x + x\n", "def double(x): raise OSError\n"],
        wrong_solutions=["def double(x): return x * x\n", "def double(x): return x["],
    ),
    problem(
        "in_place",
        "    x.sort()\n",
        [([2, 1], [1, 2]), ([3, 1], [1, 3])],
        harness=IN_PLACE,
        compare="inplace",
    ),
    problem(
        "Counter",
        "    def __init__(self, n):\n        self.n = n\n    def add(self):\n        self.n += 1\n        return self.n\n",
        [([("Counter", (3,)), ("add", ()), ("add", ())], [None, 4, 5])],
        head="class Counter:\n",
        kind="design",
        harness=STEPS,
    ),
    problem(
        "stdio",
        "print(int(input()) * 2)\n",
        [],
        **STDIO,
        wrong_solutions=["print(int(input()) * 3)\n"],
    ),
    problem("third", "    return x / 3\n", [(1, 0.33333333333333337), (2, 2 / 3)], **FLOATS),
    problem(
        "stated",
        "    return x / 3\n",
        [(1, 1 / 3), (2, 2 / 3)],
        **FLOATS | {"compare_origin": "statement"},
    ),
    problem("rounded", "    return x / 3\n", [(1, 0.333333), (2, 0.666667)], **FLOATS),
    problem("whole", "    return x / 1\n", [(1, 1), (2, 2)]),
    problem(
        "nested",
        "    return [[3, 2], [x]]\n",
        [(1, [[1], [2, 3]]), (4, [[2, 3], [4]])],
        compare="unordered_nested",
    ),
    problem(
        "items",
        "    return [x, {2, 1}]\n",
        [([2, 1], [[1, 2], {1, 2}]), ([3], [[3], {1, 2}])],
        compare="unordered_items",
    ),
    problem(
        "caseless",
        "print('Yes' if input() > '1' else 'NO')\n",
        [],
        **STDIO
        | {
            "compare": "tokens_caseless",
            "tests": [
                {"input": "1", "output": "no", "origin": ""},
                {"input": "2", "output": "YES\n", "origin": ""},
            ],
        },
    ),
]
FAIL = {
    "wrong": ("reference_fails", problem("wrong", "    return x\n", PAIRS)),
    "missing": (
        "needs_library",
        problem("missing", "    return 1\n", PAIRS, head="import nowhere\ndef missing(x):\n"),
    ),
    "hungry": ("reference_limit", problem("hungry", "    return len('x' * 10**10)\n", PAIRS)),
    "hashed": (
        "unstable",
        problem("hashed", f"    return x, {LETTERS}\n", [(1, (1, FIRST)), (2, (2, FIRST))]),
    ),
    "zoned": (
        "unstable",
        problem(
            "zoned", "    import time\n    return x, time.timezone\n", [(1, (1, 0)), (2, (2, 0))]
        ),
    ),
    "placed": (
        "unstable",
        problem(
            "placed",
            "    import os\n    return x, 'elsewhere' in os.getcwd()\n",
            [(1, (1, False)), (2, (2, False))],
        ),
    ),
    "stateful": (
        "unstable",
        problem(
            "stateful",
            "    SEEN.append(x)\n    return len(SEEN)\n",
            [(n, n) for n in range(1, 9)],
            head="SEEN = []\ndef stateful(x):\n",
        ),
    ),
    "idle": (
        "trivial_passes",
        problem(
            "idle", "    x.sort()\n", [([1], [1]), ([2], [2])], harness=IN_PLACE, compare="inplace"
        ),
    ),
    "several": (
        "solutions_disagree",
        problem("several", DOUBLE, PAIRS, solutions=["", "def several(x): return x + 1\n"]),
    ),
    "weak": (
        "wrong_solution_passes",
        problem("weak", DOUBLE, PAIRS, wrong_solutions=["def weak(x): return x + x\n"]),
    ),
    "own": (
        "test_fails",
        problem(
            "own",
            "    return Unequal([x])\n",
            [(1, [1]), (2, [2])],
            head="class Unequal(list):\n    def __eq__(self, other): return False\n\ndef own(x):\n",
        ),
    ),
    "single": ("few_tests", problem("single", DOUBLE, PAIRS[:1])),
    "constant": ("same_output", problem("constant", "    return 5\n", [(1, 5), (2, 5)])),
    "free": ("needs_checker", problem("free", DOUBLE, PAIRS, compare="checker")),
    "code": (
        "not_literal",
        problem(
            "code",
            DOUBLE,
            PAIRS,
            tests=[{"input": "(open('x'),)", "output": "1", "origin": ""}] * 2,
        ),
    ),
    "twin": ("duplicate", problem("twin", DOUBLE, PAIRS, path="z", redistributable=False)),
}
ROWS = [*HOLD, *(row for _, row in FAIL.values())]


@pytest.fixture(scope="module")
def verified(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from pipelines import cli

    data = put_problems(tmp_path_factory.mktemp("verified"), ROWS)
    assert cli.main(["verify", str(data), "--workers", "1"]) == 0
    return data


def test_problems_that_hold(verified: Path, ask: Ask) -> None:
    assert ask(verified, "SELECT problem_id FROM problems ORDER BY ALL") == sorted(
        (row["problem_id"],) for row in HOLD
    )
    counts = dict(
        ask(
            verified,
            "SELECT path, (agreeing, duplicates) FROM problems WHERE path IN ('double', 'whole')",
        )
    )
    assert counts == {"double": (1, 1), "whole": (0, 0)}


def test_reasons_of_rejects(verified: Path, ask: Ask) -> None:
    rejects = ask(verified, "SELECT split_part(value, ' ', 1), reason FROM rejects_verify")
    assert dict(rejects) == {row["problem_id"]: reason for reason, row in FAIL.values()}
    assert len(rejects) == len(FAIL)
    value = dict(ask(verified, "SELECT reason, value FROM rejects_verify"))
    assert value["duplicate"] == "id-twin id-double"
    assert value["solutions_disagree"] == "id-several solution 1: test 1: 4 expected, 3"
    assert value["reference_fails"] == "id-wrong run 0: test 0: 2 expected, 1"
    assert value["test_fails"] == "id-own AssertionError: "
    assert value["needs_library"] == "id-missing No module named 'nowhere' (--libraries lends it)"


def test_the_tightest_rule_that_holds(verified: Path, ask: Ask) -> None:
    rules = dict(ask(verified, "SELECT path, (compare, tolerance) FROM problems"))
    assert {
        name: rules[name] for name in ("third", "stated", "rounded", "whole", "double", "in_place")
    } == {
        "third": ("float", 1e-12),
        "stated": ("float", 1e-5),
        "rounded": ("float", 1e-6),
        "whole": ("equal", None),
        "double": ("exact", None),
        "in_place": ("inplace", None),
    }


def test_every_run_has_its_verdict(verified: Path, ask: Ask, quire: Quire) -> None:
    assert ask(
        verified,
        "SELECT program, number, run, tests, tests_passed, outcome FROM verdicts_verify"
        " WHERE problem_id = 'id-double' ORDER BY program, number, run",
    ) == [
        ("pass", 0, 0, 3, 0, "failed"),
        *(("reference", 0, run, 3, 3, "passed") for run in range(5)),
        ("solution", 1, 0, 3, 3, "passed"),
        ("solution", 2, 0, 3, 0, "failed"),
        ("stub", 0, 0, 3, 0, "failed"),
        ("test", 0, 0, 3, 3, "passed"),
        ("test_pass", 0, 0, 3, 0, "failed"),
        ("wrong", 0, 0, 3, 1, "failed"),
        ("wrong", 1, 0, 3, 0, "failed"),
    ]
    assert ask(
        verified, "SELECT count(*) FROM verdicts_verify WHERE NOT passed AND why IS NULL"
    ) == [(0,)]
    assert ask(
        verified, "SELECT limit_hit FROM verdicts_verify WHERE problem_id = 'id-hungry'"
    ) == [("memory",)]
    assert quire("check", verified) == 0


def test_the_funnel(verified: Path, quire: Quire, capsys: pytest.CaptureFixture[str]) -> None:
    assert quire("sql", verified, "verification") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "source,reason,problems,percent"
    assert lines[1].startswith(f"made,holds,{len(HOLD)},")
    assert sum(int(line.split(",")[2]) for line in lines[1:]) == len(ROWS)


def test_samples_of_problems(
    quire: Quire, ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Section 4.3: a problem that no sample solves goes, and so does one that was not sampled."""
    rows = [
        HOLD[0],
        problem("unsolved", DOUBLE, PAIRS[:2]),
        problem("unasked", "    return x - 1\n", [(1, 0), (2, 1)]),
    ]
    data = put_problems(tmp_path / "data", rows)
    samples = tmp_path / "samples.jsonl"
    drawn = [
        ("id-double", DOUBLE),
        ("id-double", "    return x\n"),
        ("id-unsolved", "    return x\n"),
        ("id-unsolved", ""),
    ]
    samples.write_text(
        "".join(json.dumps({"task_id": t, "completion": c}) + "\n" for t, c in drawn)
    )
    assert quire("verify", data, "--samples", samples, "--workers", "1") == 0
    assert "1 of 3 problems have no sample and will be dropped" in capsys.readouterr().err
    assert ask(data, "SELECT problem_id, samples, samples_passed FROM problems") == [
        ("id-double", 2, 1)
    ]
    assert ask(data, "SELECT reason, value FROM rejects_verify ORDER BY ALL") == [
        ("no_sample_passes", "id-unsolved 2"),
        ("no_samples", "id-unasked 0"),
    ]
    samples.write_text('{"task_id": "x", "completion": ""}\n')
    assert quire("verify", data, "--samples", samples, "--overwrite") == 2


def test_the_same_bytes_after_a_kill(quire: Quire, tmp_path: Path) -> None:
    """And by one worker or two."""
    names = [f"f{n}" for n in range(25)]  # two units
    rows = [
        problem(name, f"    return x + {n}\n", [(1, n + 1), (2, n + 2)])
        for n, name in enumerate(names)
    ]
    killed, whole = (put_problems(tmp_path / name, rows) for name in ("killed", "whole"))
    command = [sys.executable, "-m", "pipelines.cli", "verify", str(killed), "--workers", "2"]
    run = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    while not list(killed.glob("_work/verify/tried-*.json")):
        assert run.poll() is None
        time.sleep(0.02)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert quire("verify", killed, "--workers", "2") == 2
    assert quire("verify", killed, "--workers", "2", "--resume") == 0
    assert quire("verify", whole, "--workers", "1") == 0
    stable = [
        {name: digest for name, digest in digests(data).items() if "verdicts" not in name}
        for data in (killed, whole)
    ]
    assert stable[0] == stable[1]
    assert not (killed / "_work").exists()


def test_nothing_to_verify(
    quire: Quire, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert quire("verify", tmp_path) == 2
    assert "run `quire contests` or `quire ci` first" in capsys.readouterr().err
    assert quire("verify", put_problems(tmp_path / "d", []), "--libraries", tmp_path / "none") == 2
    assert "no such folder" in capsys.readouterr().err
    assert quire("verify", tmp_path / "d") == 0


def test_a_build_verifies_the_problems_it_was_asked_for(
    quire: Quire, ask: Ask, tmp_path: Path
) -> None:
    module = tmp_path / "project" / "pkg" / "numbers.py"
    module.parent.mkdir(parents=True)
    module.write_text(
        'def double(x):\n    """Twice a number.\n\n    >>> double(2)\n    4\n    >>> double(5)\n    10\n    """\n'
        '    return x + x\n\n\ndef half(x):\n    """Half.\n\n    >>> half(2)\n    1.0\n    """\n    return x / 2\n'
    )
    data = tmp_path / "data"
    assert quire("build", data, f"dir:{tmp_path / 'project'}", "doctest:", "--workers", "1") == 0
    # Its one doctest is few for half; what is made beside it is enough.
    assert ask(data, "SELECT entry_point, made_tests > 0 FROM problems ORDER BY ALL") == [
        ("double", True),
        ("half", True),
    ]
    assert quire("check", data) == 0
