"""How the result of a problem is compared with the expected one, and why."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """A way to compare, and why: `tolerance` of floats, `origin` and the `evidence` for it."""

    compare: str = "exact"
    origin: str = "default"
    evidence: str | None = None
    tolerance: float | None = None
