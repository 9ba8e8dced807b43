"""What comes back from a run: how it ended, and the outcomes of calls, checks and programs."""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Ending:
    """How the first process of a run ended, and under which tier."""

    tier: str
    limit: str | None = None  # one of LIMIT_NAMES, if a limit was hit
    exit_code: int | None = 0  # minus the number of a signal; None if the sandbox itself was lost
    cpu: float = 0.0  # seconds, of all processes of the run
    seconds: float = 0.0  # of wall time

    def after(self, earlier: "Ending") -> "Ending":
        """The ending of several runs, this being the last: with the time of all."""
        return replace(self, cpu=earlier.cpu + self.cpu, seconds=earlier.seconds + self.seconds)

    def __str__(self) -> str:
        """The limit that was hit, or the exit code: "limit: cpu", "exit 1"."""
        if self.limit:
            return f"limit: {self.limit}"
        return "sandbox lost" if self.exit_code is None else f"exit {self.exit_code}"


@dataclass(frozen=True)
class Returned:
    """The value of a call, and its arguments after the call if they were requested (else None)."""

    value: Any
    arguments: Any = None


@dataclass(frozen=True)
class Raised:
    """The exception of a call: the name of its type, its message, and the limit it stands for."""

    type: str
    message: str
    limit: str | None = None

    def __str__(self) -> str:
        """The exception as the last line of a traceback shows it."""
        return f"{self.type}: {self.message}"


@dataclass(frozen=True)
class Opaque:
    """A call that returned what is not data, or too much of it; `reason` says which."""

    reason: str


Outcome = Returned | Raised | Opaque


@dataclass(frozen=True)
class Calls:
    """The outcomes of a program's calls, in their order.

    If the program ended early, the last calls have none. `failed` is what the program raised
    while it was loaded, before any call.
    """

    ending: Ending
    outcomes: tuple[Outcome, ...] = ()
    failed: Raised | None = None


@dataclass(frozen=True)
class MarkCounts:
    """How many tests of a check began and passed, and the number of the first that failed.

    `decided`: it failed while the candidate was there, so no limit that was hit later is the cause.
    `whole`: the check ran to its end, so there are no more tests.
    """

    begun: int
    passed: int
    first_failed: int | None = None
    decided: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Checked:
    """Whether a check passed; if not, `why` says what was raised or how the run ended.

    `tests` are those that the check's text marks; None if it marks none or never began.
    """

    ending: Ending
    passed: bool
    why: str = ""
    tests: MarkCounts | None = None


@dataclass(frozen=True)
class Printed:
    """The standard output of a program, and its exit code or what it raised."""

    ending: Ending
    stdout: str = ""
    exit_code: int | None = None
    failed: Raised | None = None


@dataclass(frozen=True)
class Finished:
    """The output of a command, standard error included; its exit code is that of `ending`.

    `failed` says why it did not begin: its tree could not be copied, or no such command exists.
    """

    ending: Ending
    output: bytes = b""
    failed: Outcome | None = None
