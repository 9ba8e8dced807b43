"""Suspicious files, and all that libcst does, in a process that may be killed.

Parsers of C and Rust recurse: a file made for it overflows their stack, or keeps them for hours.
"""

from typing import Any

from transforms.functions.extraction import Row, extract_functions
from transforms.functions.parsing import Refused, undisturbed
from transforms.lib.killable import KillableProcess, ProcessDied, serve

CPU_SECONDS = 10  # the largest real file takes half of one
MEMORY = 1_500_000_000  # bytes of address space; the tree of the largest real file takes 100 MB

_process = KillableProcess(__name__)


def isolated_functions(text: str) -> list[Row]:
    """As extract_functions; Refused too if the process does not live through it."""
    try:
        rows, refusal = _process.ask(["functions", text], CPU_SECONDS)
    except ProcessDied as death:
        if death.took_too_long:
            raise Refused("parser_timeout", f"{CPU_SECONDS} s of CPU") from death
        raise Refused("parser_crash", str(death)) from death
    if refusal:
        raise Refused(*refusal)
    found: list[Row] = rows
    return found


def rewritten(prompt: str, indent: str, docstring: str) -> str | None:
    """As rewriting.rewritten; None too if the process does not live through it."""
    try:
        text: str | None = _process.ask(["prompt", prompt, indent, docstring], CPU_SECONDS)
    except ProcessDied:
        return None
    return text


def _answer(question: list[str]) -> Any:
    from transforms.functions import rewriting  # libcst is large: only this process has it

    kind, *given = question
    if kind == "prompt":
        return rewriting.rewritten(*given)
    try:
        with undisturbed():
            return extract_functions(given[0], rewriting.rewritten), None
    except Refused as refused:
        return None, (refused.reason, refused.value)
    except RecursionError as error:
        return None, ("too_complex", str(error))


if __name__ == "__main__":
    serve(_answer, MEMORY)
