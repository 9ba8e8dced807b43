"""A client of `/v1/completions`: sends each request until it is answered.

Failures that may be temporary are retried, with growing pauses: a refused or dropped connection, a
time-out, 408, 409, 425, 429 and 5xx, an answer that is cut or no JSON. A pause is as long as the
`Retry-After` of such a status asks for, if that is longer, but never over LONGEST_PAUSE.

Against an endpoint that is hostile or wrong: an answer is read up to a size and for a time; a
redirect is refused, because prompts and key are for the address that was given; and the key is in
no message, though the answer may repeat it.
"""

import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
import urllib3

from transforms.lib.completions.stop_sequences import cut
from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.network.retry import RETRIED_STATUSES, RequestFailed, Retry, retry_after

RETRIED = RETRIED_STATUSES | {409}  # and every status from 500
USAGE_STATUSES = (401, 403, 404)
SENT_STOPS = 4  # as many as every such endpoint takes; all are cut here
FIRST_PAUSE = 1.0  # seconds before the second try, doubled before each further one
LONGEST_PAUSE = 60.0  # seconds of one pause
SHOWN_CHARACTERS = 200  # characters of an answer in an error
# Of one answer: 20 completions of 4,096 tokens with their log-probabilities have some 20 MB.
MAX_ANSWER_BYTES = 256 << 20
PIECE_BYTES = 1 << 16  # of an answer that are read at a time


@dataclass(frozen=True)
class Endpoint:
    """The address of an endpoint and how often it is tried.

    `base` is the address before `/completions`, `seconds` the time-out of one try: to be answered,
    and then to be answered completely.
    """

    base: str
    key: str | None = None
    seconds: float = 300.0
    tries: int = 8

    def shown(self, text: str) -> str:
        """A text for a message: without the key, and without a password in the address."""
        parts = urlsplit(self.base)
        address = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        text = text.replace(self.base, address)
        for secret in filter(None, (self.key, parts.password)):
            text = text.replace(secret, "…")
        return text


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
            self._session.auth = self._authorized  # not a header: a netrc would replace that

    def _authorized(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.endpoint.key}"
        return request

    def complete(self, prompt: str, stops: tuple[str, ...], count: int) -> list[Completion]:
        """At least one and at most `count` completions.

        Raises PipelineError when the last try has failed, UsageError if the endpoint refuses.
        """
        body = vars(self.settings) | {"prompt": prompt, "n": count}
        if stops:
            body["stop"] = list(stops[:SENT_STOPS])
        if self.logprobs:
            body["logprobs"] = 1

        def request() -> list[Completion]:
            if self.stopped():
                raise RequestFailed("stopped", again=False)
            return [self._completion(choice, stops) for choice in self._ask(body)[:count]]

        try:
            retry = Retry(self.endpoint.tries, FIRST_PAUSE, LONGEST_PAUSE, self.sleep)
            return retry.call(request)
        except RequestFailed as error:
            line = f"{self.endpoint.base}: {error}, {self.endpoint.tries} times"
            raise PipelineError(self.endpoint.shown(line)) from error

    def _ask(self, body: dict[str, Any]) -> list[Any]:
        """The choices in the answer to one request; RequestFailed if another try may have them."""
        where = f"{self.endpoint.base}/completions"
        try:
            with self._session.post(
                where, json=body, timeout=self.endpoint.seconds, stream=True, allow_redirects=False
            ) as answer:
                return self._choices(where, answer, self._content(where, answer))
        except (requests.ConnectionError, requests.Timeout) as error:
            raise RequestFailed(type(error).__name__) from error
        except urllib3.exceptions.HTTPError as error:
            raise RequestFailed("the answer was cut") from error
        except (requests.RequestException, UnicodeError) as error:
            raise UsageError(self.endpoint.shown(f"{where}: {error}")) from error

    def _content(self, where: str, answer: requests.Response) -> bytes:
        """The body of an answer, read within bounds of size and time."""
        end = time.monotonic() + self.endpoint.seconds
        content = bytearray()
        # `read1` returns what has arrived, so that the time is looked at although it comes slowly.
        while piece := answer.raw.read1(PIECE_BYTES, decode_content=True):
            content += piece
            if len(content) > MAX_ANSWER_BYTES:
                line = f"{where}: an answer of more than {MAX_ANSWER_BYTES >> 20} MB"
                raise PipelineError(self.endpoint.shown(line))
            if time.monotonic() > end:
                raise RequestFailed("Timeout")
        return bytes(content)

    def _choices(self, where: str, answer: requests.Response, content: bytes) -> list[Any]:
        status = answer.status_code
        if status in RETRIED or status >= 500:
            wait = retry_after(answer.headers.get("Retry-After"))
            raise RequestFailed(f"status {status}", wait=wait)
        if answer.is_redirect:
            target = answer.headers["Location"][:SHOWN_CHARACTERS]
            line = f"{where}: redirects to {target!r}; set OPENAI_BASE_URL to where it is"
            raise UsageError(self.endpoint.shown(line))
        if status != 200:
            # The key goes before the text is cut, or a part of it could stay.
            text = self.endpoint.shown(content.decode(errors="replace"))
            line = f"{self.endpoint.shown(where)}: status {status}: {text[:SHOWN_CHARACTERS]!r}"
            raise UsageError(line) if status in USAGE_STATUSES else PipelineError(line)
        try:
            choices = json.loads(content)["choices"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise RequestFailed("no JSON with choices") from error
        if not isinstance(choices, list) or not choices:
            raise RequestFailed("no choices")
        return choices

    def _completion(self, choice: Any, stops: tuple[str, ...]) -> Completion:
        match choice:
            case {"text": str(text)}:
                kept = cut(text, stops)
                answered = choice.get("logprobs") if self.logprobs else None
                return Completion(kept, of_tokens(answered, len(kept)) if answered else None)
        raise RequestFailed("a choice without text")


def of_tokens(answered: Any, characters: int) -> tuple[float | None, ...]:
    """The log-probabilities of the tokens that make up the first `characters` of a completion.

    `answered` is the `logprobs` object of OpenAI's answer; RequestFailed if it is none.

    >>> answer = {"tokens": ["x", " =", " 1"], "token_logprobs": [None, -0.5, -0.25]}
    >>> of_tokens(answer, len("x ="))
    (None, -0.5)
    """
    match answered:
        case {"token_logprobs": list(values), "tokens": list(tokens)} if len(values) == len(tokens):
            kept, at = [], 0
            for token, value in zip(tokens, values, strict=True):
                if at >= characters:
                    break
                at += len(str(token))
                kept.append(_number(value))
            return tuple(kept)
        case {"token_logprobs": list(values)}:
            return tuple(map(_number, values))
    raise RequestFailed("log-probabilities without tokens")


def _number(value: Any) -> float | None:
    """A log-probability; None for null, and for a NaN, which stands for none as well."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value > sys.float_info.max:
        raise RequestFailed("log-probabilities that are no numbers")
    return value
