"""Problems of DATA as an evaluation set: what names it, its tasks, and what a completion is."""

from pathlib import Path

import pyarrow as pa
import pytest

from schemas import PROBLEMS
from tests.support.contest_rows import problem, put_problems
from transforms.evaluate.own_problems import (
    ProblemJudge,
    completed,
    data_of_spec,
    problem_tasks,
    read_problem_set,
)
from transforms.evaluate.request import read_request
from transforms.lib.errors import UsageError
from transforms.lib.sandbox import Limits
from transforms.lib.skeleton.shards import UnitShards, commit
from transforms.lib.skeleton.storage import Storage
from transforms.lib.trials.candidate import Candidate

DOUBLE = problem("double", "    return 2 * x\n", [(1, 2), (2, 4)])
HALF = problem("half", "    return x / 2\n", [(1, 0.5)], compare="float", tolerance=1e-9)
SLOW = problem("slow", "    while x: pass\n", [(0, None)])


def verified(data: Path, rows: list[dict]) -> Path:
    """The rows as committed `problems`."""
    empty = dict.fromkeys(PROBLEMS.schema.names)
    storage = Storage(str(data))
    shards = UnitShards(storage, "verify", "00000", "made")
    table = pa.Table.from_pylist([empty | row for row in rows], schema=PROBLEMS.schema)
    shards.write(PROBLEMS.name, table)
    commit(storage, "verify", [PROBLEMS.name], "made", shards.commit()["shards"])
    return data


def test_what_names_data(tmp_path: Path) -> None:
    data = verified(tmp_path / "data", [DOUBLE])
    (tmp_path / "apps").mkdir()
    assert data_of_spec(str(data)) == ("problems", str(data))
    assert data_of_spec(f"ours={data}") == ("ours", str(data))
    assert data_of_spec("s3://bucket/data") == ("problems", "s3://bucket/data")
    for other in ("humaneval", f"apps={tmp_path / 'apps'}", "ours=tasks.jsonl", "mbpp=s3://b/m"):
        assert data_of_spec(other) is None


def test_tasks_have_no_tests_and_their_solutions(tmp_path: Path) -> None:
    problems = read_problem_set("ours", str(verified(tmp_path, [DOUBLE, HALF])))
    assert [task.canonical_solution for task in problems.tasks] == [
        "    return 2 * x\n",
        "    return x / 2\n",
    ]
    tasks = problem_tasks(problems)
    assert [(name, task.entry_point, task.test) for name, task in tasks.items()] == [
        ("id-double", "double", ""),
        ("id-half", "half", ""),
    ]


def test_no_problems(tmp_path: Path) -> None:
    put_problems(tmp_path, [DOUBLE])
    with pytest.raises(UsageError, match="no `problems` here; run `quire verify` first"):
        read_problem_set("problems", str(tmp_path))


def test_an_environment_that_is_not_there(tmp_path: Path) -> None:
    row = DOUBLE | {"level": "package", "environment": "0" * 64}
    with pytest.raises(UsageError, match="archives/00/0+: not there"):
        read_problem_set("problems", str(verified(tmp_path, [row])))


def test_a_moved_data_is_the_same_request(tmp_path: Path) -> None:
    samples = tmp_path / "samples.jsonl"
    samples.write_text('{"task_id": "id-double", "completion": ""}\n')
    places = [verified(tmp_path / name, [DOUBLE]) for name in ("a", "b")]
    requests = [read_request(str(samples), str(place)) for place in places]
    assert requests[0].settings == requests[1].settings
    assert [each.evaluation.problems for each in requests] == [*map(str, places)]
    samples.write_text('{"task_id": "id-other", "completion": ""}\n')
    with pytest.raises(UsageError, match="no task 'id-other' in `problems` of"):
        read_request(str(samples), str(places[0]))


def test_what_a_completion_is() -> None:
    candidate = Candidate.of(DOUBLE)
    whole = "import math\n\ndef double(x):\n    return x + x\n"
    assert completed(candidate, "    return 1\n") == "def double(x):\n    return 1\n"
    assert completed(candidate, whole) == whole
    for other in ("import math\n", "    return ][\n", "def other(): pass\n"):
        assert completed(candidate, other) == "def double(x):\n" + other
    program = Candidate.of(DOUBLE | {"kind": "stdio"})
    assert completed(program, whole) == "def double(x):\n" + whole


def test_judged_by_tests_rule_and_limits(tmp_path: Path) -> None:
    judge = ProblemJudge(Storage(str(verified(tmp_path, [DOUBLE, HALF, SLOW]))))
    judge.load(["id-half", "id-slow"])
    limits = Limits(wall=30.0, cpu=1)
    right = judge.judge("id-half", "    return x * 0.5\n\ndef g(): ][", ("\ndef",), limits)
    assert (right.passed, right.why) == (True, "")
    near = judge.judge("id-half", "    return x * 0.5 + 1e-7\n", (), limits)
    assert (near.passed, near.why) == (False, "test 0: 0.5 expected, 0.5000001")
    slow = judge.judge("id-slow", "    while True: pass\n", (), limits)
    assert (slow.passed, slow.ending.limit, slow.why) == (False, "cpu", "limit: cpu")
    judge.close()
