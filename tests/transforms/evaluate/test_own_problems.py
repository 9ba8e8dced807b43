"""Problems of DATA as an evaluation set: what names it, and its tasks."""

from pathlib import Path

import pytest

from tests.support.contest_rows import problem, put_problems, put_verified
from transforms.evaluate.own_problems import data_of_spec, read_problem_set
from transforms.evaluate.request import read_request, runnable_tasks
from transforms.lib.errors import UsageError

DOUBLE = problem("double", "    return 2 * x\n", [(1, 2), (2, 4)])
HALF = problem("half", "    return x / 2\n", [(1, 0.5)], compare="float", tolerance=1e-9)


def test_what_names_data(tmp_path: Path) -> None:
    data = put_verified(tmp_path / "data", [DOUBLE])
    (tmp_path / "apps").mkdir()
    assert data_of_spec(str(data)) == ("problems", str(data))
    assert data_of_spec(f"ours={data}") == ("ours", str(data))
    assert data_of_spec("s3://bucket/data") == ("problems", "s3://bucket/data")
    for other in ("humaneval", f"apps={tmp_path / 'apps'}", "ours=tasks.jsonl", "mbpp=s3://b/m"):
        assert data_of_spec(other) is None


def test_tasks_know_where_their_tests_are(tmp_path: Path) -> None:
    problems = read_problem_set("ours", str(put_verified(tmp_path, [DOUBLE, HALF])))
    tasks = runnable_tasks(problems, "ours")
    assert [(name, task.entry_point, task.reference) for name, task in tasks.items()] == [
        ("id-double", "double", "def double(x):\n    return 2 * x\n"),
        ("id-half", "half", "def half(x):\n    return x / 2\n"),
    ]
    assert {(task.test, task.judged_by) for task in tasks.values()} == {("", "problem")}


def test_no_problems(tmp_path: Path) -> None:
    put_problems(tmp_path, [DOUBLE])
    with pytest.raises(UsageError, match="no `problems` here; run `quire verify` first"):
        read_problem_set("problems", str(tmp_path))


def test_an_environment_that_is_not_there(tmp_path: Path) -> None:
    row = DOUBLE | {"level": "package", "environment": "0" * 64}
    with pytest.raises(UsageError, match="archives/00/0+: not there"):
        read_problem_set("problems", str(put_verified(tmp_path, [row])))


def test_a_moved_data_is_the_same_request(tmp_path: Path) -> None:
    samples = tmp_path / "samples.jsonl"
    samples.write_text('{"task_id": "id-double", "completion": ""}\n')
    places = [put_verified(tmp_path / name, [DOUBLE]) for name in ("a", "b")]
    requests = [read_request(str(samples), str(place)) for place in places]
    assert requests[0].settings == requests[1].settings
    assert [each.evaluation.problems for each in requests] == [*map(str, places)]
    samples.write_text('{"task_id": "id-other", "completion": ""}\n')
    with pytest.raises(UsageError, match="no task 'id-other' in `problems` of"):
        read_request(str(samples), str(places[0]))
