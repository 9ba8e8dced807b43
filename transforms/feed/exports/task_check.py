"""The check of a Harbor task: runs a problem's check(candidate) on a solution, in the container.

It is copied into each task, and so stands alone. The solution runs in a process of its own, as a
user without rights where that can be: arguments and results cross as data, and what is expected
never does. So a solution that exits, prints a verdict, returns an object that equals everything, or
looks for the tests, gains nothing. `python3 check.py SOLUTION` ends with 0 if the check passes.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import types
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

SECONDS = 60.0  # for all tests together
NOBODY = 65534
RUNNING: list["subprocess.Popen[str]"] = []  # what was started
CONTAINERS: dict[str, Callable] = {
    "list": list,
    "tuple": tuple,
    "set": set,
    "frozenset": frozenset,
    "dict": dict,
}
# How values other than containers are spelled.
SPELLED: dict[str, Callable[[str], Any]] = {
    "NoneType": lambda text: None,
    "bool": "True".__eq__,
    "int": lambda text: int(text, 16),
    "float": float,
    "complex": complex,
    "str": str,
    "bytes": bytes.fromhex,
}
CALL = "_quire_call"
HARNESS_CALL = "\n\n{harness}\n\ndef {call}(*arguments):\n    return call({entry}, arguments)\n"


def encoded(value: Any) -> list:
    """A value of built-in types as JSON; raises TypeError for any other."""
    kind = type(value)
    if kind in CONTAINERS.values():
        members = value.items() if kind is dict else value
        return [kind.__name__, [encoded(member) for member in members]]
    if kind not in (type(None), bool, int, float, complex, str, bytes):
        raise TypeError(f"no data: {kind.__name__}")
    texts: dict[type, Callable[[Any], str]] = {int: hex, str: str, bytes: bytes.hex}
    return [kind.__name__, texts.get(kind, repr)(value)]


def decoded(data: Any) -> Any:
    """The value that `encoded` spelled; raises KeyError, TypeError or ValueError for other data."""
    kind, content = data
    if kind in CONTAINERS:
        return CONTAINERS[kind](map(decoded, content))
    return SPELLED[kind](content)


def serve(program: Path, called: str) -> None:
    """Run a program, then call a function of it for each line of arguments that comes in.

    What the program itself prints goes to standard error.
    """
    requests, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    module = sys.modules["solution"] = types.ModuleType("solution")
    exec(compile(program.read_text("utf-8"), "solution.py", "exec"), vars(module))
    for line in requests:
        result = vars(module)[called](*decoded(json.loads(line)))
        print(json.dumps(encoded(result)), file=answers, flush=True)


class Remote:
    """The solution's function in a process of its own, which is started with the first call."""

    def __init__(self, folder: Path, called: str) -> None:
        self.command = [sys.executable, "-B", str(folder / "check.py"), "--serve"]
        self.command += [str(folder / "solution.py"), called]
        self.folder = folder
        self.process: subprocess.Popen[str] | None = None

    def __call__(self, *arguments: Any) -> Any:
        """The result of a call; raises AssertionError if there is none that is data."""
        if self.process is None:
            self.process = start(self.command, self.folder)
        try:
            print(json.dumps(encoded(arguments)), file=pipe(self.process.stdin), flush=True)
            return decoded(json.loads(pipe(self.process.stdout).readline()))
        except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
            raise AssertionError("the solution gave no answer") from error


def pipe(stream: IO[str] | None) -> IO[str]:
    """A pipe that was asked for."""
    assert stream
    return stream


def start(command: list[str], folder: Path) -> "subprocess.Popen[str]":
    """A process without rights, if this one has any to give up."""
    rights = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    try:
        process = launch(command, folder, rights)
    except PermissionError:  # this interpreter is in a folder that is another user's alone
        process = launch(command, folder, {})
    RUNNING.append(process)
    return process


def launch(command: list[str], folder: Path, rights: dict[str, Any]) -> "subprocess.Popen[str]":
    """A process with pipes for its standard input and output, and a session of its own."""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    options = {"cwd": folder, "encoding": "utf-8", "start_new_session": True, **pipes, **rights}
    return subprocess.Popen(command, **options)


def end(code: int) -> None:
    """End at once, with all processes that were started."""
    for process in RUNNING:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    sys.stderr.flush()
    os._exit(code)


def run_program(folder: Path) -> Callable[[str], str]:
    """What gives a program standard input and returns its standard output.

    It raises AssertionError where the program fails.
    """

    def candidate(text: str) -> str:
        process = start([sys.executable, "-B", str(folder / "solution.py")], folder)
        printed = process.communicate(text)[0]
        assert process.returncode == 0, f"exit code {process.returncode}"
        return printed

    return candidate


def prepare(folder: Path, solution: str, problem: dict[str, Any]) -> None:
    """Put what a solution's process runs into a folder that every user may read."""
    text = Path(solution).read_text("utf-8")
    if problem["harness"]:
        names = {"harness": problem["harness"], "call": CALL, "entry": problem["entry_point"]}
        text += HARNESS_CALL.format(**names)
    (folder / "solution.py").write_text(text, "utf-8")
    (folder / "check.py").write_text(Path(__file__).read_text("utf-8"), "utf-8")
    folder.chmod(0o755)
    for path in folder.iterdir():
        path.chmod(0o644)


def passes(problem: dict[str, Any], solution: str) -> bool:
    """Whether a solution passes the check of a problem; what went wrong is printed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            prepare(folder, solution, problem)
            check = vars(compiled(problem["test"]))
            if problem["kind"] == "stdio":
                check["check"](run_program(folder))
                return True
            remote = Remote(folder, CALL if problem["harness"] else problem["entry_point"])
            # The harness is a part of the solution's process: what it needs need not be data.
            check["call"] = lambda candidate, arguments: candidate(*arguments)
            check["check"](remote)
            return True
        except Exception as error:  # noqa: BLE001 - a check may raise anything
            print(f"{type(error).__name__}: {error}"[:2000], file=sys.stderr)
            return False


def compiled(text: str) -> types.ModuleType:
    """The text of a check as a module."""
    module = types.ModuleType("check")
    exec(compile(text, "check", "exec"), vars(module))
    return module


def main() -> None:
    """Serve a solution, or check one with the problem that is beside this file."""
    if sys.argv[1] == "--serve":
        serve(Path(sys.argv[2]), sys.argv[3])
        return
    here = Path(__file__).resolve().parent
    if os.geteuid() == 0:
        here.chmod(0o700)  # what is expected is nobody's to read
    problem = json.loads((here / "problem.json").read_text("utf-8"))
    clock = threading.Timer(SECONDS, end, (1,))
    clock.start()
    end(0 if passes(problem, sys.argv[1]) else 1)


if __name__ == "__main__":
    main()
