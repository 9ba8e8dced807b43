"""Parses suspicious files, and asks libcst, in a process of its own that may be killed.

The parsers in C and Rust recurse: a file made for that overflows their stack or takes them hours.
"""

from typing import Any

from transforms.functions.extraction import Row, extract_functions
from transforms.lib.killable import KillableProcess, ProcessDied, serve
from transforms.lib.python.parsing import Rejected
from transforms.lib.python.unparsable import undisturbed

CPU_SECONDS = 10  # for one file; the largest real one takes half a second
MEMORY_BYTES = 1_500_000_000  # of address space; the tree of the largest real file takes 100 MB

_process = KillableProcess(__name__)


def isolated_functions(text: str) -> list[Row]:
    """What `extract_functions` returns. Raises Rejected also if the file kills the process."""
    try:
        rows, refusal = _process.ask(["functions", text], CPU_SECONDS)
    except ProcessDied as death:
        if death.took_too_long:
            raise Rejected("parser_timeout", f"{CPU_SECONDS} s of CPU") from death
        raise Rejected("parser_crash", str(death)) from death
    if refusal:
        raise Rejected(*refusal)
    functions: list[Row] = rows
    return functions


def is_newer_python(text: str) -> bool:
    """Whether libcst takes a file that Python refuses; false also if it kills the process."""
    try:
        return bool(_process.ask(["grammar", text], CPU_SECONDS))
    except ProcessDied:
        return False


def _answer(request: list[str]) -> Any:
    """The answer to a request of the two functions above; runs in the process of its own."""
    kind, text = request
    if kind == "grammar":
        return _libcst_takes(text)
    try:
        with undisturbed():
            return extract_functions(text), None
    except Rejected as rejected:
        return None, (rejected.reason, rejected.value)
    except RecursionError as error:
        return None, ("too_complex", str(error))


def _libcst_takes(text: str) -> bool:
    """Whether a file is in libcst's grammar, which is that of the newest Python."""
    import libcst  # large: only this process loads it, where a file needs it

    try:
        libcst.parse_module(text)
    except libcst.ParserSyntaxError:
        return False
    return True


if __name__ == "__main__":
    serve(_answer, MEMORY_BYTES)
