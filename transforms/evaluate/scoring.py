"""Verdicts to the rows of `scores`: pass@k of all tasks and of clean ones, and the best samples."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from transforms.evaluate.pass_at_k import RANKINGS, JudgedSample, best_of, score
from transforms.lib.completions.logprobs import LogProbs

# Of `verdicts/evaluate`.
SCORED_COLUMNS = ["task_id", "passed", "base_passed", "mean_logprob", "sum_logprob"]
ALL_TASKS, CLEAN_TASKS = "all", "clean"  # values of the column `subset`


def samples_by_task(verdicts: pa.Table) -> dict[str, list[JudgedSample]]:
    """The samples of each task, in the order of the verdicts."""
    tasks: dict[str, list[JudgedSample]] = {}
    columns = (verdicts[name].to_pylist() for name in SCORED_COLUMNS)
    for task_id, passed, base_passed, mean, total in zip(*columns, strict=True):
        sample = JudgedSample(passed, LogProbs(mean, total), base_passed)
        tasks.setdefault(task_id, []).append(sample)
    return tasks


def without_tasks(verdicts: pa.Table, left_out: Collection[str]) -> pa.Table:
    """The verdicts on samples of other tasks than these."""
    kept = pc.invert(pc.is_in(verdicts["task_id"], pa.array(left_out, pa.string())))
    return verdicts.filter(kept)


def score_rows(
    verdicts: pa.Table, ks: Sequence[int], clean: Collection[str] | None
) -> list[dict[str, Any]]:
    """The rows of `scores`, but for their column `suite`.

    `clean` are the ids of the clean tasks; None, or none with samples, leaves that subset out.
    """
    tasks = samples_by_task(verdicts)
    rows = list(_subset_rows(ALL_TASKS, tasks, ks))
    clean_tasks = {name: samples for name, samples in tasks.items() if name in (clean or ())}
    return rows + list(_subset_rows(CLEAN_TASKS, clean_tasks, ks)) if clean_tasks else rows


def _subset_rows(
    subset: str, tasks: dict[str, list[JudgedSample]], ks: Sequence[int]
) -> Iterator[dict[str, Any]]:
    counts = [(len(each), sum(sample.correct for sample in each)) for each in tasks.values()]
    sizes = {"samples": sum(n for n, _ in counts), "fewest": min(n for n, _ in counts)}
    for k in ks:
        yield {"subset": subset, "metric": f"pass@{k}"} | sizes | asdict(score(counts, k))
    base_counts = [_base_counts(each) for each in tasks.values()]
    for k in ks if None not in base_counts else ():
        pass_at_k = asdict(score([each for each in base_counts if each], k))
        yield {"subset": subset, "metric": f"base pass@{k}"} | sizes | pass_at_k
    for name, best in _best_samples(tasks).items():
        pass_at_1 = asdict(score([(1, int(correct)) for correct in best], 1))
        yield {"subset": subset, "metric": f"best by {name}"} | sizes | pass_at_1


def _base_counts(samples: Sequence[JudgedSample]) -> tuple[int, int] | None:
    """The samples of a task, and how many passed its base tests; None if it has no such tests."""
    passed = [sample.base_passed for sample in samples]
    return None if None in passed else (len(passed), sum(map(bool, passed)))


def _best_samples(tasks: dict[str, list[JudgedSample]]) -> dict[str, list[bool]]:
    """Whether the best sample of each task is correct, by the name of each ranking.

    A ranking counts if it can rank every sample. The oracle always can; it is left out where it
    is the only one, for then there is nothing to compare with it.
    """
    rankings = {}
    for name, ranking in RANKINGS.items():
        best = [best_of(samples, ranking) for samples in tasks.values()]
        if None not in best:
            rankings[name] = [bool(correct) for correct in best]
    return rankings if len(rankings) > 1 else {}
