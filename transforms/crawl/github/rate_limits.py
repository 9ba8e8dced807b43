"""The rate limits of GitHub's REST interface, for one worker of several and one token.

Workers do not talk with each other: each of `slots` workers keeps within its share of every limit,
so that all together keep within the whole. What the server says of a limit is obeyed on top.
Numbers are those of GitHub's documentation, "Rate limits for the REST API".
"""

import math
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from transforms.lib.network.retry import http_date, retry_after

HOUR, MINUTE = 3600.0, 60.0
# Requests with and without a token, and the seconds in which so many are allowed.
PRIMARY = {
    "core": (5000, 60, HOUR),
    "search": (30, 10, MINUTE),
    "code_search": (10, 0, MINUTE),
    "graphql": (5000, 0, HOUR),
}
ALL = "all"  # resources: what a secondary limit closes
FREE_IF_UNCHANGED = {"core"}  # where an answer 304 to a request with a token is not counted
POINTS = 900  # a minute; a request that only reads is one point
MOST_WORKERS = 100  # requests at the same time; a worker has one
SLACK = 1.0  # seconds that a window is longer here: requests do not take equally long to arrive
SECONDARY_WAIT = 60.0  # seconds if the server names no time, doubled each time
MOST_STRIKES = 6
LONGEST_WAIT = 86_400.0  # seconds; no limit lasts longer, whatever a server says
SECONDARY = re.compile(r"secondary rate limit|abuse detection", re.IGNORECASE)
NUMBER = re.compile(r"\d{1,12}", re.ASCII)


def resource_of(path: str) -> str:
    """The resource, with a limit of its own, that a request for a path counts against.

    >>> [resource_of(path) for path in ("/search/repositories", "/search/code", "/repos/a/b")]
    ['search', 'code_search', 'core']
    """
    if path.startswith("/search/"):
        return "code_search" if path.startswith("/search/code") else "search"
    return "graphql" if path.startswith("/graphql") else "core"


@dataclass
class Window:
    """At most `most` requests in any `seconds` seconds."""

    most: int
    seconds: float
    _times: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """The seconds until the next request is allowed; infinite if none ever is."""
        while self._times and self._times[0] <= now - self.seconds:
            self._times.popleft()
        if self.most < 1:
            return math.inf
        if len(self._times) < self.most:
            return 0.0
        return max(0.0, self._times[-self.most] + self.seconds - now)

    def take(self, now: float) -> None:
        """Count a request."""
        self._times.append(now)

    def give_back(self) -> None:
        """Count the last request no more."""
        if self._times:
            self._times.pop()


@dataclass
class TokenLimits:
    """One worker's share of the limits of one token, or of none (`token` is None).

    `closed` says until when a resource, or ALL of them, must not be asked; `refused` whether the
    server does not know the token.
    """

    token: str | None = field(repr=False)
    slots: int = 1
    closed: dict[str, float] = field(default_factory=dict)
    refused: bool = False
    _windows: dict[str, Window] = field(default_factory=dict)
    _strikes: int = 0

    def __post_init__(self) -> None:
        self._points = Window(POINTS // self.slots, MINUTE + SLACK)
        for resource, (with_token, without, seconds) in PRIMARY.items():
            most = (with_token if self.token else without) // self.slots
            self._windows[resource] = Window(most, seconds + SLACK)

    def wait(self, resource: str, now: float) -> float:
        """The seconds until a request is allowed; infinite if this worker has no share."""
        if self.refused:
            return math.inf
        closed = max(self.closed.get(name, 0.0) for name in (resource, ALL)) - now
        return max(0.0, closed, self._points.wait(now), self._windows[resource].wait(now))

    def take(self, resource: str, now: float) -> None:
        """Count a request that is about to be sent."""
        self._points.take(now)
        self._windows[resource].take(now)

    def told(
        self, resource: str, status: int, headers: Mapping[str, str], message: str, now: float
    ) -> bool:
        """Obey what a response says of limits; returns whether it was refused for one."""
        if status == 304 and self.token and resource in FREE_IF_UNCHANGED:
            self._windows[resource].give_back()
        limit, remaining = _number(headers, "Limit"), _number(headers, "Remaining")
        if limit is not None:
            window = self._windows[resource]
            window.most = min(window.most, limit // self.slots)
        wait = retry_after(headers.get("Retry-After"))
        told = wait is not None or remaining == 0 or SECONDARY.search(message)
        refused = status == 429 or (status == 403 and bool(told))
        # Others may have a request on the way: what remains is shared as the whole limit is.
        if remaining is not None and remaining < self.slots and not (refused and wait is not None):
            self.closed[resource] = now + _until_reset(headers, now)
        if not refused:
            self._strikes = 0 if status < 400 else self._strikes
            return False
        if wait is None and remaining != 0:
            wait = SECONDARY_WAIT * 2**self._strikes
            self._strikes = min(self._strikes + 1, MOST_STRIKES)
        self.closed[ALL] = max(self.closed.get(ALL, 0.0), now + min(wait or 0.0, LONGEST_WAIT))
        return True


def _number(headers: Mapping[str, str], name: str) -> int | None:
    value = headers.get(f"X-RateLimit-{name}", "")
    return int(value) if NUMBER.fullmatch(value) else None


def _until_reset(headers: Mapping[str, str], now: float) -> float:
    """The seconds until a limit is whole again, by the server's own clock if it tells its time."""
    reset = _number(headers, "Reset")
    if reset is None:
        return SECONDARY_WAIT
    date = http_date(headers.get("Date"))
    wait = reset - (date.timestamp() if date else now)
    return min(max(0.0, wait), LONGEST_WAIT) + SLACK


def as_time(seconds: float) -> str:
    """A time since 1970 as text.

    >>> as_time(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(math.ceil(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
