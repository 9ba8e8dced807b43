"""A client of `/v1/completions`: one request after another until it has its answer.

What may pass is tried again, with growing pauses: a refused or dropped connection, a time-out, 408,
409, 425, 429 (after as long as the server asks for) and 5xx, an answer that is cut or no JSON.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from transforms.lib.completions.stop_sequences import cut
from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.network.fetch import retry_after

AGAIN = (408, 409, 425, 429)
REFUSED = (401, 403, 404)
SENT_STOPS = 4  # as many as every such endpoint takes; all are cut here
PAUSE = 1.0  # seconds before the second try
LONGEST = 60.0  # seconds of one pause
SHOWN = 200  # characters of an answer in an error


@dataclass(frozen=True)
class Endpoint:
    """The address of an endpoint and how often it is tried.

    `base` is the address before `/completions`, `seconds` the time-out of one try.
    """

    base: str
    key: str | None = None
    seconds: float = 300.0
    tries: int = 8


@dataclass(frozen=True)
class Settings:
    """How completions are drawn; every sample that is written holds them."""

    model: str
    temperature: float
    top_p: float
    max_tokens: int


@dataclass(frozen=True)
class Completion:
    """A completion up to its first stop sequence; `logprobs` of its tokens, if requested."""

    text: str
    logprobs: tuple[float | None, ...] | None


class Passing(Exception):
    """A failure that may pass; `wait` is how many seconds the server wants to be left alone."""

    def __init__(self, what: str, wait: float = 0.0) -> None:
        super().__init__(what)
        self.wait = wait


@dataclass
class Client:
    """One thread's connection to an endpoint."""

    endpoint: Endpoint
    settings: Settings
    logprobs: bool = False
    sleep: Callable[[float], object] = time.sleep
    stopped: Callable[[], bool] = lambda: False  # whether nobody waits for answers any more

    def __post_init__(self) -> None:
        self._session = requests.Session()
        if self.endpoint.key:
            self._session.headers["Authorization"] = f"Bearer {self.endpoint.key}"

    def complete(self, prompt: str, stops: tuple[str, ...], count: int) -> list[Completion]:
        """At least one and at most `count` completions.

        Raises PipelineError when the last try has failed, UsageError if the endpoint refuses.
        """
        body = vars(self.settings) | {"prompt": prompt, "n": count}
        last = Passing("stopped")
        if stops:
            body["stop"] = list(stops[:SENT_STOPS])
        if self.logprobs:
            body["logprobs"] = 1
        for number in range(self.endpoint.tries):
            if self.stopped():
                break
            try:
                return [self._completion(choice, stops) for choice in self._ask(body)[:count]]
            except Passing as error:
                last = error
                if number + 1 < self.endpoint.tries:
                    self.sleep(min(LONGEST, max(error.wait, self._pause(number))))
        raise PipelineError(f"{self.endpoint.base}: {last}, {self.endpoint.tries} times")

    def _pause(self, number: int) -> float:
        """Seconds, doubled each time; jitter, for many clients were refused at once."""
        return float(PAUSE * 2**number * random.uniform(0.5, 1.0))  # noqa: S311

    def _ask(self, body: dict[str, Any]) -> list[Any]:
        """The choices in the answer to one request; Passing if another try may have them."""
        where = f"{self.endpoint.base}/completions"
        try:
            answer = self._session.post(where, json=body, timeout=self.endpoint.seconds)
        except (requests.ConnectionError, requests.Timeout) as error:
            raise Passing(type(error).__name__) from error
        except requests.exceptions.ChunkedEncodingError as error:
            raise Passing("the answer was cut") from error
        except (requests.RequestException, UnicodeError) as error:
            raise UsageError(f"{where}: {error}") from error
        return self._choices(where, answer)

    def _choices(self, where: str, answer: requests.Response) -> list[Any]:
        status = answer.status_code
        if status in AGAIN or status >= 500:
            raise Passing(f"status {status}", retry_after(answer.headers.get("Retry-After")) or 0.0)
        if status != 200:
            line = f"{where}: status {status}: {answer.text[:SHOWN]!r}"
            raise UsageError(line) if status in REFUSED else PipelineError(line)
        try:
            choices = answer.json()["choices"]
        except (ValueError, KeyError, TypeError) as error:
            raise Passing("no JSON with choices") from error
        if not isinstance(choices, list) or not choices:
            raise Passing("no choices")
        return choices

    def _completion(self, choice: Any, stops: tuple[str, ...]) -> Completion:
        match choice:
            case {"text": str(text)}:
                kept = cut(text, stops)
                told = choice.get("logprobs") if self.logprobs else None
                return Completion(kept, of_tokens(told, len(kept)) if told else None)
        raise Passing("a choice without text")


def of_tokens(told: Any, characters: int) -> tuple[float | None, ...]:
    """The log-probabilities of the tokens that make up the first `characters` of a completion.

    `told` is the `logprobs` object of OpenAI's answer; Passing if it is none.

    >>> answer = {"tokens": ["x", " =", " 1"], "token_logprobs": [None, -0.5, -0.25]}
    >>> of_tokens(answer, len("x ="))
    (None, -0.5)
    """
    match told:
        case {"token_logprobs": list(values), "tokens": list(tokens)} if len(values) == len(tokens):
            kept, at = [], 0
            for token, value in zip(tokens, values, strict=True):
                if at >= characters:
                    break
                at += len(str(token))
                kept.append(value)
            return tuple(kept)
        case {"token_logprobs": list(values)}:
            return tuple(values)
    raise Passing("log-probabilities without tokens")
