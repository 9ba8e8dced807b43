"""A streamed answer (server-sent events) put together into what a whole answer would be.

Each `data:` line holds a chunk: for each choice, by `index`, some more of its text and of its
log-probabilities. The last one is `data: [DONE]`.
"""

import json
import re
from codecs import BOM_UTF8 as BYTE_ORDER_MARK
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from transforms.lib.network.retry import RequestFailed

LINE_END = re.compile(r"\r\n|\n|\r")
BEGINS = (b"data:", b":", b"event:", b"id:", b"retry:")  # a field, or a comment
TEXTS = ("text", "content", "reasoning_content", "reasoning")  # of completions, and of messages


def is_event_stream(content: bytes) -> bool:
    """Whether an answer is a stream, by how it begins: servers also name the wrong type.

    >>> is_event_stream(b": ping"), is_event_stream(b'{"data:": 1}')
    (True, False)
    """
    return content[:64].removeprefix(BYTE_ORDER_MARK).lstrip().startswith(BEGINS)


def whole_answer(content: bytes) -> dict[str, Any]:
    """The answer that was streamed: a dict with `choices`, or with `error` if a chunk is one.

    Raises RequestFailed if the stream is cut, and ValueError or RecursionError for a chunk that is
    no JSON or holds no choices.
    """
    choices: dict[int, StreamedChoice] = {}
    ended = False
    for data in _events(content):
        if ended := data.strip() == "[DONE]":
            break
        chunk = json.loads(data)
        if not isinstance(chunk, dict) or chunk.get("error"):
            return {"error": chunk}
        for part in _parts(chunk):
            choices.setdefault(part.get("index") or 0, StreamedChoice()).add(part)
    found = [choices[index] for index in sorted(choices)]
    if not ended and not all(choice.finish_reason for choice in found):
        raise RequestFailed("the stream was cut")
    return {"choices": [choice.whole() for choice in found]}


def _events(content: bytes) -> Iterator[str]:
    """The data of each event; lines of one event are joined, comments and other fields ignored."""
    data: list[str] = []
    for line in [*LINE_END.split(content.decode("utf-8-sig", errors="replace")), ""]:
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []


def _parts(chunk: dict[str, Any]) -> list[dict[str, Any]]:
    """What a chunk adds to choices; none in the chunk that counts the tokens."""
    parts = chunk.get("choices") or []
    if not isinstance(parts, list):
        raise ValueError("no choices")
    for part in parts:
        if not isinstance(part, dict) or not isinstance(part.get("index") or 0, int):
            raise ValueError("a chunk without a choice")
    return parts


@dataclass
class StreamedChoice:
    """What has come of one choice."""

    finish_reason: Any = None
    texts: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    is_message: bool = False
    logprobs: defaultdict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def add(self, part: dict[str, Any]) -> None:
        """Add a chunk's part of it."""
        self.finish_reason = part.get("finish_reason") or self.finish_reason
        delta = part.get("delta")
        self.is_message |= isinstance(delta, dict)
        for name, text in {**(delta if isinstance(delta, dict) else {}), **part}.items():
            if name in TEXTS and isinstance(text, str):
                self.texts[name].append(text)
        logprobs = part.get("logprobs")
        for name, values in (logprobs if isinstance(logprobs, dict) else {}).items():
            if isinstance(values, list):
                self.logprobs[name] += values

    def whole(self) -> dict[str, Any]:
        """The choice as an answer that is not streamed has it."""
        texts = {name: "".join(pieces) for name, pieces in self.texts.items()}
        choice: dict[str, Any] = {"finish_reason": self.finish_reason}
        if "text" in texts or not self.is_message:
            choice["text"] = texts.get("text", "")
        else:
            choice["message"] = {"content": ""} | texts
        return choice | ({"logprobs": dict(self.logprobs)} if self.logprobs else {})
