"""Roles that run one program: calls of its entry point, or its standard input and output.

Against forged results: there is nothing to forge. What was expected is not here, so a program
that writes into the channel of results (by frames, descriptors, `gc`, a patched `json`) can do
no more than a program that returns the same; what is not data, such as an object that equals
everything, does not leave. Against `sys.exit` and `os._exit`: a result that is not there fails.
Results are written call by call, so that what ended a program is seen to be the next one.
"""

import atexit
import errno
import gc
import os
import sys
from types import ModuleType, TracebackType
from typing import Any

from transforms.lib.sandbox.codec import NotData, decode, encode, frame, frames

# Where the server puts a process's descriptors: above all that a program opens by itself.
ORDER, RESULTS, INPUT, OUTPUT = 200, 201, 202, 203
MESSAGE = 1000  # characters of an exception's message
ERRNO_LIMITS = {errno.EAGAIN: "processes", errno.EFBIG: "file_size", errno.ENOSPC: "disk"}
NO_THREAD = "can't start new thread"


class Trial:
    """What foreign code raises within `with`, whatever it is; `error` is None if nothing."""

    error: BaseException | None = None

    def __enter__(self) -> "Trial":
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.error = error
        return True


def read_order() -> list[bytes]:
    """The messages of this process's order, which is then gone."""
    with open(ORDER, "rb") as file:
        return frames(os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0))


def report(*parts: object) -> None:
    """Write one result."""
    with open(RESULTS, "wb", closefd=False) as file:
        file.write(frame(encode(parts)))


def report_error(error: BaseException) -> None:
    """Write what was raised: its type's name, its message, and the limit that it stands for."""
    message = ""
    with Trial():  # its `__str__` is foreign too
        message = str(error)[:MESSAGE]
    report("raised", type(error).__name__, message, limit_of(error, message))


def limit_of(error: BaseException, message: str) -> str:
    """The limit that an exception tells of, or nothing."""
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, RuntimeError) and message == NO_THREAD:
        return "processes"
    return ERRNO_LIMITS.get(error.errno or 0, "") if isinstance(error, OSError) else ""


def load(source: str, name: str) -> dict[str, Any]:
    """Run a program's text as a module of this name; its namespace."""
    module = ModuleType(name)
    sys.modules[name] = module
    gc.enable()
    exec(compile(source, f"<{name}>", "exec", dont_inherit=True), module.__dict__)
    return module.__dict__


def calls() -> None:
    """One result for the program, then one for each call, as far as they come."""
    head, *arguments = read_order()
    source, entry_point, keep = decode(head)
    with Trial() as loading:
        function = eval(entry_point, load(source, "program"))
    if loading.error is not None:
        report_error(loading.error)
        return
    report("loaded")
    for values in map(decode, arguments):
        call(function, values, keep)


def call(function: Any, values: Any, keep: bool) -> None:
    """Call with a tuple or dict of arguments; report what is returned, and they after it."""
    with Trial() as trial:
        returned = function(**values) if type(values) is dict else function(*values)
    if trial.error is None:
        with trial:
            report("returned", returned, values if keep else None)
    if isinstance(trial.error, NotData):
        report("opaque", str(trial.error))
    elif trial.error is not None:
        report_error(trial.error)


def stdio() -> None:
    """A program from its first line to its last, threads and exit handlers included."""
    (head,) = read_order()
    os.dup2(INPUT, 0)
    os.dup2(OUTPUT, 1)
    sys.argv = ["program.py"]
    with Trial() as running:
        load(decode(head), "__main__")
    with Trial() as ending:
        if threading := sys.modules.get("threading"):
            for thread in threading.enumerate():
                if thread is not threading.current_thread() and not thread.daemon:
                    thread.join()
        atexit._run_exitfuncs()
        sys.stdout.flush()
    error = running.error or ending.error
    if error is None or isinstance(error, SystemExit):
        report("exited", exit_code(error))
    else:
        report_error(error)


def exit_code(error: SystemExit | None) -> int:
    """The exit code that the interpreter would give."""
    code = error.code if error else None
    return code if isinstance(code, int) else int(code is not None)
