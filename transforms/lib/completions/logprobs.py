"""The log-probability of a sample, from whichever field its maker wrote.

- `logprobs`: a list of numbers, one per token; or OpenAI's object, for completions
  (`token_logprobs`) or for chats (`content`, a list of objects with `logprob`).
- `token_logprobs`: a list of numbers, one per token.
- `mean_logprob` or `mean_logp`: the mean over the tokens.
- `sum_logprob`, `sum_logp` or `cumulative_logprob` (vLLM's name): the sum over the tokens.

A null in a list stands for a token without a log-probability (often the first) and is skipped.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

TOKEN_FIELDS = ("token_logprobs", "logprobs")
MEAN_FIELDS = ("mean_logprob", "mean_logp")
SUM_FIELDS = ("sum_logprob", "sum_logp", "cumulative_logprob")


@dataclass(frozen=True)
class LogProbs:
    """The mean and the sum of a sample's token log-probabilities; None where it gives none."""

    mean: float | None = None
    total: float | None = None


def read_logprobs(fields: dict[str, Any]) -> LogProbs:
    """The log-probabilities among the fields of a sample.

    A mean or sum that the sample states counts before one computed from its tokens. Raises
    ValueError with the name of a field that holds something else.

    >>> read_logprobs({"logprobs": [None, -0.5, -1.5]})
    LogProbs(mean=-1.0, total=-2.0)
    >>> read_logprobs({"cumulative_logprob": -7})
    LogProbs(mean=None, total=-7.0)
    >>> read_logprobs({"completion": "    return 1"})
    LogProbs(mean=None, total=None)
    """
    tokens = next((_token_numbers(*field) for field in _filled(fields, TOKEN_FIELDS)), None)
    mean = next((_number(*field) for field in _filled(fields, MEAN_FIELDS)), None)
    total = next((_number(*field) for field in _filled(fields, SUM_FIELDS)), None)
    if tokens is None:
        return LogProbs(mean, total)
    return LogProbs(
        _mean(tokens) if mean is None else mean, _sum(tokens) if total is None else total
    )


def _filled(fields: dict[str, Any], names: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Names and values of these fields, without those that are absent or null."""
    return ((name, fields[name]) for name in names if fields.get(name) is not None)


def _mean(tokens: Sequence[float]) -> float:
    return _sum(tokens) / max(1, len(tokens))


def _sum(tokens: Sequence[float]) -> float:
    """The sum; minus infinity for a sample without tokens, so that it ranks last."""
    return math.fsum(tokens) if tokens else -math.inf


def _token_numbers(name: str, value: Any) -> list[float]:
    match value:
        case {"token_logprobs": list(numbers)}:
            value = numbers
        case {"content": list(tokens)}:
            value = [each.get("logprob") if isinstance(each, dict) else each for each in tokens]
    if not isinstance(value, list):
        raise ValueError(name)
    return [_number(name, each) for each in value if each is not None]


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise ValueError(name)
    return float(value)
