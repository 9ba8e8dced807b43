"""References of a set run before its samples: what fails is named, with its reason."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Quire
from transforms.evaluate.request import Evaluation
from transforms.evaluate.self_check import failing_references, failure_lines
from transforms.lib.completions.runnable_task import RunnableTask
from transforms.lib.sandbox import Limits

CHECK = "def check(candidate):\n    assert candidate() == 1\n"


def runnable(reference: str) -> RunnableTask:
    return RunnableTask("", "f", CHECK, reference=reference)


def test_references_in_several_sandboxes() -> None:
    tasks = {
        "right": runnable("def f(): return 1"),
        "none": runnable(""),
        "wrong": runnable("def f(): return 2"),
        "library": runnable("import pandas.core\ndef f(): return 1"),
        # The wall limit is met, as on a busy machine; alone and with more of it, it passes.
        "slow": runnable("import time\ndef f(): time.sleep(0.8); return 1"),
    }
    failures = failing_references(tasks, Evaluation("ours", (1,), limits=Limits(wall=0.6)), 2)
    assert failures == {
        "wrong": "AssertionError:",
        "library": "ModuleNotFoundError: No module named 'pandas'",
    }


def test_lines_name_tasks_by_reason() -> None:
    missing = "ModuleNotFoundError: No module named 'pandas.core'; 'pandas' is not a package"
    inside = f"the reference itself: {missing}"
    failures = {"a": "limit: cpu", "t0": inside, **{f"t{n}": missing for n in range(1, 22)}}
    shown = ", ".join(f"t{n}" for n in range(20))
    assert failure_lines(failures) == [
        f"{shown} and 2 more: library 'pandas' is not lent (--libraries FOLDER)",
        "a: limit: cpu",
    ]


def write_lines(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_set_that_its_references_fail(
    quire: Quire, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 5 and no results; then without the task that fails, with a library, and unasked."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "lent.py").write_text("one = 1\n")
    solutions = {"a": "def f(): return 1\n", "b": "import lent\ndef f(): return lent.one\n"}
    tasks = write_lines(
        tmp_path / "tasks.jsonl",
        *(
            {"task_id": name, "prompt": "f", "entry_point": "f", "test": CHECK, "solutions": [text]}
            for name, text in solutions.items()
        ),
    )
    samples = write_lines(
        tmp_path / "samples.jsonl",
        *({"task_id": name, "completion": text} for name, text in solutions.items()),
    )
    evaluate = "evaluate", samples, "--eval", f"ours={tasks}", "--json", "--workers", "1"

    assert quire(*evaluate) == 5
    assert capsys.readouterr().err.splitlines() == [
        "evaluate: 1 of 2 references of ours fail its own tests:",
        "evaluate:   b: library 'lent' is not lent (--libraries FOLDER)",
    ]
    assert not Path(f"{samples}_results.jsonl").exists()

    def scored(*flags: object) -> tuple[int, float, list[str]]:
        assert quire(*evaluate, *flags) == 0
        card = json.loads(capsys.readouterr().out)
        assert len(card["tasks"]) == card["scores"][0]["tasks"]
        return card["scores"][0]["tasks"], card["scores"][0]["value"], card["notes"][2:]

    note = "1 tasks are not scored, as their own references fail: b"
    files = "--to", "junit", "--to", "lm-eval"
    assert scored("--ignore-failing-references", *files) == (1, 1.0, [note])
    right, skipped = ElementTree.parse(f"{samples}_junit.xml").getroot()[0]
    assert (right.get("name"), len(right)) == ("a", 0)
    assert (skipped.get("name"), skipped[0].tag) == ("b", "skipped")
    results = json.loads(Path(f"{samples}_lm_eval.json").read_text())
    assert results["n-samples"]["ours"]["effective"] == 1
    assert scored("--libraries", tmp_path / "site") == (2, 1.0, [])
    assert scored("--skip-self-check") == (2, 0.5, [])
    assert quire(*evaluate, "--libraries", tmp_path / "none") == 2
    assert "--libraries" in capsys.readouterr().err


def test_evalplus_prints_base_and_plus(
    quire: Quire, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = {
        "task_id": "HumanEval/0",
        "prompt": "def f(x):\n",
        "entry_point": "f",
        "canonical_solution": "    return sorted(x)[-1] if x else None\n",
        "base_input": [[[1, 2]]],
        "plus_input": [[[]], [[2, 1]]],
        "atol": 0,
    }
    tasks = write_lines(tmp_path / "plus.jsonl", record)
    bodies = record["canonical_solution"], "    return x[-1]\n", "    return 0\n"
    samples = write_lines(
        tmp_path / "samples.jsonl",
        *({"task_id": "HumanEval/0", "completion": body} for body in bodies),
    )
    assert quire("evaluate", samples, "--eval", f"evalplus={tasks}", "--json") == 0
    card = json.loads(capsys.readouterr().out)
    scores = {row["metric"]: row["value"] for row in card["scores"]}
    assert scores == {"pass@1": pytest.approx(1 / 3), "base pass@1": pytest.approx(2 / 3)}
    assert card["notes"][0] == "pass@k: base and plus tests passed; base pass@k: base tests passed"
