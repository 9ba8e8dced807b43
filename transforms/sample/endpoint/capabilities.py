"""What a server takes of a request, as its refusals have told.

OpenAI-style servers differ: some take no `seed`, few completions at a time, `max_completion_tokens`
in place of `max_tokens`, or only stream. A refusal (400, 422) names the field that it is about, and
the next request does without.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from transforms.sample.run_messages import RunMessages

PER_REQUEST = 20  # completions: a request that fails loses no more than these
# What is wrong with a stream that has fewer choices than were asked for: they may be mixed into
# one, as LiteLLM's proxy streams completions.
MIXED = "a stream of several choices"


@dataclass
class Capabilities:
    """What the server of one run takes; its threads share one of these.

    `per_request` is the number of completions that it gives at a time, `tokens_field` the name
    under which it takes the longest length.
    """

    messages: RunMessages = field(default_factory=RunMessages)
    per_request: int = PER_REQUEST
    seed: bool = True
    stream: bool = False
    tokens_field: str = "max_tokens"
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def adapt(self, body: Mapping[str, Any], words: str) -> bool:
        """Whether another request may be taken, after one with `body` was refused with `words`.

        What is changed for it stays changed, and is told once.
        """
        with self._lock:
            for change in (
                self._ask_one,
                self._name_tokens,
                self._ask_fewer,
                self._drop_seed,
                self._stream,
            ):
                if line := change(body, words):
                    self.messages.add(change.__name__, f"the server refuses {line}")
                    return True
        return False

    def _ask_one(self, body: Mapping[str, Any], words: str) -> str:
        if words != MIXED or body.get("n", 1) == 1:
            return ""
        self.per_request = 1
        return f"{MIXED} ({body['n']}): one completion is asked for at a time"

    def _name_tokens(self, body: Mapping[str, Any], words: str) -> str:
        if "max_tokens" not in body or "max_completion_tokens" not in words:
            return ""
        self.tokens_field = "max_completion_tokens"
        return "max_tokens: max_completion_tokens is sent"

    def _ask_fewer(self, body: Mapping[str, Any], words: str) -> str:
        count = body.get("n", 1)
        if count == 1 or not names("n", words):
            return ""
        self.per_request = min(self.per_request, count // 2)
        return f"n={count}: fewer completions are asked for at a time"

    def _drop_seed(self, body: Mapping[str, Any], words: str) -> str:
        if "seed" not in body or not names("seed", words):
            return ""
        self.seed = False
        return "seed: samples are drawn without, and cannot be drawn again"

    def _stream(self, body: Mapping[str, Any], words: str) -> str:
        if body.get("stream") or not (names("stream", words) or names("streaming", words)):
            return ""
        self.stream = True
        return "whole answers: they are streamed"


def names(field: str, words: str) -> bool:
    r"""Whether an error is about a field of the request: it holds the name as a word.

    >>> names("n", "Field 'n': Value must be between 1 <= value <= 4, but got 20")
    True
    >>> names("n", r"don't\n"), names("seed", "seeds")
    (False, False)
    """
    return re.search(rf"(?<![\w\\-]){re.escape(field)}(?![\w-])", words) is not None
