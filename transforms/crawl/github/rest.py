"""A client of GitHub's REST interface: bounded, within its rate limits, asking conditionally."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from transforms.crawl.github.access import Bearer, api_url, tokens
from transforms.crawl.github.clock import SYSTEM_CLOCK, Clock
from transforms.crawl.github.rate_limits import (
    MINUTE,
    SLACK,
    TokenLimits,
    Window,
    as_time,
    resource_of,
)
from transforms.crawl.github.responses import FOUND, MOVED, check, parsed, said, target
from transforms.crawl.github.spent_limits import SpentLimits
from transforms.lib.network.fetch import USER_AGENT, Politeness, decoded_body
from transforms.lib.network.page_cache import Page, PageCache
from transforms.lib.network.retry import Retry
from transforms.lib.network.transfer import (
    FetchError,
    HttpRequest,
    HttpResponse,
    Session,
    transfer,
)
from transforms.lib.skeleton.storage import Storage

JSON = "application/vnd.github+json"
API_VERSION = "2022-11-28"
MAX_JSON_BYTES = 4 << 20  # a page of 100 repositories takes less than one MiB
LONGEST_SLEEP = MINUTE + SLACK  # seconds; a longer wait is left to --resume
MAX_MOVES = 5
SERVER_FAILURES = ("timeout", "unreachable", "server_error", "truncated")

Send = Callable[[Session, HttpRequest, float], HttpResponse]


@dataclass(frozen=True)
class RestAnswer:
    """What an endpoint answered: the JSON `body`, and the `url` at which it was after all moves.

    `status` is 304 if the body is one that was kept, and the server says that it is still true.
    """

    status: int
    body: Any
    headers: Mapping[str, str]
    url: str


@dataclass
class GitHub:
    """A client for one worker; `slots` workers share the limits of each token.

    `base` is the address of the interface, and `data` where answers are kept that can be asked for
    conditionally. `keeps` says whether spent limits are kept there for later runs.
    """

    data: Storage
    slots: int = 1
    clock: Clock = SYSTEM_CLOCK
    politeness: Politeness = Politeness()
    send: Send = transfer
    longest_sleep: float = LONGEST_SLEEP
    keeps: bool = True
    _session: Session = field(default_factory=Session)
    _failures: int = 0

    def __post_init__(self) -> None:
        self.base, self._pages = api_url(), PageCache(self.data)
        found: list[str | None] = [*tokens()] or [None]
        self._spent, now = SpentLimits(self.data, self.base), self.clock.now()
        self._limits = [
            TokenLimits(token, self.slots, self._spent.get(token, now)) for token in found
        ]
        self._pace = Window(1, self.slots / self.politeness.rate)

    @property
    def token(self) -> str | None:
        """A token that the server has not refused, for git; None if there is none."""
        return next((each.token for each in self._limits if not each.refused), None)

    def get(
        self, path: str, query: Mapping[str, str] | None = None, accept: str = JSON
    ) -> RestAnswer:
        """The answer of an endpoint, such as `/repos/pallets/click`.

        Raises FetchError: gone, blocked, empty, rejected (a query that it does not take), deferred
        (a wait of more than a minute), timeout, unreachable, server_error, truncated, too_big.
        """
        url, response = self._followed(path, query, accept)
        if response.status not in (200, 304):
            raise FetchError("bad_redirect", "to something else", response.status)
        return self._answer(url, response, accept)

    def archive_url(self, path: str) -> str:
        """Where the archive of an endpoint such as `/repos/pallets/click/tarball/REF` is.

        It is got there without a token. Raises FetchError as `get` does.
        """
        _, response = self._followed(path)
        if response.status != FOUND:
            raise FetchError("server_error", "no address of an archive", response.status)
        return target(response)

    def _followed(
        self, path: str, query: Mapping[str, str] | None = None, accept: str = JSON
    ) -> tuple[str, HttpResponse]:
        """The response where a renamed repository is now, and its URL."""
        url = self.base + quote(path) + (f"?{urlencode(query)}" if query else "")
        for _ in range(MAX_MOVES + 1):
            response = self._answered(url, accept)
            if response.status not in MOVED:
                return url, response
            url = self._moved(response)
        raise FetchError("bad_redirect", f"more than {MAX_MOVES} redirects", response.status)

    def _answered(self, url: str, accept: str) -> HttpResponse:
        """The response after retries: a success, 304 or a redirect."""
        if self._failures >= self.politeness.breaker:
            count = self.politeness.breaker
            raise FetchError("deferred", f"left alone: {count} failures in a row")
        polite = self.politeness
        retry = Retry(polite.tries, polite.backoff, LONGEST_SLEEP, self.clock.sleep)
        try:
            response = retry.call(lambda: self._try(url, accept))
        except FetchError as error:
            self._failures = self._failures + 1 if error.status in SERVER_FAILURES else 0
            raise
        self._failures = 0
        return response

    def _try(self, url: str, accept: str) -> HttpResponse:
        """One response that no limit refused, with the token that may be used first."""
        resource = resource_of(url.removeprefix(self.base))
        for _ in range(len(self._limits) * self.politeness.tries):
            limits = self._ready(resource)
            response = self.send(
                self._session, self._request(url, accept, limits), self.politeness.deadline
            )
            message = said(response, MAX_JSON_BYTES, [each.token for each in self._limits])
            if response.status == 401 and limits.token:
                limits.refused = True
            elif not self._refused(limits, resource, response, message):
                check(response, message, LONGEST_SLEEP)
                return response
        raise FetchError("deferred", f"HTTP {response.status}: {message}", response.status)

    def _refused(
        self, limits: TokenLimits, resource: str, response: HttpResponse, message: str
    ) -> bool:
        """Whether a limit refused the request; what the response says of limits is obeyed."""
        before, now = dict(limits.closed), self.clock.now()
        refused = limits.told(resource, response.status, response.headers, message, now)
        news = self.keeps and limits.closed != before
        if news and max(limits.closed.values()) > now + LONGEST_SLEEP:
            self._spent.put(limits.token, limits.closed)
        return refused

    def _ready(self, resource: str) -> TokenLimits:
        """The token that may be used first, when it may be: after a minute at most."""
        now = self.clock.now()
        wait, _, limits = min(
            (each.wait(resource, now), index, each) for index, each in enumerate(self._limits)
        )
        if all(each.refused for each in self._limits):
            raise FetchError("deferred", "HTTP 401: the server does not know the token", 401)
        if wait == math.inf:
            few = f"{self.slots} workers are too many for the {resource} limit"
            raise FetchError("deferred", few + ("" if limits.token else " without a token"))
        wait = max(wait, self._pace.wait(now))
        if wait > self.longest_sleep:
            failure = FetchError("deferred", f"the {resource} limit is spent")
            failure.when = f", not before {as_time(now + wait)}"
            raise failure
        if wait:
            self.clock.sleep(wait)
        now = self.clock.now()
        self._pace.take(now)
        limits.take(resource, now)
        return limits

    def _request(self, url: str, accept: str, limits: TokenLimits) -> HttpRequest:
        kept = self._pages.get(url) if accept == JSON else None
        headers = {
            "Accept": accept,
            "Accept-Encoding": "identity",
            "User-Agent": USER_AGENT,
            "X-GitHub-Api-Version": API_VERSION,
        }
        conditions = kept.conditions if kept else {}
        auth = Bearer(limits.token)
        return HttpRequest(url, headers | conditions, MAX_JSON_BYTES, auth, errors=True)

    def _answer(self, url: str, response: HttpResponse, accept: str) -> RestAnswer:
        if response.status == 304:
            kept = self._pages.get(url)
            if kept is None:
                raise FetchError("server_error", "HTTP 304 to what was not asked for so", 304)
            return RestAnswer(304, parsed(kept.body), response.headers, url)
        text = decoded_body(response, MAX_JSON_BYTES).decode("utf-8", "replace")
        if accept != JSON:
            return RestAnswer(response.status, text, response.headers, url)
        body, headers = parsed(text), response.headers
        if resource_of(url.removeprefix(self.base)) == "core":
            page = Page(url, JSON, text, headers.get("ETag"), headers.get("Last-Modified"))
            self._pages.put(url, page)
        return RestAnswer(response.status, body, headers, url)

    def _moved(self, response: HttpResponse) -> str:
        """Where a renamed repository is now; FetchError unless it is on the same interface."""
        url = target(response)
        if not url.startswith(f"{self.base}/"):
            raise FetchError("bad_redirect", "to another server", response.status)
        return url
