"""The log-probabilities of a sample, in the fields that its makers use.

`logprobs`: a list of numbers, one a token; OpenAI's object of completions (`token_logprobs`) or of
chats (`content`, each with `logprob`). `token_logprobs`: the list alone. `mean_logprob` or
`mean_logp`, `sum_logprob`, `sum_logp` or `cumulative_logprob` (vLLM's): what is told of the whole.
A null in a list (a first token has none) is no token.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

LISTS = ("token_logprobs", "logprobs")
MEANS = ("mean_logprob", "mean_logp")
SUMS = ("sum_logprob", "sum_logp", "cumulative_logprob")
FIELDS = (*LISTS, *MEANS, *SUMS)


@dataclass(frozen=True)
class Told:
    """What is told of the log-probability of a sample: the mean of its tokens, and their sum."""

    mean: float | None = None
    total: float | None = None


def told(values: dict[str, Any]) -> Told:
    """What a sample tells; ValueError with the field that is not as it should be."""
    tokens = next((_tokens(name, values[name]) for name in LISTS if _there(values, name)), None)
    mean = next((_number(name, values[name]) for name in MEANS if _there(values, name)), None)
    total = next((_number(name, values[name]) for name in SUMS if _there(values, name)), None)
    if tokens is None:
        return Told(mean, total)
    return Told(_mean(tokens) if mean is None else mean, _sum(tokens) if total is None else total)


def _there(values: dict[str, Any], name: str) -> bool:
    return values.get(name) is not None


def _mean(tokens: Sequence[float]) -> float:
    return _sum(tokens) / max(1, len(tokens))


def _sum(tokens: Sequence[float]) -> float:
    """No tokens rank last."""
    return math.fsum(tokens) if tokens else -math.inf


def _tokens(name: str, value: Any) -> list[float]:
    match value:
        case {"token_logprobs": list(inner)}:
            value = inner
        case {"content": list(inner)}:
            value = [each.get("logprob") if isinstance(each, dict) else each for each in inner]
    if not isinstance(value, list):
        raise ValueError(name)
    return [_number(name, each) for each in value if each is not None]


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise ValueError(name)
    return float(value)
