"""How the result of a problem is compared with the expected one, and where that is said."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CompareRule:
    """A way to compare, with its reason.

    compare: exact, float, unordered, … (the values of the column `compare`); origin: what it
    follows from, such as statement, type or outputs; evidence: the sentence or annotation that
    says so; tolerance: the error that floats may have, relative above 1.
    """

    compare: str = "exact"
    origin: str = "default"
    evidence: str | None = None
    tolerance: float | None = None
