"""Streamed answers, whole and cut."""

import codecs
import json

import pytest

from transforms.lib.network.retry import RequestFailed
from transforms.sample.endpoint.event_stream import is_event_stream, whole_answer


def stream(*chunks: object, end: str = "\n\n", done: bool = True) -> bytes:
    data = [json.dumps(chunk) for chunk in chunks] + ["[DONE]"] * done
    return "".join(f"data: {each}{end}" for each in data).encode()


def part(index: int | None, **fields: object) -> dict:
    return {"choices": [{"index": index, "finish_reason": None} | fields]}


CHAT = [
    part(1, delta={"role": "assistant", "content": None}),
    part(1, delta={"reasoning_content": "hm"}),
    part(0, delta={"content": "He"}, logprobs={"content": [{"logprob": -1}]}),
    part(1, delta={"content": "Hi"}),
    part(0, delta={"content": "llo"}, logprobs={"content": [{"logprob": -2}]}),
    part(1, delta={}, finish_reason="length"),
    part(0, delta={}, finish_reason="stop"),
    {"choices": [], "usage": {"total_tokens": 4}},
]
WHOLE = [
    {
        "finish_reason": "stop",
        "message": {"content": "Hello"},
        "logprobs": {"content": [{"logprob": -1}, {"logprob": -2}]},
    },
    {"finish_reason": "length", "message": {"content": "Hi", "reasoning_content": "hm"}},
]


@pytest.mark.parametrize("end", ["\n\n", "\r\n\r\n", "\r\r", "\n: a comment\nevent: x\n\n"])
@pytest.mark.parametrize("done", [True, False])
def test_choices_are_put_together(end: str, done: bool) -> None:
    assert whole_answer(stream(*CHAT, end=end, done=done)) == {"choices": WHOLE}


def test_a_text_in_chunks() -> None:
    """The first begins with a mark that some servers put there, and the second has no index."""
    told = {"tokens": ["a"], "token_logprobs": [-1.0], "text_offset": [0]}
    chunks = [part(0, text="a", logprobs=told), part(None, text="b", finish_reason="stop")]
    [choice] = whole_answer(codecs.BOM_UTF8 + stream(*chunks))["choices"]
    assert choice == {"finish_reason": "stop", "text": "ab", "logprobs": told}


def test_a_stream_that_is_cut() -> None:
    with pytest.raises(RequestFailed, match="the stream was cut"):
        whole_answer(stream(*CHAT[:-2], done=False))
    with pytest.raises(ValueError):
        whole_answer(stream(*CHAT)[:-60] + b"\n\n")


@pytest.mark.parametrize("chunk", [{"error": {"message": "no memory"}}, ["odd"]])
def test_an_error_in_a_stream(chunk: object) -> None:
    assert whole_answer(stream(CHAT[0], chunk))["error"] == chunk


@pytest.mark.parametrize("odd", [{"choices": ["x"]}, {"choices": [{"index": "x"}]}, {"choices": 5}])
def test_chunks_that_cannot_be_read(odd: object) -> None:
    with pytest.raises(ValueError):
        whole_answer(stream(odd))


def test_which_answers_are_streams() -> None:
    assert is_event_stream(b": ping")
    assert is_event_stream(b"\ndata: {}")
    assert is_event_stream(codecs.BOM_UTF8 + b"data: {}")
    assert not is_event_stream(b'{"data: ": 1}')
    assert not is_event_stream(b"")
