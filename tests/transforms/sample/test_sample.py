"""`quire sample` against a real server on this machine: faults, resumption, what samples hold."""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas import CI_PROBLEMS
from tests.conftest import Quire
from tests.support.ci_rows import put_ci_problems
from tests.support.completions_server import Endpoint, serving
from tests.support.contest_rows import problem, put_problems
from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.network.retry import RequestFailed
from transforms.sample import endpoint as endpoint_module
from transforms.sample.endpoint import Client, Settings, of_tokens
from transforms.sample.tasks import read_prompts

SETTINGS = Settings("toy", 0.2, 0.95, 512)
FAULTS = ["busy", "broken", "dropped", "cut", "short", "none_at_all", "nested"]


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    monkeypatch.setattr(endpoint_module, "FIRST_PAUSE", 0.01)
    with serving(
        Endpoint(lambda body, number: f"    return {number}\n\ndef more(): pass")
    ) as served:
        monkeypatch.setenv("OPENAI_BASE_URL", served.base + "/")
        monkeypatch.setenv("OPENAI_API_KEY", "a-key")
        yield served


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    rows = [
        {"task_id": f"t/{i}", "prompt": f"def f{i}():\n", "entry_point": f"f{i}"} for i in range(6)
    ]
    path = tmp_path / "tasks.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def rows_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_samples_of_every_task(
    quire: Quire, endpoint: Endpoint, tasks: Path, tmp_path: Path
) -> None:
    out = tmp_path / "s.jsonl"
    assert (
        quire(
            "sample",
            tasks,
            "--out",
            out,
            "--model",
            "toy",
            "-n",
            "25",
            "--logprobs",
            "--temperature",
            "0.8",
        )
        == 0
    )
    rows = rows_of(out)
    assert Counter(row["task_id"] for row in rows) == {f"t/{i}": 25 for i in range(6)}
    first = next(row for row in rows if row["completion"].endswith("return 0\n"))
    assert first == {
        "task_id": first["task_id"],
        "completion": "    return 0\n",
        "model": "toy",
        "temperature": 0.8,
        "top_p": 0.95,
        "max_tokens": 512,
        "logprobs": [-0.5] * 4,
    }
    sent = next(request for request in endpoint.requests if request["n"] == 20)
    assert {
        "model": "toy",
        "temperature": 0.8,
        "top_p": 0.95,
        "max_tokens": 512,
        "n": 20,
        "logprobs": 1,
        "stop": ["\nclass", "\ndef", "\n#", "\nif"],
    }.items() <= sent.items()
    assert endpoint.keys == {"Bearer a-key"}


def test_faults_pass(quire: Quire, endpoint: Endpoint, tasks: Path, tmp_path: Path) -> None:
    endpoint.faults = FAULTS * 2
    endpoint.most = 2
    out = tmp_path / "s.jsonl"
    assert quire("sample", tasks, "--out", out, "--model", "toy", "-n", "5", "--tries", "20") == 0
    assert Counter(row["task_id"] for row in rows_of(out)) == {f"t/{i}": 5 for i in range(6)}
    assert not endpoint.faults


@pytest.mark.parametrize("fault", [*FAULTS, "slow", "dripping"])
def test_each_fault_is_tried_again(endpoint: Endpoint, fault: str) -> None:
    endpoint.faults = [fault]
    waits: list[float] = []
    # The second answer has the same time; on a busy machine it may need some.
    seconds = 3.0 if fault in ("slow", "dripping") else 60.0
    client = Client(
        endpoint_module.Endpoint(endpoint.base, seconds=seconds), SETTINGS, sleep=waits.append
    )
    assert [each.text for each in client.complete("x", (), 1)] == [
        "    return 0\n\ndef more(): pass"
    ]
    assert (len(waits), len(endpoint.requests)) == (1, 2)


def test_patience_ends(endpoint: Endpoint) -> None:
    endpoint.faults = ["broken"] * 10
    client = Client(
        endpoint_module.Endpoint(endpoint.base, tries=3), SETTINGS, sleep=lambda seconds: None
    )
    with pytest.raises(PipelineError, match="status 500, 3 times"):
        client.complete("x", (), 1)
    assert len(endpoint.requests) == 3


