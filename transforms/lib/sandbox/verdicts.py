"""The ending of a run as the columns of a verdict."""

from typing import Any

from transforms.lib.sandbox.outcomes import Ending

WHY = 500  # characters of it that are kept
TIMES = ("wall", "cpu")


def run_columns(ending: Ending, passed: bool, why: str) -> dict[str, Any]:
    """What a verdict tells of a run: the columns RUN of its schema."""
    return {
        "outcome": outcome(ending, passed),
        "why": None if passed else storable(why or str(ending)),
        "limit_hit": ending.limit,
        "tier": ending.tier,
        "cpu": ending.cpu,
        "seconds": ending.seconds,
    }


def outcome(ending: Ending, passed: bool) -> str:
    """In a word."""
    if passed:
        return "passed"
    if ending.limit:
        return "timed_out" if ending.limit in TIMES else "limit"
    return "lost" if ending.exit_code is None else "failed"


def storable(text: str) -> str:
    """A text that UTF-8 can hold, no longer than it need be."""
    return text[:WHY].encode("utf-8", "backslashreplace").decode()
