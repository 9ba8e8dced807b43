"""Standard input and output of a program that runs in this process."""

import io
import os
import sys
from collections.abc import Iterable
from types import CodeType, ModuleType

from transforms.strengthen.inside.step_counts import StepCounter

MAIN = "__main__"
FILE_NAMES = ("_quire_input", "_quire_output")  # in the folder that a run may write in
OUTPUT_BYTES = 1 << 20  # read of what a program printed


class StandardStreams:
    """Files that stand for standard input and output: descriptors 0 and 1, `sys.stdin` and so on.

    Real files, so that `open(0)`, `os.read` and `sys.stdin.buffer` find them, too.
    """

    def __init__(self) -> None:
        self._input, self._output = (open(name, "w+b") for name in FILE_NAMES)  # noqa: SIM115

    def run(self, codes: Iterable[CodeType], text: str, counter: StepCounter) -> str:
        """What a program prints on this input; raises what it raises, but for `exit()`."""
        self._begin(text)
        module = ModuleType(MAIN)
        sys.modules[MAIN] = module
        module.__dict__.update(counter.names())
        try:
            for code in codes:
                exec(code, module.__dict__)
        except SystemExit as end:
            if end.code not in (None, 0):
                raise
        finally:
            _join_threads()
            sys.stdout.flush()
        size = min(os.fstat(self._output.fileno()).st_size, OUTPUT_BYTES)
        return os.pread(self._output.fileno(), size, 0).decode(errors="replace")

    def _begin(self, text: str) -> None:
        for file, content in ((self._input, text), (self._output, "")):
            file.seek(0)
            file.truncate()
            file.write(content.encode("utf-8", "surrogatepass"))
            file.seek(0)
        os.dup2(self._input.fileno(), 0)
        os.dup2(self._output.fileno(), 1)
        sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False), "utf-8")  # noqa: SIM115
        sys.stdout = io.TextIOWrapper(open(1, "wb", closefd=False), "utf-8", write_through=False)  # noqa: SIM115


def _join_threads() -> None:
    """Wait for the threads that a program has started, as the interpreter would at its end."""
    if threading := sys.modules.get("threading"):
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join()
