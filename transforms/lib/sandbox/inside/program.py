"""Roles that run one program: calls of its entry point, or its standard input and output.

- Against forged results: there is nothing to forge. The expected results are not here, so a program
  that writes into the file of results (by frames, descriptors, `gc`, a patched `json`) achieves no
  more than one that returns the same. What is not data, such as an object that equals everything,
  does not leave.
- Against `sys.exit` and `os._exit`: a call without a result has failed. Results are written call by
  call, so it is known which call ended the program.
"""

import atexit
import builtins
import errno
import gc
import os
import sys
from types import ModuleType, TracebackType
from typing import Any

from transforms.lib.sandbox.codec import NotData, decode, encode, frame, frames

# The descriptors of every process, above all those that a program opens by itself.
ORDER, RESULTS, INPUT, OUTPUT = ROLE_DESCRIPTORS = (200, 201, 202, 203)
MESSAGE_CHARACTERS = 1000  # kept of the message of an exception
LIMIT_OF_ERRNO = {errno.EAGAIN: "processes", errno.EFBIG: "file_size", errno.ENOSPC: "disk"}
NO_THREAD = "can't start new thread"  # the message of CPython's RuntimeError


class Caught:
    """Catches whatever foreign code raises within `with`, SystemExit too; it is then in `error`."""

    error: BaseException | None = None

    def __enter__(self) -> "Caught":
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.error = error
        return True


def read_order() -> list[bytes]:
    """The messages of this process's order; the order is closed and cannot be read again."""
    with open(ORDER, "rb") as file:
        return frames(os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0))


def report(*parts: object) -> None:
    """Write one message into the results."""
    with open(RESULTS, "wb", closefd=False) as file:
        file.write(frame(encode(parts)))


def report_error(error: BaseException) -> None:
    """Write the name of an exception's type, its message, and the limit that it stands for."""
    message = ""
    with Caught():  # `__str__` may be foreign code too
        message = str(error)[:MESSAGE_CHARACTERS]
    report("raised", type(error).__name__, message, limit_of(error, message))


def limit_of(error: BaseException, message: str) -> str:
    """The limit that was hit where this exception is raised, or an empty text."""
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, RuntimeError) and message == NO_THREAD:
        return "processes"
    return LIMIT_OF_ERRNO.get(error.errno or 0, "") if isinstance(error, OSError) else ""


def load(source: str, name: str) -> dict[str, Any]:
    """Run the text of a program as a module of this name; returns the module's namespace."""
    module = ModuleType(name)
    sys.modules[name] = module
    gc.enable()
    exec(compile(source, f"<{name}>", "exec", dont_inherit=True), module.__dict__)
    return module.__dict__


def calls() -> None:
    """The role `calls`: one result for loading the program, then one for each call that ends."""
    head, *arguments = read_order()
    source, entry_point, keep = decode(head)
    with Caught() as loading:
        function = eval(entry_point, load(source, "program"))
    if loading.error is not None:
        report_error(loading.error)
        return
    report("loaded")
    for values in map(decode, arguments):
        call(function, values, keep)


def call(function: Any, values: Any, keep: bool) -> None:
    """Make one call and report its outcome; with `keep`, also the arguments after the call."""
    with Caught() as caught:
        returned = function(**values) if type(values) is dict else function(*values)
    if caught.error is None:
        with caught:
            report("returned", returned, values if keep else None)
    if isinstance(caught.error, NotData):
        report("opaque", str(caught.error))
    elif caught.error is not None:
        report_error(caught.error)


def stdio() -> None:
    """The role `stdio`: run a program to its end, threads and exit handlers included."""
    (head,) = read_order()
    os.dup2(INPUT, 0)
    os.dup2(OUTPUT, 1)
    sys.argv = ["program.py"]
    # Which the module `site` would define, and which programs of contests end with.
    vars(builtins).update(exit=sys.exit, quit=sys.exit)
    with Caught() as running:
        load(decode(head), "__main__")
    with Caught() as ending:
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
    """The exit code with which the interpreter would end; 0 without an exception."""
    code = error.code if error else None
    return code if isinstance(code, int) else int(code is not None)
