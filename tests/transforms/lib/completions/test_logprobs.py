"""Log-probabilities in every form in which samples have them."""

import math

import pytest

from transforms.lib.completions.logprobs import Told, told


@pytest.mark.parametrize(
    ("values", "mean", "total"),
    [
        ({}, None, None),
        ({"logprobs": None}, None, None),
        ({"logprobs": [-1, -2.0]}, -1.5, -3.0),
        ({"logprobs": [None, -2.0]}, -2.0, -2.0),
        ({"token_logprobs": [-4.0]}, -4.0, -4.0),
        ({"logprobs": {"token_logprobs": [None, -1.0], "tokens": ["a", "b"]}}, -1.0, -1.0),
        ({"logprobs": {"content": [{"logprob": -1.0}, {"logprob": -3.0}]}}, -2.0, -4.0),
        ({"mean_logp": -0.5}, -0.5, None),
        ({"cumulative_logprob": -7}, None, -7.0),
        ({"mean_logprob": -0.5, "logprobs": [-1.0, -1.0]}, -0.5, -2.0),
        ({"logprobs": [-math.inf]}, -math.inf, -math.inf),
    ],
)
def test_what_samples_tell(values: dict, mean: float | None, total: float | None) -> None:
    assert told(values) == Told(mean, total)


@pytest.mark.parametrize(
    "values",
    [
        {"logprobs": "x"},
        {"logprobs": [True]},
        {"logprobs": ["x"]},
        {"logprobs": {}},
        {"sum_logp": math.nan},
        {"logprobs": {"content": [{"token": "x"}, 5, []]}},
    ],
)
def test_what_is_no_log_probability(values: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        told(values)
