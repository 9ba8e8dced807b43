"""Why a project is not green: the first cause, from a closed list, and the line that shows it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from transforms.ci.driver_results import BuildResult, RunResult

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
    ("old_python", r".*No module named '?(imp|distutils|asyncore|asynchat|smtpd)\b.*"),
    ("missing_module", r".*No module named '?([\w.]+)'?.*"),
    ("old_python", r".*cannot import name .* from '?(collections|typing|inspect|fractions)\b.*"),
    ("old_python", r".*AttributeError: module '(collections|inspect|ast|time|unittest)'.*"),
    ("old_python", r".*AttributeError: '\w+' object has no attribute 'assert\w+'.*"),
    ("import_error", r".*ImportError: .*"),
    ("syntax_error", r".*SyntaxError: .*"),
    ("network", r".*(Temporary failure in name resolution|Network is unreachable|URLError).*"),
    ("network", r".*(Max retries exceeded|ConnectionError|Name or service not known).*"),
    ("wrong_options", r".*(error: unrecognized arguments|usage: .*error|unknown option).*"),
    (
        "test_tool_fails",
        r".*(INTERNALERROR|PluginValidationError|UsageError|Pytest\w*Warning|pluggy\._\w+\.\w+).*",
    ),
    # A pytest that is too old for the interpreter.
    ("test_tool_fails", r".*(required field \"lineno\" missing from alias|Error: '?__spec__).*"),
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
OF_RECIPES = (
    *("no_tests", "missing_program", "wrong_options", "timeout", "output", "network"),
    *("command_fails", "sandbox", "wants_terminal"),
)
SUMMARY = re.compile(r"^Ran [1-9]\d* tests? |[1-9]\d* (tests )?passed|^OK\b", re.MULTILINE)
NOTHING_COLLECTED, NOT_FOUND = 5, 127  # exit codes: of pytest, and of a shell


@dataclass(frozen=True)
class Cause:
    """A cause by its name, and the line of a log that shows it."""

    name: str
    line: str = ""


def of_build(built: BuildResult) -> Cause | None:
    """Why an environment was not made; None if it was."""
    if built.failed is None:
        return None
    if built.steps and built.steps[-1].limit == "wall":
        return Cause("timeout", f"{built.failed}: over its time")
    return _first(OF_BUILDS, built.log) or Cause("install_fails", _end(built.log))


def of_run(run: RunResult) -> Cause | None:
    """Why a run of the tests is not green; None if it is."""
    log = ANSI.sub("", run.log)
    limit = next((command.limit for command in run.commands if command.limit), None)
    if limit:
        return Cause("timeout" if limit == "wall" else "output", _end(log))
    codes = [command.exit_code for command in run.commands]
    passed, failed = run.names("passed"), run.names("failed")
    if not failed and not any(codes):
        return None if passed or SUMMARY.search(log) else Cause("no_tests", _end(log))
    shown = _first(OF_TESTS, log)
    if failed and passed:
        return Cause("tests_fail", f"{failed[0]}; {shown.line}" if shown else failed[0])
    if not failed and not passed and NOTHING_COLLECTED in codes:
        return shown or Cause("no_tests", _end(log))
    if NOT_FOUND in codes:
        return Cause("missing_program", _end(log))
    return shown or Cause("tests_fail" if failed else "command_fails", _end(log))


def missing_modules(log: str) -> list[str]:
    """The modules that could not be imported, each once, in order."""
    found = re.findall(r"No module named '?([A-Za-z_][\w.]*)'?", log)
    return list(dict.fromkeys(found))


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
