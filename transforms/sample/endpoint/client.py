"""A client of one endpoint: sends each request until it is answered.

Failures that may be temporary are retried, with growing pauses: a refused or dropped connection, a
time-out, 408, 409, 425, 429 and 5xx, an answer that is cut or no JSON. A pause is as long as the
`Retry-After` of such a status asks for, if that is longer, but never over LONGEST_PAUSE. A refusal
that names a field which quire can do without is answered by a request without it.

Against an endpoint that is hostile or wrong: an answer is read up to a size and for a time; a
redirect is refused, because prompts and key are for the address that was given; and the key is in
no message, though the answer may repeat it.
"""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests
import urllib3

from transforms.lib.errors import PipelineError, UsageError
from transforms.lib.network.retry import RETRIED_STATUSES, RequestFailed, Retry, retry_after
from transforms.sample.endpoint.address import Endpoint
from transforms.sample.endpoint.capabilities import MIXED, Capabilities
from transforms.sample.endpoint.choices import Completion, completion_of
from transforms.sample.endpoint.decoding_settings import Settings
from transforms.sample.endpoint.event_stream import is_event_stream, whole_answer
from transforms.sample.endpoint.refusals import (
    SHOWN_CHARACTERS,
    field_hint,
    hint,
    is_final,
    words_of,
)
from transforms.sample.endpoint.request_body import request_body

RETRIED = RETRIED_STATUSES | {409}  # and every status from 500
USAGE_STATUSES = (401, 403, 404)
FIELD_STATUSES = (400, 422)  # those of a request with a field that the server does not take
FIRST_PAUSE = 1.0  # seconds before the second try, doubled before each further one
LONGEST_PAUSE = 60.0  # seconds of one pause
# Of one answer: 20 completions of 4,096 tokens with their log-probabilities have some 20 MB, with
# those of 20 other tokens beside each, as llama.cpp's server gives them unasked, 200 MB.
MAX_ANSWER_BYTES = 256 << 20
SYSTEM_ERROR = re.compile(r"\[Errno -?\d+\] ([\w ]+)")
PIECE_BYTES = 1 << 16  # of an answer that are read at a time


class FieldRefused(Exception):
    """A request that was refused with `words`, perhaps for one of its fields."""

    def __init__(self, line: str, words: str) -> None:
        super().__init__(line)
        self.words = words


