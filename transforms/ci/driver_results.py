"""What the driver says of its steps and runs, read strictly: it comes from a hostile process."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OUTCOMES = ("passed", "failed", "skipped")
MOST_TESTS, MOST_CHARACTERS = 200_000, 500  # of a run, and of a test's name


class Malformed(Exception):
    """An answer that is not of the driver's form."""


@dataclass(frozen=True)
class CommandResult:
    """A command that ended: `limit` is wall or output where it was ended, `left` what it left."""

    name: str
    way: int
    exit_code: int | None
    limit: str | None
    left: int
    cpu: float


@dataclass(frozen=True)
class RunResult:
    """A run of all test commands, with the outcomes of its tests by name."""

    commands: tuple[CommandResult, ...]
    tests: Mapping[str, str]
    log: str

    @property
    def cpu(self) -> float:
        """CPU seconds of its commands."""
        return sum(command.cpu for command in self.commands)

    def names(self, outcome: str) -> list[str]:
        """The tests of an outcome, by name."""
        return sorted(name for name, each in self.tests.items() if each == outcome)


@dataclass(frozen=True)
class BuildResult:
    """How an environment was made: `failed` is the name of the step that was not."""

    steps: tuple[CommandResult, ...]
    failed: str | None
    frozen: str
    log: str


def read_build(result: Mapping[str, Any]) -> BuildResult:
    """The answer to an order to build; raises Malformed."""
    return BuildResult(
        tuple(map(_command, _of(list, result.get("steps")))),
        _optional(str, result.get("failed")),
        _of(str, result.get("freeze")),
        _of(str, result.get("log")),
    )


def read_runs(result: Mapping[str, Any]) -> list[RunResult]:
    """The runs of an answer to an order to test; raises Malformed."""
    return [_run(_of(dict, each)) for each in _of(list, result.get("runs"))]


def _run(value: Mapping[str, Any]) -> RunResult:
    tests = _of(dict, value.get("tests"))
    known = {
        name[:MOST_CHARACTERS].encode("utf-8", "replace").decode(): outcome
        for name, outcome in list(tests.items())[:MOST_TESTS]
        if outcome in OUTCOMES
    }
    commands = tuple(map(_command, _of(list, value.get("commands"))))
    return RunResult(commands, known, _of(str, value.get("log")))


def _command(value: Any) -> CommandResult:
    fields = _of(dict, value)
    return CommandResult(
        str(fields.get("name", "")),
        _of(int, fields.get("way", 0)),
        _optional(int, fields.get("exit")),
        _optional(str, fields.get("limit")),
        _of(int, fields.get("left", 0)),
        float(_of((int, float), fields.get("cpu", 0.0))),
    )


def _of(kind: type | tuple[type, ...], value: Any) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Malformed(f"{type(value).__name__} in place of {kind}")
    return value


def _optional(kind: type, value: Any) -> Any:
    return None if value is None else _of(kind, value)
