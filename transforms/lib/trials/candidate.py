"""A problem that is to be verified, with the values of its tests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from transforms.lib.python.literals import literal
from transforms.lib.python.parsing import Rejected


class Unfit(Exception):
    """A problem that is rejected: the `reason` and the `value` of its reject."""

    def __init__(self, reason: str, value: str = "") -> None:
        super().__init__(f"{reason}: {value}")
        self.reason = reason
        self.value = value


STANDALONE = "standalone"  # the level of a problem that needs the standard library alone
PROBE_MARK = "_PROBES"  # in a harness: the answer to each test is a list of what a probe saw
# The function that is called instead of the entry point where a problem has a harness. Its
# definition comes last, so that no name of a program hides it; a program that replaces it changes
# nothing but its own answers.
HARNESS_CALL = "_quire_call"
HARNESS_CALL_TEXT = """
def {call}(*arguments):
    return call({entry}, arguments)
"""
COPIED_COLUMNS = (
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


@dataclass(frozen=True)
class Candidate:
    """A row of `contest_problems` or `ci_problems`, before verification.

    `tests` are pairs of input and output: texts of Python literals, or for a program standard
    input and standard output as they are. `level` and `environment` are those of `ci_problems`.
    """

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
    level: str = STANDALONE
    environment: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Candidate":
        """The candidate in a row of `contest_problems` or `ci_problems`."""
        copied = {name: row[name] for name in COPIED_COLUMNS}
        return cls(
            entry_point=row["entry_point"] or "",
            harness=row["harness"] or "",
            tests=[(test["input"], test["output"]) for test in row["tests"]],
            level=row.get("level") or STANDALONE,
            environment=row.get("environment"),
            **copied,
        )

    @property
    def is_program(self) -> bool:
        """Whether a solution is a program that reads standard input and writes standard output."""
        return self.kind == "stdio"

    @property
    def lent(self) -> str | None:
        """The sha256 of the zip of modules that its programs are lent; None if they need none.

        Raises Unfit if they need one and the row names none.
        """
        if self.level == STANDALONE:
            return None
        if not self.environment:
            raise Unfit("no_environment", f"{self.level}, and none is named")
        return self.environment

    @property
    def has_steps(self) -> bool:
        """Whether each test looks at a list of results: those of methods, or what a probe saw."""
        return self.kind == "design" or PROBE_MARK in self.harness

    @property
    def reference(self) -> str:
        """The text of the reference solution as a whole program."""
        return self.prompt + self.canonical_solution

    @property
    def called_name(self) -> str:
        """The name of the function that is called with the arguments of a test."""
        return HARNESS_CALL if self.harness else self.entry_point

    def with_harness(self, program: str) -> str:
        """The text of a program followed by the harness, if the problem has one."""
        if not self.harness:
            return program
        call = HARNESS_CALL_TEXT.format(call=HARNESS_CALL, entry=self.entry_point)
        return f"{program}\n\n{self.harness}\n{call}"

    @cached_property
    def arguments(self) -> list[tuple]:
        """The arguments of each test; raises Unfit if they are not a tuple of literals."""
        values = [_literal(test_input) for test_input, _ in self.tests]
        if not all(isinstance(value, tuple) for value in values):
            raise Unfit("not_literal", "arguments that are no tuple")
        return values

    @cached_property
    def expected(self) -> list[Any]:
        """The expected answer of each test; raises Unfit if one is not a literal."""
        return [output if self.is_program else _literal(output) for _, output in self.tests]


def _literal(text: str) -> Any:
    """The value of a literal, parsed within bounds, since the text of a problem may be hostile."""
    try:
        return literal(text)
    except Rejected as error:
        raise Unfit("not_literal", str(error)) from error
