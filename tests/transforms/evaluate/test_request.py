"""What an evaluation is requested to do: what fits, what is left out, what is refused."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest

from transforms.evaluate.request import (
    Evaluation,
    check_writable,
    choose_ks,
    clean_notes,
    logprob_notes,
    missing_task_notes,
    odd_sample_notes,
    parse_ks,
    read_request,
    sample_limits,
)
from transforms.evaluate.sample_counts import SampleCounts
from transforms.lib import VERSION
from transforms.lib.completions.stop_sequences import PAPER_STOPS
from transforms.lib.errors import UsageError
from transforms.lib.records.input_files import digest
from transforms.lib.sandbox import Limits

TASKS = [
    {
        "task_id": name,
        "prompt": f"def {name}():\n",
        "entry_point": name,
        "test": "def check(candidate): pass",
    }
    for name in ("one", "two")
]


def counts_of(**by_task: int) -> SampleCounts:
    return SampleCounts(by_task, 0, "")


def write_lines(path: Path, rows: list[dict]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


@pytest.fixture
def tasks(tmp_path: Path) -> str:
    return "ours=" + write_lines(tmp_path / "tasks.jsonl", TASKS)


@pytest.fixture
def samples(tmp_path: Path) -> str:
    rows = [{"task_id": name, "completion": "    return 1\n"} for name in ("one", "two", "one")]
    return write_lines(tmp_path / "samples.jsonl", rows)


def test_a_request_with_defaults(tasks: str, samples: str) -> None:
    request = read_request(samples, tasks)
    assert request.evaluation == Evaluation("ours", (1,), (), Limits(wall=10, cpu=3))
    assert (list(request.tasks), request.counts.total) == (["one", "two"], 3)
    assert request.notes == [
        f"pass@{k} is left out: it needs {k} samples of each task, and two has 1" for k in (10, 100)
    ]
    assert [(each.task_id, each.number) for each in request.samples()] == [
        ("one", 0),
        ("two", 0),
        ("one", 1),
    ]


def test_a_request_with_every_setting(tasks: str, samples: str, tmp_path: Path) -> None:
    clean = write_lines(tmp_path / "clean.json", [])
    Path(clean).write_text('["two", "other"]')
    request = read_request(
        samples,
        tasks,
        fields="doc=prompt",
        ks="1",
        paper_stops=True,
        cpu_seconds=1,
        clean=clean,
        ignore_incomplete=True,
        limit=1,
    )
    limits = Limits(wall=4, cpu=1)
    assert request.evaluation == Evaluation("ours", (1,), PAPER_STOPS, limits, ("other", "two"))
    assert request.notes == ["no task with samples is in the clean subset"]
    assert [each.task_id for each in request.samples()] == ["one"]
    assert request.settings == [
        VERSION,
        digest(tasks.partition("=")[2]),
        "doc=prompt",
        digest(samples),
        1,
        asdict(request.evaluation),
    ]


def test_a_request_without_failing_references(tasks: str, samples: str) -> None:
    request = read_request(samples, tasks)
    assert request.without({}) is request
    fewer = request.without({"two": "limit: cpu"})
    assert fewer.evaluation.left_out == ("two",)
    assert fewer.settings != request.settings
    assert fewer.notes[-1] == "1 tasks are not scored, as their own references fail: two"
    with pytest.raises(UsageError, match="no reference of a task with samples passes"):
        request.without({"one": "", "two": ""})


def test_tasks_without_a_check_are_refused(tmp_path: Path, samples: str) -> None:
    tasks = write_lines(tmp_path / "words.jsonl", [{"task_id": "one", "doc": "words"}])
    with pytest.raises(UsageError, match="--eval ours=.*: its tasks have no check"):
        read_request(samples, f"ours={tasks}")


def test_requested_ks() -> None:
    assert parse_ks("100,1,10,1") == (1, 10, 100)
    for text in ("", "0", "1,", "one", "-1", "1.5", "1, 2"):
        with pytest.raises(UsageError, match=f"-k {text}: must be whole numbers from 1"):
            parse_ks(text)


def test_a_k_that_does_not_fit() -> None:
    counts = counts_of(one=12, two=9, three=9)
    assert choose_ks("s", (1, 9), counts) == ((1, 9), [])
    with pytest.raises(UsageError, match="s: pass@10 needs 10 samples of each task, and two has 9"):
        choose_ks("s", (1, 10, 100), counts)
    ks, notes = choose_ks("s", None, counts)
    assert (ks, [note.split(":")[0] for note in notes]) == (
        (1,),
        ["pass@10 is left out", "pass@100 is left out"],
    )
    assert choose_ks("s", None, counts_of(one=100)) == ((1, 10, 100), [])


def test_limits() -> None:
    assert sample_limits(2.0, 512 << 20) == Limits(wall=7, cpu=2)
    assert sample_limits(0.5, 64 << 20) == Limits(wall=2.5, cpu=0.5, memory=64 << 20)
    for seconds in (0, 0.05, -1, 86_401, float("inf"), float("nan")):
        with pytest.raises(UsageError, match=r"--timeout .*: must be from 0.1 s to a day"):
            sample_limits(seconds, 512 << 20)
    with pytest.raises(UsageError, match="--memory 31: must be at least 32 MB"):
        sample_limits(3, 31 << 20)


def test_tasks_without_samples() -> None:
    tasks = ["one", "two", "three", "four", "five"]
    assert missing_task_notes("s", ["one"], counts_of(one=1), False) == []
    note = "4 of 5 tasks have no sample: two, three, four"
    assert missing_task_notes("s", tasks, counts_of(one=1), True) == [note]
    with pytest.raises(UsageError, match=f"s: {note}; --ignore-incomplete scores the others"):
        missing_task_notes("s", tasks, counts_of(one=1), False)


def test_samples_without_log_probabilities() -> None:
    assert [logprob_notes(SampleCounts({"one": 3}, n, "")) for n in (0, 3)] == [[], []]
    assert logprob_notes(SampleCounts({"one": 3}, 2, "")) == [
        "no best of n: 2 of 3 samples have no log-probability"
    ]


def test_odd_samples() -> None:
    tasks = dict.fromkeys("abcdef", 2)
    assert odd_sample_notes(SampleCounts(tasks, 0, "", empty=6, uniform=3)) == []
    empty, equal = odd_sample_notes(SampleCounts(tasks, 0, "", empty=7, uniform=4))
    assert empty.startswith("7 of 12 completions are empty: is this a chat model?")
    assert equal.startswith("4 of 6 tasks with several samples have none but equal ones")
    assert odd_sample_notes(SampleCounts({"a": 2}, 0, "", uniform=1)) == []


def test_the_clean_subset() -> None:
    assert clean_notes(None, counts_of(one=1)) == []
    assert clean_notes({"one"}, counts_of(one=1)) == []
    assert clean_notes({"two"}, counts_of(one=1)) == ["no task with samples is in the clean subset"]


def test_a_folder_that_may_not_be_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, samples: str
) -> None:
    check_writable(samples)
    monkeypatch.setattr(os, "access", lambda folder, mode: mode != os.W_OK)
    with pytest.raises(UsageError, match=f"{tmp_path}: not writable, and the results file"):
        check_writable(samples)


def test_samples_that_cannot_be_read_again(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for name in ("pipe", "link", "."):
        with pytest.raises(UsageError, match="not a regular file; samples are read more than once"):
            check_writable(str(tmp_path / name))
