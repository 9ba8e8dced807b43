"""The rate limits of the stand-in for GitHub, kept as GitHub's documentation describes them.

A primary limit's window begins with its first request and ends at `reset`. Points of the last 60
seconds and requests at the same time are secondary limits.
"""

import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

PRIMARY = {  # with a token, without, seconds
    "core": (5000, 60, 3600),
    "search": (30, 10, 60),
    "code_search": (10, 0, 60),
    "graphql": (5000, 0, 3600),
}
POINTS, POINT_SECONDS, AT_A_TIME = 900, 60, 100


@dataclass
class Counter:
    """The window of one primary limit."""

    limit: int
    seconds: int
    used: int = 0
    reset: float = 0.0

    def take(self, now: float) -> bool:
        """Count a request; False if it is one too many."""
        if now >= self.reset:
            self.used, self.reset = 0, now + self.seconds
        if self.used >= self.limit:
            return False
        self.used += 1
        return True

    def headers(self, resource: str) -> dict[str, str]:
        """What every response says of it."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.limit - self.used),
            "X-RateLimit-Used": str(self.used),
            "X-RateLimit-Reset": str(int(self.reset)),
            "X-RateLimit-Resource": resource,
        }


@dataclass
class ServerLimits:
    """All limits of all who ask (`who`: a token, or None)."""

    counters: dict[tuple[str | None, str], Counter] = field(default_factory=dict)
    points: dict[str | None, deque] = field(default_factory=lambda: defaultdict(deque))
    at_a_time: dict[str | None, int] = field(default_factory=lambda: defaultdict(int))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def counter(self, who: str | None, resource: str) -> Counter:
        """The window of who asks."""
        with_token, without, seconds = PRIMARY[resource]
        limit = with_token if who else without
        return self.counters.setdefault((who, resource), Counter(limit, seconds))

    def exceeded(self, who: str | None, resource: str, now: float) -> str | None:
        """Count a request; which kind of limit it is above, if it is."""
        with self._lock:
            points = self.points[who]
            while points and points[0] <= now - POINT_SECONDS:
                points.popleft()
            points.append(now)
            if len(points) > POINTS or self.at_a_time[who] > AT_A_TIME:
                return "secondary"
            return None if self.counter(who, resource).take(now) else "primary"

    def give_back(self, who: str | None, resource: str) -> None:
        """An answer 304 to a request with a token costs nothing."""
        if who and resource == "core":
            self.counter(who, resource).used -= 1

    @contextmanager
    def busy(self, who: str | None) -> Iterator[None]:
        """While a request is answered."""
        with self._lock:
            self.at_a_time[who] += 1
        try:
            yield
        finally:
            with self._lock:
                self.at_a_time[who] -= 1