def test_a_refusal_ends_what_others_wait_for(
    quire: Quire, endpoint: Endpoint, tasks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request is refused while others pause: the command does not wait for their pauses."""
    monkeypatch.setattr(endpoint_module, "FIRST_PAUSE", 1000.0)
    monkeypatch.setattr(endpoint_module, "LONGEST_PAUSE", 1000.0)
    endpoint.faults = ["broken"] * 5 + ["refused"] * 20
    begin = time.monotonic()
    assert (
        quire("sample", tasks, "--out", tmp_path / "s.jsonl", "--model", "toy", "--at-once", "6")
        == 2
    )
    assert time.monotonic() - begin < 100, "a pause is 500 seconds at least"


@pytest.mark.parametrize(
    ("fault", "code", "line"),
    [
        ("refused", 2, 'status 401: \'{"error": "no such key"}\''),
        ("too_long", 1, "status 400"),
        ("redirected", 2, "redirects to 'http://127.0.0.1:9/elsewhere'; set OPENAI_BASE_URL"),
        ("telling", 2, "xxxxx…"),
        ("endless", 1, "an answer of more than 3 MB"),
    ],
)
def test_a_refusal_is_one_line(
    quire: Quire,
    endpoint: Endpoint,
    tasks: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    code: int,
    line: str,
) -> None:
    monkeypatch.setattr(endpoint_module, "MAX_ANSWER_BYTES", 3 << 20)
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.base.replace("//", "//me:a-word@"))
    endpoint.faults = [fault] * 20
    assert quire("sample", tasks, "--out", tmp_path / "s.jsonl", "--model", "toy") == code
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert line in lines[0]
    assert "a-key" not in lines[0] and "a-word" not in lines[0]


def test_a_run_goes_on(
    quire: Quire,
    endpoint: Endpoint,
    tasks: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "s.jsonl"
    sample = ("sample", tasks, "--out", out, "--model", "toy", "-n")
    assert quire(*sample, "2", "--limit", "3") == 0
    with out.open("ab") as file:
        file.write(b'{"task_id": "t/1", "compl')  # the end of a killed run
    assert quire(*sample, "3") == 2
    assert "--resume adds what is missing" in capsys.readouterr().err
    assert quire(*sample, "3", "--resume", "--top-p", "0.5") == 2
    assert "line 1: field 'top_p' is 0.95, now 0.5" in capsys.readouterr().err
    endpoint.requests.clear()
    assert quire(*sample, "3", "--resume") == 0
    assert Counter(row["task_id"] for row in rows_of(out)) == {f"t/{i}": 3 for i in range(6)}
    assert sorted(request["n"] for request in endpoint.requests) == [1, 1, 1, 3, 3, 3]
    assert quire(*sample, "1", "--overwrite") == 0
    assert len(rows_of(out)) == 6


def test_a_killed_run_leaves_whole_lines(
    quire: Quire, endpoint: Endpoint, tasks: Path, tmp_path: Path
) -> None:
    released = threading.Event()

    def say(body: dict, number: int) -> str:
        """Answer two requests; the others only once the run is killed."""
        if len(endpoint.requests) > 2:
            released.wait()
        return "    return 1"

    endpoint.say = say
    out = tmp_path / "s.jsonl"
    arguments = [
        "sample",
        str(tasks),
        "--out",
        str(out),
        "--model",
        "toy",
        "-n",
        "30",
        "--at-once",
        "2",
    ]
    run = subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", *arguments], stderr=subprocess.PIPE
    )
    while not (out.exists() and out.stat().st_size):
        assert run.poll() is None
        time.sleep(0.02)
    run.kill()
    run.communicate()
    released.set()
    assert 0 < len(rows_of(out)) < 180
    assert quire(*arguments, "--resume") == 0
    assert Counter(row["task_id"] for row in rows_of(out)) == {f"t/{i}": 30 for i in range(6)}


@pytest.mark.parametrize(
    ("variable", "line"), [("", "set it to the endpoint"), ("ftp://x", "set it to")]
)
def test_an_endpoint_is_needed(
    quire: Quire,
    tasks: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    line: str,
) -> None:
    monkeypatch.setitem(os.environ, "OPENAI_BASE_URL", variable)
    assert quire("sample", tasks, "--out", tmp_path / "s", "--model", "toy") == 2
    assert line in capsys.readouterr().err


def test_log_probabilities_end_where_the_text_does() -> None:
    answer = {"tokens": ["ab", "cd", "\ndef"], "token_logprobs": [None, -1.0, -2.0]}
    assert of_tokens(answer, 3) == (None, -1.0)
    assert of_tokens(answer, 0) == ()
    assert of_tokens(answer, 8) == (None, -1.0, -2.0)
    assert of_tokens({"token_logprobs": [float("nan"), -1]}, 8) == (None, -1)
    for odd in ("-1.0", True, [], 10**400):
        with pytest.raises(RequestFailed, match="no numbers"):
            of_tokens({"token_logprobs": [odd]}, 8)


def test_the_problems_of_data_that_are_sampled(tmp_path: Path) -> None:
    """Those that were verified; before, all that were made."""
    row = problem("made", "    return x\n", [(1, 1)])
    own = dict.fromkeys(CI_PROBLEMS.schema.names) | row | {"problem_id": "id-ci", "source": "ci"}
    data = put_ci_problems(put_problems(tmp_path, [row]), [own])
    assert [each.task_id for each in read_prompts(str(data))] == ["id-made", "id-ci"]
    (tmp_path / "none").mkdir()
    with pytest.raises(UsageError, match="run `quire contests` or `quire ci`, and `verify`"):
        read_prompts(str(tmp_path / "none"))
