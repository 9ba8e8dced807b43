"""The log-probabilities of a completion's tokens, in whichever shape a server gives them.

- OpenAI's for completions: `tokens`, `token_logprobs` and often `text_offset`.
- OpenAI's for chats, which llama.cpp's server gives for completions too: `content`, a list of
  objects with `token`, `bytes` and `logprob`.

Only the tokens that begin within the text that is kept count: servers also tell of those behind a
stop sequence. What cannot be read is a fault that is told, never a reason to draw again.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

TOKEN_ID = re.compile(r"token_id:\d+")  # in place of tokens: vLLM --return-tokens-as-token-ids

ABSENT = "the answers hold none"
UNKNOWN_SHAPE = "the answers hold them in a shape that is not known"
NO_NUMBERS = "some of them are null or no finite numbers"
TOKEN_IDS = "tokens are given as ids, so it is not known which of them a stop sequence cuts off"


@dataclass(frozen=True)
class TokenLogprobs:
    """One number a token, None where the server gives none; all None if nothing can be read.

    `fault` says what was wrong with them; empty if nothing.
    """

    values: tuple[float | None, ...] | None
    fault: str = ""


def kept_logprobs(answered: Any, kept: str | None, shortened: bool = False) -> TokenLogprobs:
    """The log-probabilities of the tokens that make up the text `kept`; of all if that is None.

    `answered` is the `logprobs` object of an answer; `shortened` says whether `kept` is less than
    the server's text.

    >>> answer = {"tokens": ["x", " =", " 1"], "token_logprobs": [None, -0.5, -0.25]}
    >>> kept_logprobs(answer, "x =")
    TokenLogprobs(values=(None, -0.5), fault='')
    """
    if not answered:
        return TokenLogprobs(None, ABSENT)
    match answered:
        case {"content": list(tokens)} if all(isinstance(token, dict) for token in tokens):
            values = [token.get("logprob") for token in tokens]
            names: Any = [token.get("token") for token in tokens]
        case {"token_logprobs": list(values)}:
            names = answered.get("tokens")
        case _:
            return TokenLogprobs(None, UNKNOWN_SHAPE)
    if _are_ids(names):
        return TokenLogprobs(None if shortened else tuple(map(_number, values)), TOKEN_IDS)
    count = len(values) if kept is None else _tokens_within(answered, names, kept)
    if count is None and shortened:
        return TokenLogprobs(None, UNKNOWN_SHAPE)
    return _checked(values[:count])


def _are_ids(names: Any) -> bool:
    return isinstance(names, list) and any(
        isinstance(name, str) and TOKEN_ID.fullmatch(name) for name in names
    )


def _tokens_within(answered: Any, names: Any, kept: str) -> int | None:
    """How many tokens begin within the text; None if their places are not known."""
    match answered:
        case {"text_offset": [int(first), *_] as offsets} if _rise(offsets, names):
            return sum(1 for offset in offsets if offset - first < len(kept))
        case {"content": tokens}:
            # In bytes, which are exact: the text of a token that is part of a character is not.
            lengths = [_bytes_of(token) for token in tokens]
            return _begin_within(lengths, len(kept.encode(errors="surrogatepass")))
        case {"token_logprobs": list(values)} if isinstance(names, list):
            if len(names) == len(values):
                return _begin_within([len(str(name)) for name in names], len(kept))
    return None


def _rise(offsets: Sequence[Any], names: Any) -> bool:
    """Whether these are places of tokens in a text: whole numbers that never fall."""
    numbers = all(type(offset) is int for offset in offsets)
    return (
        numbers
        and isinstance(names, list)
        and len(names) == len(offsets)
        and all(before <= after for before, after in pairwise(offsets))
    )


def _bytes_of(token: dict[str, Any]) -> int:
    match token:
        case {"bytes": list(spelled)}:
            return len(spelled)
    return len(str(token.get("token", "")).encode(errors="surrogatepass"))


def _begin_within(lengths: Sequence[int], limit: int) -> int:
    starts = accumulate(lengths, initial=0)
    return sum(start < limit for start, _ in zip(starts, lengths, strict=False))


def _checked(values: Sequence[Any]) -> TokenLogprobs:
    """The values as numbers. A null for the first token is no fault: nothing precedes it."""
    numbers = tuple(map(_number, values))
    if numbers and all(number is None for number in numbers):
        return TokenLogprobs(None, NO_NUMBERS)
    return TokenLogprobs(numbers, NO_NUMBERS if None in numbers[1:] else "")


def _number(value: Any) -> float | None:
    """A finite log-probability; None for anything else, for JSON can spell nothing else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:  # a whole number beyond all floats
        return None
