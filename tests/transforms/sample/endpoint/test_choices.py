"""Choices of answers, and answers that are anything at all."""

import json
from contextlib import suppress
from random import Random

import pytest

from transforms.lib.network.retry import RequestFailed
from transforms.sample.endpoint.choices import completion_of
from transforms.sample.endpoint.event_stream import whole_answer

NAMES = [
    "choices", "index", "text", "message", "delta", "content", "reasoning", "finish_reason",
    "logprobs", "token_logprobs", "tokens", "text_offset", "bytes", "logprob", "token", "error",
]  # fmt: skip
LEAVES = [None, True, 0, -1.5, 10**400, float("nan"), "", "ab", "é", {}, []]


def anything(random: Random, depth: int = 4) -> object:
    """A value as JSON has it, under names that answers have."""
    kind = random.randrange(3) if depth else 2
    inner = [anything(random, depth - 1) for _ in range(random.randrange(4))] if kind < 2 else []
    if kind == 0:
        return dict(zip(random.sample(NAMES, 3), inner, strict=False))
    return inner if kind == 1 else random.choice(LEAVES)


def test_no_completion_is_longer_than_its_stop_allows() -> None:
    told = {"tokens": ["a", "\n", "b"], "token_logprobs": [-1, -2, -3]}
    choice = {"text": "a\nb", "finish_reason": "length", "logprobs": told}
    cut = completion_of(choice, ("\n",), True, 5)
    assert (cut.text, cut.finish_reason, cut.logprobs.values, cut.seed) == ("a", "stop", (-1,), 5)
    whole = completion_of(choice, ("x",), True)
    assert (whole.finish_reason, whole.logprobs.values) == ("length", (-1, -2, -3))
    empty = completion_of({"text": "", "logprobs": None}, (), True)
    assert (empty.logprobs.values, empty.logprobs.fault) == ((), "")


@pytest.mark.parametrize(
    ("content", "text"),
    [(None, ""), ("a", "a"), ([{"type": "text", "text": "a"}, {"type": "image"}], "a")],
)
def test_the_content_of_a_message(content: object, text: str) -> None:
    choice = {"message": {"content": content, "reasoning": "so"}, "finish_reason": "length"}
    drawn = completion_of(choice, (), False)
    assert (drawn.text, drawn.reasoning, drawn.finish_reason) == (text, "so", "length")


def test_any_answer_is_a_completion_or_a_failed_try() -> None:
    """Nothing else is raised, and what is written of it is JSON."""
    random, drawn = Random(0), 0
    for _ in range(1000):
        odd = anything(random)
        for answer in (odd, {"text": "ab", "logprobs": odd}, {"message": odd}):
            with suppress(RequestFailed):
                completion = completion_of(answer, ("b",), True)
                json.dumps(vars(completion.logprobs), allow_nan=False)
                assert "b" not in completion.text
                assert isinstance(completion.finish_reason, str | None)
                drawn += 1
    assert drawn > 1000


def test_any_stream_is_an_answer_or_a_failed_try() -> None:
    random, answered = Random(0), 0
    for _ in range(1000):
        chunks = [{"choices": [anything(random)]}, anything(random)][: random.randrange(3)]
        content = "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks).encode()
        with suppress(RequestFailed, ValueError):
            for choice in whole_answer(content).get("choices", ()):
                completion_of(choice, (), True)
            answered += 1
    assert answered > 100
