"""pass@k, unbiased (Codex section 2.1), its confidence interval, and the choice of one sample.

A *count* is a task's (n, c): samples, and correct ones among them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from transforms.lib.completions.logprobs import Told

RESAMPLES = 10_000
CONFIDENCE = 0.95
SEED = 2107_03374  # any, but always the same
BATCH = 500  # resamples at a time, which bounds memory


def pass_at_k(n: int, c: int, k: int) -> float:
    """1 - C(n - c, k) / C(n, k): the chance that some of k samples, drawn from n, is correct.

    ValueError if n < k: there is no unbiased estimate then.
    """
    if not 0 <= c <= n or not 1 <= k <= n:
        raise ValueError(f"pass@{k} of {c} correct among {n} samples")
    if n - c < k:
        return 1.0
    return float(1.0 - np.prod(1.0 - k / np.arange(n - c + 1, n + 1)))


def too_few(counts: dict[str, tuple[int, int]], k: int) -> list[str]:
    """Tasks with fewer than k samples: for them, and so on the whole, there is no pass@k."""
    return [task for task, (n, _) in counts.items() if n < k]


@dataclass(frozen=True)
class Score:
    """pass@k over all tasks, with the bounds of its confidence interval."""

    k: int
    tasks: int
    value: float
    low: float
    high: float


def score(counts: Sequence[tuple[int, int]], k: int) -> Score:
    """The mean of the tasks' pass@k; the interval resamples tasks, for they are what varies."""
    values = np.array([pass_at_k(n, c, k) for n, c in counts])
    if not len(values):
        raise ValueError("no tasks")
    low, high = _interval(values)
    return Score(k, len(values), float(values.mean()), low, high)


def _interval(values: np.ndarray) -> tuple[float, float]:
    """The percentile bootstrap's, from means of as many tasks drawn with replacement."""
    numbers = np.random.Generator(np.random.PCG64(SEED))
    means = [
        values[numbers.integers(len(values), size=(BATCH, len(values)))].mean(axis=1)
        for _ in range(RESAMPLES // BATCH)
    ]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(np.concatenate(means), [tail, 1 - tail])
    return float(low), float(high)


@dataclass(frozen=True)
class Sample:
    """One sample of a task: whether it is correct, and what its maker tells of its probability."""

    correct: bool
    logprobs: Told


def mean_logprob(sample: Sample) -> float | None:
    """By the mean log-probability of its tokens: the paper's best (section 3.3)."""
    return sample.logprobs.mean


def sum_logprob(sample: Sample) -> float | None:
    """By the probability of the whole."""
    return sample.logprobs.total


def oracle(sample: Sample) -> float | None:
    """By the tests themselves: no ranking can choose better."""
    return float(sample.correct)


Ranking = Callable[[Sample], float | None]
RANKINGS: dict[str, Ranking] = {
    "mean_logprob": mean_logprob,
    "sum_logprob": sum_logprob,
    "oracle": oracle,
}


def best_of(samples: Sequence[Sample], ranking: Ranking) -> bool | None:
    """Whether the sample that a ranking chooses is correct; None if it cannot rank them all.

    The first of equal ones is chosen.
    """
    ranks = [ranking(sample) for sample in samples]
    known = [rank for rank in ranks if rank is not None]
    return samples[known.index(max(known))].correct if len(known) == len(ranks) else None
