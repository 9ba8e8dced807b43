"""Paired comparisons: mean differences over the same tasks, with bootstrap intervals."""

from typing import NamedTuple

import numpy as np

RESAMPLES = 10_000


class Difference(NamedTuple):
    """A mean difference, its 95 % interval, and how many of the tasks are lower than before."""

    mean: float
    low: float
    high: float
    better: int
    tasks: int

    def __str__(self) -> str:
        """As it stands in a table."""
        interval = f"{self.mean:+.3f} ({self.low:+.3f} to {self.high:+.3f})"
        return f"{interval}, better on {self.better} of {self.tasks}".replace("-", "−")


def difference(after: list[float], before: list[float]) -> Difference:
    """after − before, task by task; tasks are drawn anew RESAMPLES times for the interval.

    >>> str(difference([1.0, 2.0], [2.0, 3.0]))
    '−1.000 (−1.000 to −1.000), better on 2 of 2'
    """
    each = np.array(after) - np.array(before)
    chance = np.random.default_rng(0)
    means = each[chance.integers(0, len(each), (RESAMPLES, len(each)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Difference(float(each.mean()), low, high, int((each < 0).sum()), len(each))
