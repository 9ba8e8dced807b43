"""Verdicts to scores: pass@k of all tasks and of clean ones, and of the samples that rank best."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa

from transforms.evaluate.pass_at_k import RANKINGS, Sample, best_of, score
from transforms.lib.completions.logprobs import Told

NEEDED = ["task_id", "passed", "mean_logprob", "sum_logprob"]
ALL, CLEAN = "all", "clean"


def samples_of(verdicts: pa.Table) -> dict[str, list[Sample]]:
    """The samples of each task, in the order of the verdicts."""
    tasks: dict[str, list[Sample]] = {}
    columns = (verdicts[name].to_pylist() for name in NEEDED)
    for task_id, passed, mean, total in zip(*columns, strict=True):
        tasks.setdefault(task_id, []).append(Sample(passed, Told(mean, total)))
    return tasks


def score_rows(
    verdicts: pa.Table, ks: Sequence[int], clean: Collection[str] | None
) -> list[dict[str, Any]]:
    """The rows of `scores` without their suite; `clean` are the tasks of the clean subset."""
    tasks = samples_of(verdicts)
    rows = list(_scores(ALL, tasks, ks))
    rest = {task_id: found for task_id, found in tasks.items() if task_id in (clean or ())}
    return rows + list(_scores(CLEAN, rest, ks)) if rest else rows


def _scores(
    subset: str, tasks: dict[str, list[Sample]], ks: Sequence[int]
) -> Iterator[dict[str, Any]]:
    counts = [(len(found), sum(each.correct for each in found)) for found in tasks.values()]
    sizes = {"samples": sum(n for n, _ in counts), "fewest": min(n for n, _ in counts)}
    for k in ks:
        yield {"subset": subset, "metric": f"pass@{k}"} | sizes | asdict(score(counts, k))
    for name, chosen in _chosen(tasks).items():
        found = asdict(score([(1, int(each)) for each in chosen], 1))
        yield {"subset": subset, "metric": f"best by {name}"} | sizes | found


def _chosen(tasks: dict[str, list[Sample]]) -> dict[str, list[bool]]:
    """Whether each task's best sample is correct, by each ranking that can rank all of them.

    The oracle alone says nothing that pass@k does not.
    """
    chosen = {}
    for name, ranking in RANKINGS.items():
        best = [best_of(found, ranking) for found in tasks.values()]
        if None not in best:
            chosen[name] = [bool(each) for each in best]
    return chosen if len(chosen) > 1 else {}
