"""The messages of a sandbox, read as hostile data: outcomes of calls, and how a run ended."""

import contextlib
import signal
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from transforms.lib.sandbox.codec import NotData, decode
from transforms.lib.sandbox.limits import CPU_LIMIT_EXITS, LIMIT_NAMES, Limits
from transforms.lib.sandbox.outcomes import Ending, MarkCounts, Opaque, Outcome, Raised, Returned
from transforms.lib.sandbox.server_process import RunReport

MOST_COUNT_CHARACTERS = 64  # of the five counts of marked tests, with the blanks between them


def read_message(body: bytes) -> tuple[Any, ...]:
    """A message as a tuple whose first part names its kind; ("opaque", reason) if it is none."""
    try:
        parts = decode(body)
    except NotData as error:
        return "opaque", str(error)
    return parts if type(parts) is tuple and parts else ("opaque", "no result")


def read_outcome(parts: tuple[Any, ...]) -> Outcome:
    """The outcome in a message; Opaque if it has not the form that `inside/program.py` writes."""
    match parts:
        case ("returned", value, arguments):
            return Returned(value, arguments)
        case ("raised", str(kind), str(text), str(limit)):
            return Raised(kind, text, limit if limit in LIMIT_NAMES else None)
        case ("opaque", str(reason)):
            return Opaque(reason)
    return Opaque("no result")


def read_tests(body: bytes) -> MarkCounts | None:
    """The counts that `inside/marked_tests.py` wrote; None if there are none.

    A check's text is foreign, too, and may have written anything in their place.
    """
    with contextlib.suppress(NotData, TypeError, ValueError):
        text = decode(body)
        if type(text) is not str or "-" in text or len(text) > MOST_COUNT_CHARACTERS:
            return None
        begun, passed, failed, decided, whole = map(int, text.split())
        first_failed = failed - 1 if failed else None
        return MarkCounts(begun, passed, first_failed, decided == 1, whole == 1)
    return None


def ending_of(tier: str, report: RunReport | None, sizes: Sequence[int], limits: Limits) -> Ending:
    """How a run ended, and which limit was hit; without a report the sandbox was lost.

    `sizes` are those of the run's results and outputs, in bytes.
    """
    if report is None:
        return Ending(tier, exit_code=None)
    codes = [code for code, _ in report.ends]
    limit = report.hit or None
    if not limit and limits.cpu % 1 and max(s for _, s in report.ends) > limits.cpu:
        limit = "cpu"  # the kernel's own limit is of whole seconds
    # A fork server says it by itself. Of other tiers a process that used its time was ended for it.
    if not limit and any(c in CPU_LIMIT_EXITS and s >= limits.cpu for c, s in report.ends):
        limit = "cpu"
    if max(sizes) > limits.output:
        limit = "output"
    if not limit and codes[0] == -signal.SIGXFSZ:
        limit = "file_size"
    return Ending(tier, limit, codes[0], sum(cpu for _, cpu in report.ends), report.seconds)


def with_raised_limit(ending: Ending, *outcomes: Outcome | None) -> Ending:
    """The ending with the limit that an exception stands for, if no limit was hit otherwise."""
    limits = [each.limit for each in outcomes if isinstance(each, Raised) and each.limit]
    return replace(ending, limit=ending.limit or next(iter(limits), None))
