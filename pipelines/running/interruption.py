"""Interruptions that cannot be lost: raised again until the program has handled one."""

import signal
from typing import NoReturn

AGAIN_SECONDS = 3.0  # longer than it takes to end the workers


def listen() -> None:
    """Raise KeyboardInterrupt for Ctrl-C and SIGTERM, and again until `heard`.

    An exception that a signal raises inside a callback of a library, such as gRPC's, is lost there.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, _interrupt)


def _interrupt(*_: object) -> NoReturn:
    signal.setitimer(signal.ITIMER_REAL, AGAIN_SECONDS)
    raise KeyboardInterrupt


def heard() -> None:
    """Stop raising: the interruption has been handled."""
    signal.setitimer(signal.ITIMER_REAL, 0)
