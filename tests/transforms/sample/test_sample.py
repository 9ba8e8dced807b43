"""`quire sample` against a real server on this machine: faults, resumption, what samples hold."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Quire
from tests.support.completions_server import Endpoint, serving
from transforms.sample.chat_prompt import SYSTEM
from transforms.sample.endpoint import client as client_module
from transforms.sample.endpoint import connection

FAULTS = ["busy", "broken", "dropped", "cut", "short", "none_at_all", "nested"]


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    monkeypatch.setattr(client_module, "FIRST_PAUSE", 0.01)
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
        "finish_reason": "stop",
        "number": first["number"],
        "seed": first["seed"],
        "model": "toy",
        "temperature": 0.8,
        "top_p": 0.95,
        "max_tokens": 512,
        "stop": ["\nclass", "\ndef", "\n#", "\nif", "\nprint"],
        "endpoint": endpoint.base,
        "logprobs": [-0.5] * 4,
    }
    assert {(row["task_id"], row["number"]) for row in rows} == {
        (f"t/{i}", number) for i in range(6) for number in range(25)
    }
    assert len({request["seed"] for request in endpoint.requests}) == 12
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


def test_a_refusal_ends_what_others_wait_for(
    quire: Quire, endpoint: Endpoint, tasks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request is refused while others pause: the command does not wait for their pauses."""
    monkeypatch.setattr(client_module, "FIRST_PAUSE", 1000.0)
    monkeypatch.setattr(client_module, "LONGEST_PAUSE", 1000.0)
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
        ("refused", 2, "status 401: 'no such key'"),
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
    monkeypatch.setattr(connection, "MAX_ANSWER_BYTES", 3 << 20)
    secret = endpoint.base.replace("//", "//me:a-word@") + "?k=a-query"
    monkeypatch.setenv("OPENAI_BASE_URL", secret)
    endpoint.faults = [fault] * 20
    assert quire("sample", tasks, "--out", tmp_path / "s.jsonl", "--model", "toy") == code
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert line in lines[0]
    assert not any(each in lines[0] for each in ("a-key", "a-word", "a-query"))
    assert endpoint.paths == {"/v1/completions?k=a-query"}


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
    assert sorted(request.get("n", 1) for request in endpoint.requests) == [1, 1, 1, 3, 3, 3]
    numbers = Counter((row["task_id"], row["number"]) for row in rows_of(out))
    assert len(numbers) == 18 and set(numbers.values()) == {1}
    assert quire(*sample, "1", "--overwrite") == 0
    assert len(rows_of(out)) == 6


