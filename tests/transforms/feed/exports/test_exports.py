"""The rows of Parquet exports: what they say, and that `datasets` loads them."""

import hashlib
import json
import re
from pathlib import Path

import datasets
import pyarrow as pa
import pytest

from schemas.problems import PROBLEMS
from tests.support.feed_rows import COMPLETION, PROMPT, problem
from transforms.feed.exports import EXPORTS
from transforms.feed.exports.conversation import fenced
from transforms.feed.exports.rl import ground_truth, rl_rows
from transforms.feed.exports.sft import sft_rows
from transforms.feed.exports.text import text_rows
from transforms.lib.problems.checks import TestCase
from transforms.lib.problems.compare_rule import CompareRule
from transforms.lib.skeleton.shards import parquet_writer


def code_of(markdown: str) -> str:
    """The code in the first block, as CommonMark finds its end."""
    fence = re.search("^`{3,}", markdown, re.MULTILINE)[0]
    lines = markdown[markdown.index(fence) :].split("\n")[1:]
    end = next(i for i, x in enumerate(lines) if re.fullmatch(f"`{{{len(fence)},}} *", x.strip()))
    return "\n".join(lines[:end]) + "\n"


def test_text_has_the_files_alone(examples: pa.Table) -> None:
    (row,) = text_rows(examples).to_pylist()
    assert row["text"] == "x = 'é'\n" and row["id"] == "id of corpus"
    assert row["sha256"] == hashlib.sha256(row["text"].encode()).hexdigest()


def test_sft_has_the_whole_code_in_fences_that_it_cannot_end(examples: pa.Table) -> None:
    function, program = sft_rows(examples).to_pylist()
    assert (function["prompt"], function["completion"]) == (PROMPT, COMPLETION)
    user, assistant = function["messages"]
    assert (user["role"], assistant["role"]) == ("user", "assistant")
    assert code_of(user["content"]) == PROMPT
    assert code_of(assistant["content"]) == PROMPT + COMPLETION
    assert code_of(program["messages"][1]["content"]) == "print(1 + 2)\n"


@pytest.mark.parametrize("code", ["```", "x\n`````\n", "", "````python\n```\n"])
def test_fences(code: str) -> None:
    assert code_of(fenced(code)).rstrip("\n") == code.rstrip("\n")


def table(*rows: dict) -> pa.Table:
    return pa.Table.from_pylist(list(rows), PROBLEMS.schema)


def test_rl_has_the_tests_as_json(problems: list[dict]) -> None:
    function, program, design = rl_rows(
        table(*problems), pa.array(["train"] * len(problems))
    ).to_pylist()
    assert function["data_source"] == "quire/doctest" and function["ability"] == "code"
    assert code_of(function["prompt"][0]["content"]) == PROMPT
    truth = json.loads(function["reward_model"]["ground_truth"])
    names = {"check": None}
    exec(truth["test"], names)
    names["check"](lambda a, b: a + b)
    assert (truth["fn_name"], truth["inputs"]) == ("add", ["1\n2", "1\n3"])
    assert truth["outputs"] == ["3", "4"]
    said = json.loads(program["reward_model"]["ground_truth"])
    assert (said["inputs"], said["outputs"]) == (["1 2\n", "3 4\n"], ["3\n", "7\n"])
    assert "fn_name" not in json.loads(design["reward_model"]["ground_truth"])
    assert function["extra_info"]["problem_id"] == problems[0]["problem_id"]
    assert function["extra_info"]["split"] == "train"
    assert not function["extra_info"]["needs_picture"]
    drawn = rl_rows(table(problems[0] | {"needs_picture": True}), pa.array(["train"]))
    assert drawn["extra_info"].to_pylist()[0]["needs_picture"]


NOT_JSON = ["((1, 2),)", "({1: 2},)", "({1},)", "(b'',)", "(1e999,)", "()", "(f(),)"]


@pytest.mark.parametrize("arguments", NOT_JSON)
def test_what_json_cannot_hold_is_not_called(arguments: str) -> None:
    truth = ground_truth(problem(cases=[TestCase(arguments, "1", "x")]))
    assert "inputs" not in truth and truth["tests"] == [{"input": arguments, "output": "1"}]


def test_what_needs_another_comparison_is_not_called() -> None:
    assert "inputs" not in ground_truth(problem(rule=CompareRule("float", tolerance=1e-6)))


def test_rl_leaves_out_what_imports_from_a_zip(problems: list[dict]) -> None:
    rows = table(problems[0], problems[1] | {"environment": "0" * 64})
    made = rl_rows(rows, pa.array(["train", "validation"]))
    assert [row["extra_info"]["split"] for row in made.to_pylist()] == ["train"]


def test_datasets_loads_each(examples, problems, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    splits = pa.array(["train"] * len(problems))
    for export in EXPORTS:
        rows = (
            export.of_examples(examples)
            if export.of_examples
            else export.of_problems(table(*problems), splits)
        )
        file = str(tmp_path / f"{export.name}.parquet")
        with parquet_writer(file, export.dataset, "") as writer:
            writer.write_table(rows)
        for streaming in (False, True):
            where = {"cache_dir": str(tmp_path / "cache"), "streaming": streaming}
            loaded = datasets.load_dataset("parquet", data_files=file, split="train", **where)
            assert [*loaded] == rows.to_pylist()
