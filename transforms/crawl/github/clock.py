"""The time that rate limits are kept by, so that a test can let an hour pass."""

import time
from typing import Protocol


class Clock(Protocol):
    """Seconds since 1970, as the servers that name a time count them, and a way to wait."""

    def now(self) -> float:
        """The time, in seconds since 1970."""

    def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> float:
        """The time, in seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Return when `seconds` have passed."""
        time.sleep(seconds)


SYSTEM_CLOCK = SystemClock()