def test_one_run_at_a_time_writes_to_a_file(
    quire: Quire,
    endpoint: Endpoint,
    tasks: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The second would draw the same samples again, and count each of them twice."""
    out = tmp_path / "s.jsonl"
    with out.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert quire("sample", tasks, "--out", out, "--model", "toy", "--resume") == 2
    assert "s.jsonl: another `quire sample` writes to it" in capsys.readouterr().err
    assert out.exists() and not endpoint.requests, "the file is the other run's"


def test_a_full_disk_is_told_with_the_file(
    quire: Quire, endpoint: Endpoint, tasks: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert quire("sample", tasks, "--out", "/dev/full", "--model", "toy") == 1
    assert capsys.readouterr().err.endswith("No space left on device: '/dev/full'\n")


def test_samples_go_into_a_pipe(quire: Quire, endpoint: Endpoint, tasks: Path) -> None:
    reading, writing = os.pipe()
    out = f"/dev/fd/{writing}"
    assert quire("sample", tasks, "--out", out, "--model", "toy", "--limit", "1") == 0
    os.close(writing)
    with open(reading) as pipe:
        assert json.loads(pipe.read())["completion"] == "    return 0\n"


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("OPENAI_BASE_URL", "", "set it to the endpoint"),
        ("OPENAI_BASE_URL", "http://[::1/v1", "set it to the endpoint"),
        ("OPENAI_API_KEY", "a-key\r\nX: y", "it holds a character that no key can hold"),
    ],
)
def test_an_endpoint_is_needed(
    quire: Quire,
    tasks: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str,
    line: str,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv(name, value)
    assert quire("sample", tasks, "--out", tmp_path / "s", "--model", "toy") == 2
    said = capsys.readouterr().err
    assert line in said and "a-key" not in said


def test_a_chat_is_recorded(quire: Quire, endpoint: Endpoint, tasks: Path, tmp_path: Path) -> None:
    endpoint.habits = {"thinks", "no_n"}
    out = tmp_path / "s.jsonl"
    sample = ("sample", tasks, "--out", out, "--model", "toy", "--limit", "1", "--chat")
    flags = ("--reasoning-effort", "low", "--body", '{"top_k": 0, "top_p": null}')
    assert quire(*sample, *flags, "-n", "2") == 0
    row = rows_of(out)[0]
    assert row == {
        "task_id": "t/0",
        "response": "    return 0\n\ndef more(): pass",
        "finish_reason": "stop",
        "reasoning": "thought 0",
        "number": 0,
        "seed": endpoint.requests[0]["seed"],
        "model": "toy",
        "temperature": 0.2,
        "top_p": None,
        "max_tokens": 512,
        "chat": True,
        "system": SYSTEM,
        "reasoning_effort": "low",
        "body": {"top_k": 0, "top_p": None},
        "stop": [],
        "endpoint": endpoint.base,
    }
    assert [request.get("n", 1) for request in endpoint.requests] == [2, 1]
    assert endpoint.requests[0]["messages"][1]["content"] == (
        "Complete this Python code:\n\n```python\ndef f0():\n```"
    )
    assert quire(*sample, *flags, "-n", "3", "--resume") == 0
    assert [row["number"] for row in rows_of(out)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (
            ["--no-stop"],
            "field 'stop' is ['\\nclass', '\\ndef', '\\n#', '\\nif', '\\nprint'], now []",
        ),
        (["--logprobs"], "field 'logprobs' is False, now True"),
        (["--chat"], "field 'chat' is None, now True"),
        (["--body", '{"top_k": 0}'], "field 'body' is None, now {'top_k': 0}"),
    ],
)
def test_samples_that_differ_are_not_mixed(
    quire: Quire,
    endpoint: Endpoint,
    tasks: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    flags: list[str],
    line: str,
) -> None:
    out = tmp_path / "s.jsonl"
    sample = ("sample", tasks, "--out", out, "--model", "toy", "--limit", "1")
    assert quire(*sample) == 0
    assert quire(*sample, "--resume", "-n", "2", *flags) == 2
    assert line in capsys.readouterr().err


@pytest.mark.parametrize(
    ("missing", "line"),
    [
        ("endpoint", "line 1: no field 'endpoint': an older `quire sample` wrote it"),
        ("number", "line 1: no field 'number': an older `quire sample` wrote it"),
        ("model", "line 1: not written by `quire sample`"),
    ],
)
def test_a_file_of_an_older_version(
    quire: Quire,
    endpoint: Endpoint,
    tasks: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    missing: str,
    line: str,
) -> None:
    out = tmp_path / "s.jsonl"
    sample = ("sample", tasks, "--out", out, "--model", "toy", "--limit", "1")
    assert quire(*sample) == 0
    [row] = rows_of(out)
    out.write_text(json.dumps({name: row[name] for name in row if name != missing}) + "\n")
    assert quire(*sample, "--resume") == 2
    assert line in capsys.readouterr().err


def test_a_failed_first_run_leaves_no_file(
    quire: Quire, endpoint: Endpoint, tasks: Path, tmp_path: Path
) -> None:
    out = tmp_path / "s.jsonl"
    endpoint.faults = ["refused"] * 6
    sample = ("sample", tasks, "--out", out, "--model", "toy")
    assert quire(*sample) == 2
    assert not out.exists()
    out.write_text('{"task_id": "kept"}\n')
    endpoint.faults = ["refused"] * 6
    assert quire(*sample, "--overwrite") == 2
    assert out.read_text() == '{"task_id": "kept"}\n', "nothing has come to replace it"


@pytest.mark.parametrize(
    ("say", "habits", "flags", "line"),
    [
        (
            lambda body, number: " \n# x",
            {"x"},
            [],
            "are empty (12 of 12 samples): is this a chat model? (--chat)",
        ),
        (lambda body, number: "", {"x"}, ["--chat"], "did reasoning use up --max-tokens?"),
        (lambda body, number: "a", {"no_n"}, [], "all equal for 6 of 6 tasks, at temperature 0.2"),
        (
            lambda body, number: "a",
            {"null_logprobs"},
            ["--logprobs"],
            "12 of 12 samples have no log-probabilities",
        ),
        (
            lambda body, number: "a" * 9,
            {"nan_logprobs"},
            ["--logprobs"],
            "sample: log-probabilities: some of them are null",
        ),
    ],
)
def test_what_is_odd_is_said(
    quire: Quire,
    endpoint: Endpoint,
    tasks: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    say: Callable,
    habits: set[str],
    flags: list[str],
    line: str,
) -> None:
    endpoint.say, endpoint.habits = say, habits
    out = tmp_path / "s.jsonl"
    assert quire("sample", tasks, "--out", out, "--model", "toy", "-n", "2", *flags) == 0
    said = capsys.readouterr().err
    assert line in said and not ("are empty" in said and "all equal" in said)
    assert len(rows_of(out)) == 12
    assert "NaN" not in out.read_text()


def test_samples_that_vary_are_not_odd(
    quire: Quire,
    endpoint: Endpoint,
    tasks: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "s.jsonl"
    assert quire("sample", tasks, "--out", out, "--model", "toy", "-n", "2", "--logprobs") == 0
    assert capsys.readouterr().err == f"sample: 12 new samples of 6 tasks in {out}\n"


def test_an_interruption_leaves_at_once_with_what_arrived(
    quire: Quire, endpoint: Endpoint, tasks: Path, tmp_path: Path
) -> None:
    """Two answers come at once; the others not as long as anybody waits for them."""
    endpoint.faults = ["none"] * 2 + ["slow"] * 10
    out = tmp_path / "s.jsonl"
    arguments = ["sample", str(tasks), "--out", str(out), "--model", "toy", "--at-once", "4"]
    run = subprocess.Popen(
        [sys.executable, "-m", "pipelines.cli", *arguments], stderr=subprocess.PIPE, text=True
    )
    while len(endpoint.requests) < 6 or not (out.exists() and len(rows_of(out)) == 2):
        assert run.poll() is None
        time.sleep(0.02)
    begin = time.monotonic()
    run.send_signal(signal.SIGINT)
    _, said = run.communicate()
    assert time.monotonic() - begin < 2, "well below the 3 s after which a process is ended"
    assert (run.returncode, len(rows_of(out))) == (130, 2)
    assert said.endswith("quire: interrupted; what is committed stays, --resume goes on\n")
    endpoint.faults = []
    assert quire(*arguments, "--resume") == 0
    assert len(rows_of(out)) == 6


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (["--body", "[1]"], "no JSON object"),
        (["--body", '{"temperature": 1}'], "'temperature' is set by quire (--temperature)"),
        (["--body", '{"x": NaN}'], "NaN is no JSON"),
        (["--system", "x"], "--system needs --chat"),
        (["--stop", "x", "--no-stop"], "--stop and --no-stop"),
        (["--temperature", "nan"], "--temperature: nan"),
        (["--request-timeout", "0"], "'0' is not a number of seconds"),
    ],
)
def test_flags_that_are_refused(
    quire: Quire,
    endpoint: Endpoint,
    tasks: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    flags: list[str],
    line: str,
) -> None:
    assert quire("sample", tasks, "--out", tmp_path / "s", "--model", "toy", *flags) == 2
    assert line in capsys.readouterr().err
    assert not (tmp_path / "s").exists()
