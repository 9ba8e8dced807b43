"""pass@k, unbiased (Codex section 2.1), its confidence interval, and the best sample (section 3.3).

In this file the *counts* of a task are (n, c): how many samples it has, and how many are correct.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from transforms.lib.completions.logprobs import LogProbs

RESAMPLES = 10_000  # of the bootstrap: enough for three digits of its bounds
CONFIDENCE = 0.95
SEED = 2107_03374  # any number, but always the same one: equal samples give equal intervals
RESAMPLES_AT_ONCE = 500  # which bounds memory


def pass_at_k(n: int, c: int, k: int) -> float:
    """The chance that at least one of k samples, drawn from n of which c are correct, is correct.

    It is 1 - C(n - c, k) / C(n, k), computed as the paper does, without large factorials. Raises
    ValueError if n < k, for then there is no unbiased estimate.

    >>> pass_at_k(n=4, c=1, k=1)
    0.25
    >>> round(pass_at_k(n=200, c=20, k=10), 4)
    0.6602
    >>> pass_at_k(n=5, c=2, k=4)  # of four samples at least one is correct
    1.0
    """
    if not 0 <= c <= n or not 1 <= k <= n:
        raise ValueError(f"pass@{k} of {c} correct among {n} samples")
    if n - c < k:
        return 1.0
    return float(1.0 - np.prod(1.0 - k / np.arange(n - c + 1, n + 1)))


@dataclass(frozen=True)
class Score:
    """The mean pass@k over some number of tasks, with the bounds of its confidence interval."""

    k: int
    tasks: int
    value: float
    low: float
    high: float


def score(counts: Sequence[tuple[int, int]], k: int) -> Score:
    """The score of tasks with these counts; ValueError if there are none, or n < k for one.

    The interval comes from a bootstrap over tasks, because tasks differ more than samples do.
    """
    values = np.array([pass_at_k(n, c, k) for n, c in counts])
    if not len(values):
        raise ValueError("no tasks")
    low, high = _interval(values)
    return Score(k, len(values), float(values.mean()), low, high)


def _interval(values: np.ndarray) -> tuple[float, float]:
    """The percentile bootstrap: quantiles of means of as many values, drawn with replacement."""
    numbers = np.random.Generator(np.random.PCG64(SEED))
    means = [
        values[numbers.integers(len(values), size=(RESAMPLES_AT_ONCE, len(values)))].mean(axis=1)
        for _ in range(RESAMPLES // RESAMPLES_AT_ONCE)
    ]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(np.concatenate(means), [tail, 1 - tail])
    return float(low), float(high)


@dataclass(frozen=True)
class JudgedSample:
    """A sample of a task: whether it is correct, and its log-probabilities if it has any.

    `base_passed` says whether it passed the base tests, where a set tells them from others.
    """

    correct: bool
    logprobs: LogProbs
    base_passed: bool | None = None


def mean_logprob(sample: JudgedSample) -> float | None:
    """Ranks by the mean log-probability of the tokens: the paper's best (section 3.3)."""
    return sample.logprobs.mean


def sum_logprob(sample: JudgedSample) -> float | None:
    """Ranks by the log-probability of the whole sample."""
    return sample.logprobs.total


def oracle(sample: JudgedSample) -> float | None:
    """Ranks by the tests themselves: the best that any ranking could do."""
    return float(sample.correct)


Ranking = Callable[[JudgedSample], float | None]
RANKINGS: dict[str, Ranking] = {
    "mean_logprob": mean_logprob,
    "sum_logprob": sum_logprob,
    "oracle": oracle,
}


def best_of(samples: Sequence[JudgedSample], ranking: Ranking) -> bool | None:
    """Whether the highest ranked sample is correct; None if the ranking cannot rank every sample.

    Of equally ranked samples the first counts.
    """
    ranks = [ranking(sample) for sample in samples]
    known = [rank for rank in ranks if rank is not None]
    return samples[known.index(max(known))].correct if len(known) == len(ranks) else None
