"""How a sandboxed run ended, as the columns of a verdict (`schemas/verdicts.py`)."""

from typing import Any

from transforms.lib.sandbox.limits import TIME_LIMITS
from transforms.lib.sandbox.outcomes import Ending

WHY_CHARACTERS = 500  # kept of the column `why`: a message of foreign code may be of any length


def run_columns(ending: Ending, passed: bool, why: str) -> dict[str, Any]:
    """The columns of a verdict that every run has (RUN in `schemas/verdicts.py`).

    `why` says in one line what failed; where it is empty, the ending itself says it.
    """
    return {
        "outcome": verdict_outcome(ending, passed),
        "why": None if passed else storable_line(why or str(ending)),
        "limit_hit": ending.limit,
        "tier": ending.tier,
        "cpu": ending.cpu,
        "seconds": ending.seconds,
    }


def verdict_outcome(ending: Ending, passed: bool) -> str:
    """`passed`, `failed`, `timed_out`, `limit` (another limit was hit) or `lost` (the sandbox)."""
    if passed:
        return "passed"
    if ending.limit:
        return "timed_out" if ending.limit in TIME_LIMITS else "limit"
    return "lost" if ending.exit_code is None else "failed"


def storable_line(text: str) -> str:
    """The first WHY_CHARACTERS of a text; lone surrogates, which UTF-8 cannot hold, are escaped."""
    return text[:WHY_CHARACTERS].encode("utf-8", "backslashreplace").decode()