@dataclass
class Client:
    """One thread's connection to an endpoint; `server` is what all threads know of it."""

    endpoint: Endpoint
    settings: Settings
    server: Capabilities = field(default_factory=Capabilities)
    sleep: Callable[[float], object] = time.sleep
    stopped: Callable[[], bool] = lambda: False  # whether nobody waits for answers any more

    def __post_init__(self) -> None:
        self._session = requests.Session()
        if self.endpoint.key:
            self._session.auth = self._authorized  # not a header: a netrc would replace that
        kind = "chat/completions" if self.settings.chat else "completions"
        self._where = f"{self.endpoint.base}/{kind}"

    def _authorized(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.endpoint.key}"
        return request

    def complete(
        self, prompt: str, stops: tuple[str, ...], count: int, seed: int | None = None
    ) -> list[Completion]:
        """At least one and at most `count` completions; of a chat, `prompt` is the user's message.

        Raises PipelineError when the last try has failed, UsageError if the endpoint refuses.
        """
        body = self._body(prompt, stops, count, seed)
        while True:
            try:
                return self._completions(body, stops)
            except FieldRefused as refusal:
                adapted = self.server.adapt(body, refusal.words)
                before, body = body, self._body(prompt, stops, count, seed)
                if not adapted or body == before:  # --body may insist
                    line = f"{refusal}{field_hint(refusal.words, before)}"
                    raise PipelineError(line) from refusal

    def _body(
        self, prompt: str, stops: tuple[str, ...], count: int, seed: int | None
    ) -> dict[str, Any]:
        """A request for as many of `count` completions as the server gives at a time."""
        streams = self.server.stream or self.settings.body.get("stream")
        most = 1 if streams else min(count, self.server.per_request)
        return request_body(self.settings, self.server, prompt, stops, most, seed)

    def _completions(self, body: dict[str, Any], stops: tuple[str, ...]) -> list[Completion]:
        """The completions in the answer to one request, tried until there is one."""

        def request() -> list[Completion]:
            if self.stopped():
                raise RequestFailed("stopped", again=False)
            drawn = self._choices(body)[: body.get("n", 1)]
            logprobs, seed = self.settings.logprobs, body.get("seed")
            return [completion_of(choice, stops, logprobs, seed) for choice in drawn]

        try:
            retry = Retry(self.endpoint.tries, FIRST_PAUSE, LONGEST_PAUSE, self.sleep)
            return retry.call(lambda: self._told(request))
        except RequestFailed as error:
            line = f"{self._where}: {error}, {self.endpoint.tries} times"
            raise PipelineError(self.endpoint.shown(line)) from error

    def _told(self, request: Callable[[], list[Completion]]) -> list[Completion]:
        """What a request returns; its first failure of the run is told, for pauses may be long."""
        try:
            return request()
        except RequestFailed as failure:
            if failure.again and self.endpoint.tries > 1:
                line = f"{failure}; trying again, up to {self.endpoint.tries} times"
                self.server.say("retry", line)
            raise

    def _choices(self, body: dict[str, Any]) -> list[Any]:
        """The choices in the answer to one request; RequestFailed if another try may have them."""
        seconds = self.endpoint.seconds
        try:
            with self._session.post(
                self._where, json=body, timeout=seconds, stream=True, allow_redirects=False
            ) as answer:
                content = self._content(answer)
                self._check_status(answer, content)
                choices = self._parsed(answer, content)
                if len(choices) < body.get("n", 1) and _is_stream(answer, content):
                    raise FieldRefused(f"{self.endpoint.shown(self._where)}: {MIXED}", MIXED)
                return choices
        except requests.ReadTimeout as error:
            raise RequestFailed(self._no_answer()) from error
        except (requests.ConnectionError, requests.Timeout) as error:
            raise RequestFailed(_cause(error)) from error
        except urllib3.exceptions.HTTPError as error:
            raise RequestFailed("the answer was cut") from error
        except (requests.RequestException, UnicodeError) as error:
            raise UsageError(self.endpoint.shown(f"{self._where}: {error}")) from error

    def _content(self, answer: requests.Response) -> bytes:
        """The body of an answer, read within bounds of size and time."""
        end = time.monotonic() + self.endpoint.seconds
        content = bytearray()
        # `read1` returns what has arrived, so that the time is looked at although it comes slowly.
        while piece := answer.raw.read1(PIECE_BYTES, decode_content=True):
            content += piece
            if len(content) > MAX_ANSWER_BYTES:
                line = f"{self._where}: an answer of more than {MAX_ANSWER_BYTES >> 20} MB"
                raise PipelineError(self.endpoint.shown(line))
            if time.monotonic() > end:
                raise RequestFailed(self._no_answer())
        return bytes(content)

    def _no_answer(self) -> str:
        return f"no whole answer within {self.endpoint.seconds:g} s (--request-timeout)"

    def _check_status(self, answer: requests.Response, content: bytes) -> None:
        """Raises the error that an answer's status is, unless it is 200."""
        status = answer.status_code
        if status == 200:
            return
        if answer.is_redirect:
            target = answer.headers["Location"][:SHOWN_CHARACTERS]
            line = f"{self._where}: redirects to {target!r}; set OPENAI_BASE_URL to where it is"
            raise UsageError(self.endpoint.shown(line))
        failure = f"status {status}: {self._quoted(content)}"
        if status in RETRIED or status >= 500:
            self._fail_for_now(failure, content, retry_after(answer.headers.get("Retry-After")))
        words = words_of(content)
        line = f"{self.endpoint.shown(self._where)}: {failure}{hint(words, self.settings.chat)}"
        if status in FIELD_STATUSES:
            raise FieldRefused(line, words)
        raise UsageError(line) if status in USAGE_STATUSES else PipelineError(line)

    def _fail_for_now(self, failure: str, content: bytes, wait: float | None = None) -> None:
        """Raises the error of a failed try; of the last one, if no other can succeed."""
        if is_final(content):
            raise PipelineError(f"{self.endpoint.shown(self._where)}: {failure}")
        raise RequestFailed(failure, wait=wait)

    def _quoted(self, content: bytes) -> str:
        """The server's words, short and harmless, without the key."""
        # The key goes before the text is cut, or a part of it could stay.
        return repr(self.endpoint.shown(words_of(content))[:SHOWN_CHARACTERS])

    def _parsed(self, answer: requests.Response, content: bytes) -> list[Any]:
        """The choices in the content of an answer, streamed or whole."""
        try:
            if _is_stream(answer, content):
                found: Any = whole_answer(content)
            else:
                found = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise RequestFailed(f"no JSON: {self._quoted(content)}") from error
        match found:
            case {"choices": [*choices]} if choices:
                return choices
            case {"error": error} if error:
                told = json.dumps(found).encode()
                self._fail_for_now(f"an error: {self._quoted(told)}", told)
            case {"content": str()}:
                line = f"{self._where}: no choices but `content`: OPENAI_BASE_URL lacks its /v1?"
                raise UsageError(self.endpoint.shown(line))
        raise RequestFailed(f"no choices: {self._quoted(content)}")


def _cause(error: requests.RequestException) -> str:
    """What broke a connection, as the system says it, such as "Connection refused".

    >>> _cause(requests.ConnectionError("…: [Errno 111] Connection refused'))"))
    'ConnectionError (Connection refused)'
    """
    name, reason = type(error).__name__, SYSTEM_ERROR.search(str(error))
    return f"{name} ({reason[1]})" if reason else name


def _is_stream(answer: requests.Response, content: bytes) -> bool:
    return is_event_stream(answer.headers.get("Content-Type", ""), content)
