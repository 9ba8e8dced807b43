"""Why a project is not green: the first cause, from a closed list, and the line that shows it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_CHARACTERS = 300  # of the line
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# Of the log of an installation, the first that is found.
OF_BUILDS = (
    ("no_interpreter", r"No interpreter found|broken interpreter|not find .*interpreter"),
    ("no_solution", r"No solution found|unsatisfiable|not found in the package registry"),
    ("no_solution", r"has no (usable|compatible) .*|no versions of|Because .*"),
    ("build_fails", r"Failed to build .*|build backend returned an error|Failed to download .*"),
    ("build_fails", r"Call to `.*` failed.*"),
    (
        "bad_requirement",
        r"Couldn't parse requirement.*|Failed to parse.*|invalid .*|File not found",
    ),
)
# Of the log of tests, the first that is found; what stands first explains what stands below.
OF_TESTS = (
    ("wants_terminal", r".*(termios\.error|Inappropriate ioctl for device|not a tty).*"),
    ("wants_terminal", r".*redirected stdin is pseudofile.*"),
    (
        "wants_input",
        r".*(EOFError: EOF when reading|reading from stdin while output is captured).*",
    ),
    ("system_library", r".*(cannot open shared object|[Ll]ibrary not found|OSError: .*lib\w+).*"),
    ("missing_module", r".*No module named '?([\w.]+)'?.*"),
    ("old_python", r".*cannot import name .* from '?(collections|typing|inspect|fractions)\b.*"),
    ("old_python", r".*AttributeError: module '(collections|inspect|ast|time|unittest)'.*"),
    ("old_python", r".*AttributeError: '\w+' object has no attribute 'assert\w+'.*"),
    ("import_error", r".*ImportError: .*"),
    ("syntax_error", r".*SyntaxError: .*"),
    ("network", r".*(Temporary failure in name resolution|Network is unreachable|URLError).*"),
    ("network", r".*(Max retries exceeded|ConnectionError|Name or service not known).*"),
    ("wrong_options", r".*(error: unrecognized arguments|usage: .*error|unknown option).*"),
    ("test_tool_fails", r".*(INTERNALERROR|PluginValidationError|UsageError|pluggy).*"),
    ("missing_program", r".*(command not found|No such file or directory: '[\w-]+').*"),
)
# All causes: those of logs, and what the runs themselves tell.
CAUSES = tuple(
    dict.fromkeys(
        [
            *(cause for cause, _ in OF_BUILDS),
            *("install_fails", "timeout", "output", "sandbox"),
            *(cause for cause, _ in OF_TESTS),
            *("no_tests", "tests_fail", "not_stable", "command_fails", "no_recipe"),
            *("tracer_changes_tests",),
        ]
    )
)
# Causes that another interpreter or index will not mend: another recipe may.
OF_RECIPES = ("no_tests", "missing_program", "wrong_options", "timeout")
SUMMARY = re.compile(r"^Ran [1-9]\d* tests? |[1-9]\d* (tests )?passed|^OK\b", re.MULTILINE)
NOTHING_COLLECTED = 5  # exit code of pytest


@dataclass(frozen=True)
class Cause:
    """A cause by its name, and the line of a log that shows it."""

    name: str
    line: str = ""


def of_build(result: Mapping[str, Any]) -> Cause | None:
    """Why an environment was not made; None if it was."""
    failed = result.get("failed")
    if failed is None:
        return None
    last = _last(result.get("steps"))
    if last.get("limit") == "wall":
        return Cause("timeout", f"{failed}: over its time")
    found = _first(OF_BUILDS, str(result.get("log", "")))
    return found or Cause("install_fails", _end(str(result.get("log", ""))))


def of_run(run: Mapping[str, Any]) -> Cause | None:
    """Why a run of the tests is not green; None if it is."""
    commands, tests, log = run["commands"], run["tests"], ANSI.sub("", str(run["log"]))
    if any(command["limit"] for command in commands):
        limit = next(command["limit"] for command in commands if command["limit"])
        return Cause("timeout" if limit == "wall" else limit, _end(log))
    codes = [command["exit"] for command in commands]
    failed = sorted(name for name, outcome in tests.items() if outcome == "failed")
    if not failed and not any(codes):
        ran = "passed" in tests.values() or SUMMARY.search(log)
        return None if ran else Cause("no_tests", _end(log))
    if not failed and NOTHING_COLLECTED in codes and "passed" not in tests.values():
        return _first(OF_TESTS[:5], log) or Cause("no_tests", _end(log))
    if 127 in codes:
        return Cause("missing_program", _end(log))
    if failed and "passed" in tests.values():
        shown = _first(OF_TESTS, log)
        return Cause("tests_fail", f"{failed[0]}; {shown.line}" if shown else failed[0])
    return _first(OF_TESTS, log) or Cause("tests_fail" if failed else "command_fails", _end(log))


def missing_modules(log: str) -> list[str]:
    """The modules that could not be imported, each once, in order."""
    found = re.findall(r"No module named '?([A-Za-z_][\w.]*)'?", log)
    return list(dict.fromkeys(found))


def _last(steps: Any) -> Mapping[str, Any]:
    return steps[-1] if isinstance(steps, list) and steps else {}


def _first(patterns: Sequence[tuple[str, str]], log: str) -> Cause | None:
    """The first pattern that a log has, and its line."""
    for name, pattern in patterns:
        if match := re.search(pattern, log):
            return Cause(name, _shown(match[0]))
    return None


def _end(log: str) -> str:
    return _shown(next(_lines_from_end(log), ""))


def _lines_from_end(log: str) -> Iterator[str]:
    yield from (line for line in reversed(log.splitlines()) if line.strip(" =-_.*"))


def _shown(line: str) -> str:
    return " ".join(line.split())[:MOST_CHARACTERS]
