"""Whether the tests of a problem are weak: whether wrong programs pass them, by `strength`."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from transforms.lib.trials.candidate import Unfit

MIN_KILLED = 0.8  # of the mutants that are not possibly equivalent
TRIVIAL, WRONG = "trivial ", "wrong "  # how these begin among names of programs; others are mutants


@dataclass(frozen=True)
class KillFigures:
    """Of a problem's tests: mutants, how many of them fail, and trivial programs that pass.

    Mutants are those that some input tells from right, trivial programs those that are wrong.
    """

    mutants: int
    killed: int
    trivial: int
    trivial_passing: int

    @classmethod
    def of(cls, strength: Mapping[str, Any], lost: Collection[str] = ()) -> "KillFigures | None":
        """The figures in a row of `strength`; None if its programs could not be tried.

        `lost` are names of programs that only made tests which were dropped are known to fail. Each
        is taken to pass now, but for what the tests of the source fail in any case.
        """
        if strength["mutants"] is None:
            return None
        trivial = sum(name.startswith(TRIVIAL) for name in lost)
        mutants = sum(not name.startswith((TRIVIAL, WRONG)) for name in lost)
        passing = (strength["trivial_pass_after"] or 0) + trivial
        return cls(
            strength["mutants"] - (strength["equivalent"] or 0),
            max(strength["killed_before"], strength["killed_after"] - mutants),
            strength["trivial"] or 0,
            min(strength["trivial_pass_before"] or 0, passing),
        )

    @property
    def rate(self) -> float | None:
        """The share of mutants that are killed; None without any mutant."""
        return self.killed / self.mutants if self.mutants else None

    def check(self) -> None:
        """Raise Unfit if too many mutants, or any trivial program, pass all tests."""
        if self.trivial_passing:
            told = f"{self.trivial_passing} of {self.trivial} trivial programs pass"
            raise Unfit("weak_tests", told)
        if self.rate is not None and self.rate < MIN_KILLED:
            raise Unfit("weak_tests", f"{self.killed} of {self.mutants} mutants fail")
