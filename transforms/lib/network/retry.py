"""Retries of HTTP requests: which failures are tried again, how often, and after how long."""

import email.utils
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import tenacity

Result = TypeVar("Result")

# Statuses that may be another at the next try: time-outs, too many requests, a server's trouble.
RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
JITTER = 0.5, 1.5  # factors of a pause: clients that fail together must not come back together


class RequestFailed(Exception):
    """A request that got no usable answer.

    `again` says whether another try may get one, `wait` after how many seconds the server wants
    it (None if it did not say).
    """

    def __init__(self, message: str, *, again: bool = True, wait: float | None = None) -> None:
        super().__init__(message)
        self.again, self.wait = again, wait


@dataclass(frozen=True)
class Retry:
    """How often a request is tried, and how long the pauses between tries are, in seconds.

    The first pause is `backoff`; each further one is twice as long, with jitter. A pause is as long
    as the server wants, if that is longer, but never longer than `longest`.
    """

    tries: int
    backoff: float
    longest: float
    sleep: Callable[[float], object] = time.sleep

    def call(self, request: Callable[[], Result]) -> Result:
        """What `request` returns; the RequestFailed of its last try if no try succeeds."""

        def sleep(seconds: float) -> None:
            self.sleep(seconds)

        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.tries),
            wait=self._pause,
            retry=tenacity.retry_if_exception(_may_succeed),
            sleep=sleep,
            reraise=True,
        )
        return retrying(request)

    def _pause(self, state: tenacity.RetryCallState) -> float:
        failure = state.outcome and state.outcome.exception()
        wait = failure.wait or 0.0 if isinstance(failure, RequestFailed) else 0.0
        exponential = tenacity.wait_exponential(self.backoff, self.longest)
        return min(self.longest, max(wait, exponential(state) * random.uniform(*JITTER)))


def _may_succeed(error: BaseException) -> bool:
    return isinstance(error, RequestFailed) and error.again


def retry_after(value: str | None) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or a date; None if it is neither.

    >>> retry_after("120"), retry_after("Wed, 21 Oct 2015 07:28:00 GMT"), retry_after("soon")
    (120.0, 0.0, None)
    """
    value = (value or "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    until = http_date(value)
    return max(0.0, (until - datetime.now(UTC)).total_seconds()) if until else None


def http_date(value: str | None) -> datetime | None:
    """The time that a header holds; None if it is no date."""
    try:
        time = email.utils.parsedate_to_datetime(value or "")
    except (ValueError, OverflowError):  # of a zone beyond all days
        return None
    # A date without a zone is in UTC: HTTP has no other (RFC 9110, section 5.6.7).
    return time if time.tzinfo else time.replace(tzinfo=UTC)
