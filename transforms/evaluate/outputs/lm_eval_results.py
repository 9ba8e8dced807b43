"""The results file of lm-evaluation-harness (0.4): what its tables and leaderboards read.

What describes a model or a machine is left out, because samples do not say it, and so is the date.
"""

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from transforms.evaluate.evaluated import Evaluated
from transforms.evaluate.pass_at_k import pass_at_k
from transforms.evaluate.scoring import ALL_TASKS

# The names of metrics there are METRIC,FILTER; this is the filter of its task `humaneval`.
FILTER = "create_test"
TASK_NAMES = {"evalplus": "humaneval_plus"}  # its names of sets that have other names here


def results(evaluated: Evaluated) -> Iterator[str]:
    """The file: one task of the harness, which is the evaluation set."""
    yield json.dumps(_results(evaluated), indent=2) + "\n"


def _results(evaluated: Evaluated) -> dict[str, Any]:
    request = evaluated.request
    evaluation, tasks = request.evaluation, evaluated.verdicts_by_task("passed")
    counts = [(len(each), sum(one["passed"] for one in each)) for each in tasks.values()]
    name = TASK_NAMES.get(evaluation.suite, evaluation.suite)
    metrics: dict[str, Any] = {"alias": name, "sample_len": len(tasks)}
    values = {row["k"]: row["value"] for row in _pass_at_k_rows(evaluated)}
    for k, value in values.items():
        metrics[f"pass@{k},{FILTER}"] = value
        metrics[f"pass@{k}_stderr,{FILTER}"] = _stderr([pass_at_k(n, c, k) for n, c in counts])
    limits = {"cpu_seconds": evaluation.limits.cpu, "memory_bytes": evaluation.limits.memory}
    return {
        "results": {name: metrics},
        "group_subtasks": {name: []},
        "configs": {
            name: {
                "task": name,
                "output_type": "generate_until",
                "num_fewshot": 0,
                "repeats": min(n for n, _ in counts),
                "generation_kwargs": {"until": list(evaluation.stops)},
                "metadata": {"sha256": request.eval_sha256} | limits,
            }
        },
        "versions": {name: 1.0},
        "n-shot": {name: 0},
        "higher_is_better": {name: {f"pass@{k}": True for k in values}},
        "n-samples": {name: {"original": len(request.tasks), "effective": len(tasks)}},
        "config": {"model": "samples", "model_args": None, "limit": request.limit},
    }


def _pass_at_k_rows(evaluated: Evaluated) -> list[dict[str, Any]]:
    """The rows of `scores` that are pass@k of all tasks."""
    rows = (row for row in evaluated.scores if row["subset"] == ALL_TASKS)
    return [row for row in rows if row["metric"] == f"pass@{row['k']}"]


def _stderr(values: Sequence[float]) -> float | str:
    """The standard error of the mean over tasks; "N/A" for one task, as the harness has it."""
    if len(values) < 2:
        return "N/A"
    return float(np.std(values, ddof=1)) / math.sqrt(len(values))
