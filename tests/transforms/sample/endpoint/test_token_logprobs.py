"""Log-probabilities in the shapes of real servers, and in those of broken ones."""

import pytest

from transforms.sample.endpoint.token_logprobs import (
    ABSENT,
    NO_NUMBERS,
    TOKEN_IDS,
    UNKNOWN_SHAPE,
    TokenLogprobs,
    kept_logprobs,
)


@pytest.mark.parametrize(("kept", "count"), [("abc", 2), ("", 0), ("abcd", 2), ("abcd\nde", 3)])
def test_they_end_where_the_text_does(kept: str, count: int) -> None:
    answer = {"tokens": ["ab", "cd", "\ndef"], "token_logprobs": [None, -1.0, -2.0]}
    assert kept_logprobs(answer, kept).values == (None, -1.0, -2.0)[:count]


def test_places_count_before_lengths() -> None:
    """OpenAI's tokens of a part of a character are spelled longer than they are."""
    tokens = ["bytes:\\xe2\\x80", "bytes:\\x99", "s", "\n"]
    answer = {"tokens": tokens, "token_logprobs": [-1, -2, -3, -4], "text_offset": [40, 40, 41, 42]}
    assert kept_logprobs(answer, "’s").values == (-1, -2, -3)
    del answer["text_offset"]
    assert kept_logprobs(answer, "’s").values == (-1,)


def test_the_shape_of_a_chat() -> None:
    """llama.cpp's server gives it for completions, with tokens that are held back as empty."""
    content = [
        {"token": "", "bytes": [10, 10], "logprob": -0.25},
        {"token": "\n\nThis", "bytes": [84, 104, 105, 115], "logprob": -0.5},
        {"token": "é", "logprob": -0.75},
        {"token": "#", "bytes": None, "logprob": -1},
    ]
    answer = {"content": content}
    assert kept_logprobs(answer, "\n\nThisé").values == (-0.25, -0.5, -0.75)
    assert kept_logprobs(answer, "\n\n", shortened=True).values == (-0.25,)
    assert kept_logprobs(answer, None).values == (-0.25, -0.5, -0.75, -1)


@pytest.mark.parametrize("odd", ["-1.0", True, [], 10**400, float("nan"), float("-inf"), None])
def test_what_is_no_number_is_told(odd: object) -> None:
    answer = {"tokens": ["a", "b"], "token_logprobs": [-1.0, odd]}
    assert kept_logprobs(answer, "ab") == TokenLogprobs((-1.0, None), NO_NUMBERS)
    assert kept_logprobs(answer, "a") == TokenLogprobs((-1.0,))
    answer = {"tokens": ["a"], "token_logprobs": [odd]}
    assert kept_logprobs(answer, "a") == TokenLogprobs(None, NO_NUMBERS)


def test_ids_in_place_of_tokens() -> None:
    answer = {
        "tokens": ["token_id:1", "token_id:22"],
        "token_logprobs": [-1.0, -2.0],
        "text_offset": [0, 10],
    }
    assert kept_logprobs(answer, "a b c") == TokenLogprobs((-1.0, -2.0), TOKEN_IDS)
    assert kept_logprobs(answer, "a", shortened=True) == TokenLogprobs(None, TOKEN_IDS)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (None, ABSENT),
        ({}, ABSENT),
        ({"mean": -1}, UNKNOWN_SHAPE),
        ([-1.0], UNKNOWN_SHAPE),
        ("-1", UNKNOWN_SHAPE),
        ({"content": ["a"]}, UNKNOWN_SHAPE),
        ({"content": None}, UNKNOWN_SHAPE),
    ],
)
def test_shapes_that_cannot_be_read(answer: object, fault: str) -> None:
    assert kept_logprobs(answer, "abc") == TokenLogprobs(None, fault)


def test_numbers_without_tokens() -> None:
    """They count if all of the text is kept: else it is not known which of them do."""
    for answer in ({"token_logprobs": [-1, -2]}, {"token_logprobs": [-1, -2], "tokens": ["a"]}):
        assert kept_logprobs(answer, "abc") == TokenLogprobs((-1, -2))
        assert kept_logprobs(answer, "a", shortened=True) == TokenLogprobs(None, UNKNOWN_SHAPE)
