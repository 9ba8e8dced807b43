"""What a sandbox sent back, read as what an enemy wrote: outcomes of calls, and the ending."""

import signal
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from transforms.lib.sandbox.codec import NotData, decode
from transforms.lib.sandbox.harness import Report
from transforms.lib.sandbox.limits import HIT, Limits
from transforms.lib.sandbox.outcomes import Ending, Opaque, Outcome, Raised, Returned

CPU_SLACK = 0.5  # seconds by which the kernel's count of CPU may be off when it ends a process
KILLED = (-signal.SIGKILL, -signal.SIGXCPU)


def message(body: bytes) -> tuple[Any, ...]:
    """A result as a tuple, the first part of which says what it is; an opaque one if it is none."""
    try:
        parts = decode(body)
    except NotData as error:
        return "opaque", str(error)
    return parts if type(parts) is tuple and parts else ("opaque", "no result")


def outcome(parts: tuple[Any, ...]) -> Outcome:
    """What a call gave, if the message is of the form that the harness would have written."""
    match parts:
        case ("returned", value, arguments):
            return Returned(value, arguments)
        case ("raised", str(kind), str(text), str(limit)):
            return Raised(kind, text, limit if limit in HIT else None)
        case ("opaque", str(reason)):
            return Opaque(reason)
    return Opaque("no result")


def ending(tier: str, report: Report | None, sizes: Sequence[int], limits: Limits) -> Ending:
    """How a run ended: which limit, if one did; `sizes` are those of its outputs, in bytes."""
    if report is None:
        return Ending(tier, exit_code=None)
    codes = [code for code, _ in report.ends]
    limit = report.hit or None
    if not limit and any(c in KILLED and s >= limits.cpu - CPU_SLACK for c, s in report.ends):
        limit = "cpu"
    if max(sizes) > limits.output:
        limit = "output"
    if not limit and codes[0] == -signal.SIGXFSZ:
        limit = "file_size"
    return Ending(tier, limit, codes[0], sum(cpu for _, cpu in report.ends), report.seconds)


def told(ending: Ending, *outcomes: Outcome | None) -> Ending:
    """The ending with the limit that an exception tells of, if no other was hit."""
    limits = [each.limit for each in outcomes if isinstance(each, Raised) and each.limit]
    return replace(ending, limit=ending.limit or next(iter(limits), None))
