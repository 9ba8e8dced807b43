"""One reading of a file of samples: counts, and the digest of the whole file."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from transforms.evaluate import sample_counts
from transforms.evaluate.sample_counts import count_samples
from transforms.lib.errors import UsageError
from transforms.lib.records.input_files import digest
from transforms.lib.skeleton.storage import open_input

ROWS = [
    {"task_id": "b", "completion": "x"},
    {"task_id": "a", "completion": "é" * 3_000_000, "logprobs": [-1.0]},
    {"task_id": "b", "completion": "", "mean_logprob": -0.5},
    {"task_id": "c", "completion": "\n", "logprobs": None},
]


def write(path: Path, text: str) -> str:
    content = text.encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return str(path)


@pytest.fixture(params=["s.jsonl", "s.jsonl.gz", "s.json", "s.json.gz"])
def samples(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    is_array = ".json" in request.param.replace(".jsonl", "")
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    return write(tmp_path / request.param, json.dumps(ROWS) if is_array else lines)


def test_counts(samples: str) -> None:
    counts = count_samples(samples, "abc", "here")
    assert list(counts.by_task.items()) == [("b", 2), ("a", 1), ("c", 1)]
    assert (counts.total, counts.without_logprobs, counts.fewest) == (4, 2, ("a", 1))
    assert (counts.empty, counts.uniform) == (2, 0)
    assert counts.sha256 == digest(samples)


def test_the_digest_is_of_the_whole_file_under_a_limit(samples: str) -> None:
    counts = count_samples(samples, "abc", "here", limit=1)
    assert (dict(counts.by_task), counts.without_logprobs) == ({"b": 1}, 1)
    assert counts.sha256 == digest(samples)


def test_the_file_is_read_once(samples: str, monkeypatch: pytest.MonkeyPatch) -> None:
    files: list[Any] = []

    def open_and_note(path: str) -> Any:
        files.append(open_input(path))
        return files[-1]

    monkeypatch.setattr(sample_counts, "open_input", open_and_note)
    monkeypatch.setattr("transforms.lib.records.json_lines.open_input", open_and_note)
    count_samples(samples, "abc", "here")
    assert len(files) == 1
    assert files[0].closed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no samples here"),
        ('{"task_id": "d", "completion": ""}\n', "line 1: field 'task_id': no task 'd' here"),
        ('{"task_id": "a", "completion": 5}\n', "line 1: field 'completion' is not a string"),
    ],
)
def test_a_faulty_file(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        count_samples(write(tmp_path / "s.jsonl", text), "abc", "here")
    with pytest.raises(UsageError, match="No such file"):
        count_samples(str(tmp_path / "none.jsonl"), "abc", "here")


def test_tasks_with_several_samples_all_equal(tmp_path: Path) -> None:
    rows = [{"task_id": t, "completion": c} for t, c in ("ax", "bx", "ax", "by", "cx", "bx", "ax")]
    path = write(tmp_path / "s.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert count_samples(path, "abc", "here").uniform == 1
