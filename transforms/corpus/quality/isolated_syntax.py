"""Parses suspicious files in a process of its own that may be killed."""

from dataclasses import astuple

from transforms.corpus.quality.syntax import NO_PYTHON, Syntax, syntax
from transforms.lib.killable import KillableProcess, ProcessDied, serve
from transforms.lib.python.unparsable import undisturbed

CPU_SECONDS = 10  # for one file; the largest real one takes half a second
MEMORY_BYTES = 1_500_000_000  # of address space; the tree of the largest real file takes 100 MB

_process = KillableProcess(__name__)


def isolated_syntax(text: str) -> Syntax:
    """What `syntax` returns; no Python if the file kills the process."""
    try:
        return Syntax(*_process.ask(text, CPU_SECONDS))
    except ProcessDied:
        return Syntax(NO_PYTHON)


def _answer(text: str) -> tuple:
    try:
        with undisturbed():
            return astuple(syntax(text))
    except RecursionError:
        return (NO_PYTHON,)


if __name__ == "__main__":
    serve(_answer, MEMORY_BYTES)
