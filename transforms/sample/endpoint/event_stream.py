"""A streamed answer (server-sent events) put together into what a whole answer would be.

Each `data:` line holds a chunk: for each choice, by `index`, some more of its text and of its
log-probabilities. The last one is `data: [DONE]`.
"""

import json
from collections.abc import Iterator
from typing import Any

from transforms.lib.network.retry import RequestFailed

TEXTS = ("content", "reasoning_content", "reasoning")  # of a chat's message


def is_event_stream(content_type: str, content: bytes) -> bool:
    """Whether an answer is a stream, by its type or by how it begins."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "text/event-stream" or content[:64].lstrip().startswith(b"data:")


def whole_answer(content: bytes) -> dict[str, Any]:
    """The answer that was streamed: a dict with `choices`, or with `error` if a chunk is one.

    Raises RequestFailed if the stream is cut, and ValueError or RecursionError for a chunk that is
    no JSON.
    """
    choices: dict[int, dict[str, Any]] = {}
    ended = False
    for data in _events(content):
        if ended := data.strip() == "[DONE]":
            break
        chunk = json.loads(data)
        if not isinstance(chunk, dict) or chunk.get("error"):
            return {"error": chunk}
        for part in chunk.get("choices") or ():
            _add(choices, part)
    found = [choices[index] for index in sorted(choices)]
    if not ended and not all(choice["finish_reason"] for choice in found):
        raise RequestFailed("the stream was cut")
    return {"choices": found}


def _events(content: bytes) -> Iterator[str]:
    """The data of each event; lines of one event are joined, comments and other fields ignored."""
    data: list[str] = []
    for line in [*content.decode(errors="replace").replace("\r\n", "\n").split("\n"), ""]:
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []


def _add(choices: dict[int, dict[str, Any]], part: Any) -> None:
    """Add a chunk of a choice to what has come of it."""
    if not isinstance(part, dict) or not isinstance(index := part.get("index", 0), int):
        raise ValueError("a chunk without a choice")
    choice = choices.setdefault(index, {"finish_reason": None})
    choice["finish_reason"] = part.get("finish_reason") or choice["finish_reason"]
    if isinstance(text := part.get("text"), str):
        choice["text"] = choice.get("text", "") + text
    if isinstance(delta := part.get("delta"), dict):
        message = choice.setdefault("message", {"content": ""})
        for name in TEXTS:
            if isinstance(delta.get(name), str):
                message[name] = message.get(name, "") + delta[name]
    if isinstance(logprobs := part.get("logprobs"), dict):
        told = choice.setdefault("logprobs", {})
        for name, values in logprobs.items():
            if isinstance(values, list):
                told.setdefault(name, []).extend(values)
