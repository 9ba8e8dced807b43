"""What became of a run: how it ended, what calls gave, and what of it is a verdict."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ending:
    """How the first process of a run ended, under which tier."""

    tier: str
    limit: str | None = None  # of limits.HIT, if one was hit
    exit_code: int | None = 0  # minus a signal's number; None if the sandbox itself was lost
    cpu: float = 0.0  # seconds of all processes of the run
    seconds: float = 0.0  # wall

    def __str__(self) -> str:
        """In a few words: the limit, the signal or the exit code."""
        if self.limit:
            return f"limit: {self.limit}"
        return "sandbox lost" if self.exit_code is None else f"exit {self.exit_code}"


@dataclass(frozen=True)
class Returned:
    """A call's value, and its arguments after it where they were asked for (else None)."""

    value: Any
    arguments: Any = None


@dataclass(frozen=True)
class Raised:
    """What a call raised: the type's name, the message, and the limit that it tells of."""

    type: str
    message: str
    limit: str | None = None

    def __str__(self) -> str:
        """As the last line of a traceback."""
        return f"{self.type}: {self.message}"


@dataclass(frozen=True)
class Opaque:
    """A call returned what is no data, or too much of it."""

    reason: str


Outcome = Returned | Raised | Opaque


@dataclass(frozen=True)
class Calls:
    """The outcomes of a program's calls: fewer than calls if it ended before, see `ending`.

    `failed` is what the program raised before any call could be made.
    """

    ending: Ending
    outcomes: tuple[Outcome, ...] = ()
    failed: Raised | None = None


@dataclass(frozen=True)
class Checked:
    """Whether a check passed; `why` says what it raised, or what ended it, else."""

    ending: Ending
    passed: bool
    why: str = ""


@dataclass(frozen=True)
class Printed:
    """Standard output of a program, and its exit code or what it raised."""

    ending: Ending
    stdout: str = ""
    exit_code: int | None = None
    failed: Raised | None = None


@dataclass(frozen=True)
class Finished:
    """A command's output, standard error included; its exit code is that of the ending.

    `failed` says why it could not begin: its tree could not be copied, or there is no such command.
    """

    ending: Ending
    output: bytes = b""
    failed: Outcome | None = None
