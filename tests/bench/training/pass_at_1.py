"""pass@1 on HumanEval through `quire sample` and `quire evaluate`, from a server of this process."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from measure import quire
from training.model_server import AT_ONCE, serving

MAX_TOKENS = 96  # of a completion


def pass_at_1(model: Any, tokenizer: Any, folder: Path, tasks: int) -> tuple[int, int]:
    """How many of the first `tasks` tasks one greedy completion solves, and of how many.

    The samples stay in `folder`; those that are there already are not drawn anew.
    """
    samples = folder / "samples.jsonl"
    drawn = ("--resume",) if samples.is_file() else ()
    drawing = ("--temperature", 0, "--max-tokens", MAX_TOKENS, "--at-once", AT_ONCE)
    with serving(model, tokenizer) as base:
        environment = {**os.environ, "OPENAI_BASE_URL": base, "NO_PROXY": "127.0.0.1"}
        flags = ("--out", samples, "--model", folder.name, "--limit", tasks, *drawing, *drawn)
        subprocess.run(quire("sample", "humaneval", *flags), env=environment, check=True)
    command = quire("evaluate", samples, "--ignore-incomplete", "--workers", 1)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return _passed(folder / "samples.jsonl_results.jsonl")


def _passed(results: Path) -> tuple[int, int]:
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    return sum(row["passed"] for row in rows), len(rows)
