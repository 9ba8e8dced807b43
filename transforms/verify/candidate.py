"""A problem to be verified, as its row tells it, with the values of its tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from transforms.lib.python.literals import literal
from transforms.lib.python.parsing import Rejected


class Unfit(Exception):
    """A problem that cannot be verified: `reason` from a closed list, and a `value`."""

    def __init__(self, reason: str, value: str = "") -> None:
        super().__init__(f"{reason}: {value}")
        self.reason = reason
        self.value = value


PROBES = "_PROBES"  # in a harness: each test is a list of what it sees
# Called instead of the entry point where a problem has a harness. It stands last, so that names of
# a program do not hide it; what a program does to it changes nothing but its own answers.
CALL = "_quire_call"
WRAPPED = """
def {call}(*arguments):
    return call({entry}, arguments)
"""


@dataclass(frozen=True)
class Candidate:
    """A problem before verification; tests are pairs of texts (literals, or plain for stdio)."""

    problem_id: str
    kind: str
    entry_point: str
    prompt: str
    canonical_solution: str
    solutions: Sequence[str]
    wrong_solutions: Sequence[str]
    harness: str
    tests: Sequence[tuple[str, str]]
    compare: str
    tolerance: float | None
    compare_origin: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Candidate":
        """From a row of `contest_problems`."""
        named = {name: row[name] for name in COPIED}
        return cls(
            entry_point=row["entry_point"] or "",
            harness=row["harness"] or "",
            tests=[(test["input"], test["output"]) for test in row["tests"]],
            **named,
        )

    @property
    def is_program(self) -> bool:
        """Whether it reads standard input and writes standard output."""
        return self.kind == "stdio"

    @property
    def has_steps(self) -> bool:
        """Whether a test looks at several results: of methods, or of what a probe does."""
        return self.kind == "design" or PROBES in self.harness

    @property
    def reference(self) -> str:
        """The program of the canonical solution."""
        return self.prompt + self.canonical_solution

    @property
    def called(self) -> str:
        """What is called with the arguments of a test."""
        return CALL if self.harness else self.entry_point

    def callable(self, program: str) -> str:
        """A program with what a call of it needs."""
        if not self.harness:
            return program
        wrapped = WRAPPED.format(call=CALL, entry=self.entry_point)
        return f"{program}\n\n{self.harness}\n{wrapped}"

    @cached_property
    def arguments(self) -> list[tuple]:
        """The arguments of each test; Unfit if one is no tuple of literals."""
        values = [_literal(given) for given, _ in self.tests]
        if not all(isinstance(value, tuple) for value in values):
            raise Unfit("not_literal", "arguments that are no tuple")
        return values

    @cached_property
    def expected(self) -> list[Any]:
        """What each test expects; Unfit if one is no literal."""
        return [out if self.is_program else _literal(out) for _, out in self.tests]


COPIED = (
    "problem_id",
    "kind",
    "prompt",
    "canonical_solution",
    "solutions",
    "wrong_solutions",
    "compare",
    "tolerance",
    "compare_origin",
)


def _literal(text: str) -> Any:
    """Parsed within bounds: a problem may be an enemy's."""
    try:
        return literal(text)
    except Rejected as error:
        raise Unfit("not_literal", str(error)) from error
