"""A client of one endpoint: sends each request until it is answered.

Failures that may be temporary are retried, with growing pauses: a refused or dropped connection, a
time-out, 408, 409, 425, 429 and 5xx, an answer that is cut or no JSON. A pause is as long as the
`Retry-After` of such a status asks for, if that is longer, but never over LONGEST_PAUSE. A refusal
that names a field which quire can do without is answered by a request without it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from transforms.lib.errors import PipelineError
from transforms.lib.network.retry import RequestFailed, Retry
from transforms.sample.endpoint.address import Endpoint
from transforms.sample.endpoint.capabilities import Capabilities
from transforms.sample.endpoint.choices import Completion, completion_of
from transforms.sample.endpoint.connection import Connection, FieldRefused
from transforms.sample.endpoint.decoding_settings import Settings
from transforms.sample.endpoint.error_messages import field_hint
from transforms.sample.endpoint.request_body import request_body

FIRST_PAUSE = 1.0  # seconds before the second try, doubled before each further one
LONGEST_PAUSE = 60.0  # seconds of one pause


@dataclass
class Client:
    """One thread's client of an endpoint; `server` is what all threads know of it."""

    endpoint: Endpoint
    settings: Settings
    server: Capabilities = field(default_factory=Capabilities)
    sleep: Callable[[float], object] = time.sleep
    stopped: Callable[[], bool] = lambda: False  # whether nobody waits for answers any more

    def __post_init__(self) -> None:
        self._connection = Connection(self.endpoint, self.settings.chat)

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
            drawn = self._connection.choices(body)[: body.get("n", 1)]
            logprobs, seed = self.settings.logprobs, body.get("seed")
            return [completion_of(choice, stops, logprobs, seed) for choice in drawn]

        try:
            retry = Retry(self.endpoint.tries, FIRST_PAUSE, LONGEST_PAUSE, self.sleep)
            return retry.call(lambda: self._told(request))
        except RequestFailed as error:
            line = f"{self._connection.where}: {error}, {self.endpoint.tries} times"
            raise PipelineError(line) from error

    def _told(self, request: Callable[[], list[Completion]]) -> list[Completion]:
        """What a request returns; its first failure of the run is told, for pauses may be long."""
        try:
            return request()
        except RequestFailed as failure:
            if failure.again and self.endpoint.tries > 1:
                line = f"{failure}; trying again, up to {self.endpoint.tries} times"
                self.server.messages.add("retry", line)
            raise
